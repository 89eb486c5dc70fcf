// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/agent_links.h"

#include <map>

#include "operator/kube/resources.h"

namespace plimsoll::cmd {
namespace {

constexpr Duration kSettleInterval = std::chrono::milliseconds(500);
// The agent gives an app up to 16 s: its word on a slow one is worth waiting for.
constexpr Duration kTuneTimeout = std::chrono::seconds(20);

kube::InformerOptions AgentPods(const config::Options& options, const Log& log) {
  kube::InformerOptions informer;
  informer.ns = options.agent_namespace;
  informer.label_selector = options.agent_selector;
  informer.on_error = [&log](const Error& error) {
    log.Warn("watch failed and is tried again",
             {{"resource", "pods of the agents"}, {"problem", error.message()}});
  };
  return informer;
}

v1::WatchSet WatchOf(const std::vector<fleet::WatchedContainer>& watched) {
  v1::WatchSet set;
  for (const fleet::WatchedContainer& container : watched) {
    v1::Container* out = set.add_containers();
    out->set_pod_uid(container.pod_uid);
    out->set_pod_name(container.pod_name);
    out->set_namespace_(container.ns);
    out->set_name(container.name);
    out->set_container_id(container.container_id);
    out->set_pod_ip(container.pod_ip);
    out->set_stats_socket(container.stats.socket);
    out->set_stats_port(container.stats.port);
    out->set_no_stats(!container.stats.problem.empty());
  }
  return set;
}

}  // namespace

AgentLinks::AgentLinks(kube::Client& client, fleet::Fleet& fleet, agents::UrgentSink& urgent,
                       const config::Options& options, const Log& log, const std::string& identity,
                       Credentials credentials, std::string agent_name,
                       controllers::Heartbeats& heartbeats)
    : client_(client),
      fleet_(fleet),
      options_(options),
      credentials_(std::move(credentials)),
      agent_name_(std::move(agent_name)),
      heartbeats_(heartbeats),
      desk_(identity),
      intake_(fleet, urgent, desk_, log),
      pods_(client, kube::PodCodec(), AgentPods(options, log)),
      nodes_(client.clock()) {
  pods_.AddHandler({.on_change = [this](const auto&, const auto&, bool) { UpdateEndpoints(); }});
}

AgentLinks::~AgentLinks() { Stop(); }

void AgentLinks::Start() { pods_.Start(); }

void AgentLinks::Lead() {
  {
    const std::lock_guard lock(mutex_);
    pool_ = std::make_shared<agents::AgentPool>(
        agents::PoolOptions{.operator_version = PLIMSOLL_VERSION,
                            .credentials = credentials_,
                            .agent_name = agent_name_},
        intake_);
  }
  UpdateEndpoints();
  node_worker_ = std::jthread([this](std::stop_token stop) { RunNodes(stop); });
  settler_ = std::jthread([this](std::stop_token stop) { RunSettle(stop); });
}

void AgentLinks::Stop() {
  pods_.Stop();
  for (std::jthread* thread : {&node_worker_, &settler_}) {
    thread->request_stop();
    if (thread->joinable()) thread->join();
  }
  std::shared_ptr<agents::AgentPool> pool;
  {
    const std::lock_guard lock(mutex_);
    pool.swap(pool_);
  }
  pool.reset();
  desk_.Close();
}

void AgentLinks::UpdateEndpoints() {
  std::shared_ptr<agents::AgentPool> pool;
  {
    const std::lock_guard lock(mutex_);
    pool = pool_;
  }
  if (!pool) return;
  std::map<std::string, std::shared_ptr<const kube::Pod>> newest;  // by node
  for (const auto& pod : pods_.List()) {
    if (pod->ip.empty() || pod->node.empty() || pod->meta.deleted) continue;
    if (pod->phase != kube::PodPhase::kRunning) continue;
    auto& chosen = newest[pod->node.str()];
    if (!chosen || chosen->meta.created < pod->meta.created) chosen = pod;
  }
  std::vector<agents::Endpoint> endpoints;
  for (const auto& [node, pod] : newest) {
    endpoints.push_back({.node = node,
                         .pod_uid = pod->meta.uid.str(),
                         .address = agents::AddressOf(pod->ip, options_.agent_port)});
    EnqueueNode(node);
  }
  pool->SetAgents(endpoints);
}

void AgentLinks::EnqueueNode(const std::string& node) { nodes_.Add(node); }

void AgentLinks::RunNodes(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("watch sets");
  while (!stop.stop_requested()) {
    pulse.Tick();
    const auto node = nodes_.Get(stop, controllers::Heartbeats::kIdle);
    if (!node) continue;
    std::shared_ptr<agents::AgentPool> pool;
    {
      const std::lock_guard lock(mutex_);
      pool = pool_;
    }
    if (pool) pool->SetWatch(*node, WatchOf(fleet_.WatchedOn(*node)));
    nodes_.Done(*node);
  }
}

void AgentLinks::RunSettle(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("acknowledgements");
  while (pulse.Sleep(client_.clock(), kSettleInterval, stop)) {
    std::shared_ptr<agents::AgentPool> pool;
    {
      const std::lock_guard lock(mutex_);
      pool = pool_;
    }
    if (pool) intake_.Settle(*pool, client_.clock().Now());
    desk_.Expire(client_.clock().Monotonic());
  }
}

Status AgentLinks::Tune(const std::string& node, const std::string& container_id,
                        const std::vector<rollout::SettingValue>& settings,
                        agents::TuneDesk::Answered answered) {
  std::shared_ptr<agents::AgentPool> pool;
  {
    const std::lock_guard lock(mutex_);
    pool = pool_;
  }
  if (!pool) return Fail(ErrorCode::kRetryable, "this replica holds no streams to agents");
  return desk_.Send(*pool, node, container_id, settings, client_.clock().Monotonic() + kTuneTimeout,
                    std::move(answered));
}

std::vector<agents::LinkInfo> AgentLinks::Links() const {
  std::shared_ptr<agents::AgentPool> pool;
  {
    const std::lock_guard lock(mutex_);
    pool = pool_;
  }
  return pool ? pool->Links() : std::vector<agents::LinkInfo>();
}

}  // namespace plimsoll::cmd
