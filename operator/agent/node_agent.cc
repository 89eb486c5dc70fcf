// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/node_agent.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <random>
#include <utility>

namespace plimsoll::agent {
namespace {

std::string RandomInstance() {
  std::random_device source;
  std::uint64_t bits = source();
  bits = (bits << 32) | source();
  return fmt::format("{:016x}", bits);
}

// Eight descriptors a container, and some hundred containers: above the usual soft limit of 1024.
void RaiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<std::unique_ptr<NodeAgent>> NodeAgent::Start(AgentOptions options) {
  RaiseFileLimit();
  std::unique_ptr<NodeAgent> agent(new NodeAgent(RandomInstance()));
  Result<std::unique_ptr<NodeWatcher>> watcher = NodeWatcher::Start(options.watcher, agent->log_);
  if (!watcher) return std::unexpected(watcher.error());
  agent->watcher_ = *std::move(watcher);
  AppWorkerOptions apps_options;
  apps_options.proc_root = options.watcher.proc_root;
  Result<std::unique_ptr<AppWorker>> apps = AppWorker::Start(
      apps_options, [watch = agent->watcher_.get()] { return watch->Targets(); }, agent->log_);
  if (!apps) return std::unexpected(apps.error());
  agent->apps_ = *std::move(apps);
  agent->service_ = std::make_unique<AgentService>(
      AgentIdentity{options.version, agent->instance_, options.node_name,
                    !options.server.tls_dir.empty()},
      agent->log_, *agent);
  Result<std::unique_ptr<Server>> server = Server::Start(options.server, *agent->service_);
  if (!server) return std::unexpected(server.error());
  agent->server_ = *std::move(server);
  return agent;
}

NodeAgent::~NodeAgent() {
  if (server_) server_->Stop();
  apps_.reset();
  watcher_.reset();
}

void NodeAgent::ReportHealth() { server_->SetHealthy(watcher_->Healthy()); }

void NodeAgent::Connected() { watcher_->Greet(); }

void NodeAgent::Watch(v1::WatchSet watch) { watcher_->Watch(std::move(watch)); }

void NodeAgent::Tune(v1::TuneCommand command) { apps_->Tune(std::move(command)); }

void NodeAgent::Acknowledged() { watcher_->Remember(); }

}  // namespace plimsoll::agent
