// SPDX-License-Identifier: Apache-2.0
//
// The whole agent, wired: watcher, apps, report log, stream. Everything it needs comes in by
// options.
#pragma once

#include <memory>
#include <string>

#include "operator/agent/collectors/app_worker.h"
#include "operator/agent/server/agent_service.h"
#include "operator/agent/server/commands.h"
#include "operator/agent/server/report_log.h"
#include "operator/agent/server/server.h"
#include "operator/agent/watch/node_watcher.h"

namespace plimsoll::agent {

struct AgentOptions {
  std::string version;
  std::string node_name;
  WatcherOptions watcher;
  ServerOptions server;
};

class NodeAgent final : public Commands {
 public:
  // Errors: of the part that cannot start, naming the flag.
  [[nodiscard]] static Result<std::unique_ptr<NodeAgent>> Start(AgentOptions options);
  ~NodeAgent() override;

  [[nodiscard]] int port() const { return server_->port(); }
  [[nodiscard]] const std::string& instance() const { return instance_; }
  // To be called every few seconds: tells health probes whether the sampling thread comes round.
  void ReportHealth();

  void Connected() override;
  void Watch(v1::WatchSet watch) override;
  void Tune(v1::TuneCommand command) override;
  void Acknowledged() override;

 private:
  explicit NodeAgent(std::string instance) : instance_(std::move(instance)) {}

  const std::string instance_;
  ReportLog log_;
  std::unique_ptr<NodeWatcher> watcher_;
  std::unique_ptr<AppWorker> apps_;
  std::unique_ptr<AgentService> service_;
  std::unique_ptr<Server> server_;
};

}  // namespace plimsoll::agent
