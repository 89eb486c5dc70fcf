// SPDX-License-Identifier: Apache-2.0
//
// Wires the agents' side together: finds the agents' pods, holds streams to them while we lead,
// keeps each node's set of containers up to date and acknowledges what is stored.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "operator/config/log.h"
#include "operator/config/options.h"
#include "operator/controllers/heartbeat.h"
#include "operator/fleet/fleet.h"
#include "operator/kube/informer.h"
#include "operator/kube/work_queue.h"
#include "operator/sources/agents/agent_pool.h"
#include "operator/sources/agents/intake.h"
#include "operator/sources/agents/tune_desk.h"

namespace plimsoll::cmd {

class AgentLinks {
 public:
  using Credentials = std::function<Result<std::shared_ptr<grpc::ChannelCredentials>>()>;

  // `agent_name` is what the agents' certificates are made out to; empty: no TLS.
  AgentLinks(kube::Client& client, fleet::Fleet& fleet, agents::UrgentSink& urgent,
             const config::Options& options, const Log& log, const std::string& identity,
             Credentials credentials, std::string agent_name, controllers::Heartbeats& heartbeats);
  ~AgentLinks();

  // The informer of the agents' pods; on every replica.
  void Start();
  [[nodiscard]] bool HasSynced() const { return pods_.HasSynced(); }
  // Streams; only the leader, after the checkpoints are loaded.
  void Lead();
  // For good: what was told to apps and is not answered is given up.
  void Stop();

  // The containers of a node changed; may only enqueue.
  void EnqueueNode(const std::string& node);
  // As TuneDesk::Send.
  [[nodiscard]] Status Tune(const std::string& node, const std::string& container_id,
                            const std::vector<rollout::SettingValue>& settings,
                            agents::TuneDesk::Answered answered);

  [[nodiscard]] std::vector<agents::LinkInfo> Links() const;
  [[nodiscard]] agents::IntakeCounters counters() const { return intake_.counters(); }

 private:
  void UpdateEndpoints();
  void RunNodes(std::stop_token stop);
  void RunSettle(std::stop_token stop);

  kube::Client& client_;
  fleet::Fleet& fleet_;
  const config::Options& options_;
  Credentials credentials_;
  std::string agent_name_;
  controllers::Heartbeats& heartbeats_;
  agents::TuneDesk desk_;
  agents::Intake intake_;
  kube::Informer<kube::Pod> pods_;
  kube::WorkQueue<std::string> nodes_;
  mutable std::mutex mutex_;
  std::shared_ptr<agents::AgentPool> pool_;  // while we lead
  std::jthread node_worker_;
  std::jthread settler_;
};

}  // namespace plimsoll::cmd
