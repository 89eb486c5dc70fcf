// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/operator.h"

#include "operator/controllers/certificates/secrets.h"
#include "operator/sources/agents/tls.h"

namespace plimsoll::cmd {
namespace {

constexpr Duration kVersionRefresh = std::chrono::minutes(10);
constexpr Duration kCertificatePass = std::chrono::minutes(1);
constexpr Duration kRetry = std::chrono::seconds(2);
kube::EventRecorderOptions EventOptions(const std::string& identity) {
  kube::EventRecorderOptions options;
  options.controller = "plimsoll.dev/operator";
  options.instance = identity.substr(0, 128);
  return options;
}

agents::Pem PemOf(const certificates::Identity& identity) {
  return {
      .authority = identity.authority, .certificate = identity.certificate, .key = identity.key};
}

}  // namespace

Result<std::unique_ptr<Operator>> Operator::Create(config::Options options, const Log& log) {
  const std::string identity = kube::MakeIdentity();
  auto counts = std::make_shared<RequestCounts>();
  // The elector's callbacks need the operator, which needs the elector.
  auto self = std::make_unique<Operator*>(nullptr);
  Operator* const* address = self.get();
  auto clients = Connect(options, identity, counts, [address] { (*address)->StartLeading(); }, log);
  if (!clients) return std::unexpected(clients.error());
  std::unique_ptr<Operator> made(
      new Operator(std::move(options), log, identity, *std::move(clients), std::move(counts)));
  *self = made.get();
  made->self_ = std::move(self);
  return made;
}

Operator::Operator(config::Options options, const Log& log, std::string identity, Clients clients,
                   std::shared_ptr<RequestCounts> counts)
    : options_(std::move(options)),
      log_(log),
      identity_(std::move(identity)),
      request_counts_(std::move(counts)),
      clients_(std::move(clients)),
      heartbeats_(clients_.reader->clock()),
      events_(*clients_.writer, EventOptions(identity_)),
      pace_(options_.patches_per_second),
      server_(*clients_.reader),
      discovery_(*clients_.reader, fleet_, log_),
      limits_(*clients_.reader, log_),
      policies_(*clients_.reader, options_, log_,
                {.on_change = [this](const std::string& ns) { EnqueueNamespace(ns); },
                 .on_gone = [this](const std::string& ns) { ForgetNamespace(ns); }}),
      policy_statuses_(*clients_.writer, events_, fleet_, policies_, log_),
      certificates_(*clients_.writer, {.ns = options_.agent_namespace,
                                       .operator_secret = options_.operator_tls_secret,
                                       .agent_secret = options_.agent_tls_secret}),
      guard_(
          *clients_.guard, fleet_, events_, pace_, log_,
          [this] { return GuardNow().guardable == fleet::Guardable::kNow && loaded_; },
          heartbeats_),
      agents_(
          *clients_.reader, fleet_, guard_, options_, log_, identity_,
          [this] { return AgentCredentials(); },
          options_.operator_tls_secret.empty() ? std::string() : certificates::kAgentName,
          heartbeats_),
      recommendations_(*clients_.reader,
                       {.client = *clients_.writer,
                        .fleet = fleet_,
                        .limits = limits_,
                        .events = events_,
                        .log = log_,
                        .policy = [this](const auto& key,
                                         const auto& who) { return policies_.Resolve(key, who); },
                        .guard = [this] { return GuardNow(); }}),
      autopatch_({.client = *clients_.writer,
                  .fleet = fleet_,
                  .events = events_,
                  .pace = pace_,
                  .log = log_,
                  .server = server_,
                  .tune =
                      [this](const auto& node, const auto& container, const auto& settings,
                             auto answered) {
                        return agents_.Tune(node, container, settings, std::move(answered));
                      },
                  .store = [this](const auto& key) { return checkpoints_.Store(key); }}),
      checkpoints_(*clients_.writer, fleet_, log_) {
  fleet_.SetListeners({.on_workload =
                           [this](const model::WorkloadKey& key, fleet::Change change) {
                             recommendations_.Enqueue(key, change);
                             autopatch_.Enqueue(key, change);
                             checkpoints_.Enqueue(key, change);
                             if (change == fleet::Change::kPods) {
                               policy_statuses_.WorkloadsChanged();
                             }
                           },
                       .on_node = [this](const std::string& node) { agents_.EnqueueNode(node); }});
}

Operator::~Operator() = default;

Result<std::shared_ptr<grpc::ChannelCredentials>> Operator::AgentCredentials() const {
  if (options_.operator_tls_secret.empty()) return grpc::InsecureChannelCredentials();
  const auto identity = certificates_.identity();
  if (!identity) {
    return Fail(ErrorCode::kRetryable, "there is no certificate towards the agents yet");
  }
  return agents::MutualTls(PemOf(*identity));
}

bool Operator::Leading() const {
  return clients_.elector == nullptr || clients_.elector->IsLeader();
}

recommendation::GuardState Operator::GuardNow() const {
  if (!options_.agents) return {.problem = "there are no agents (agent.enabled=false)"};
  if (options_.max_mode != api::Mode::kAutoPatch) {
    return {.problem = "the operator's --max-mode forbids patching"};
  }
  using enum fleet::Guardable;
  if (!server_.Now()) {
    return {.guardable = kAway,
            .problem = "the API server has not told yet whether it resizes running pods"};
  }
  if (!server_.CanGrow()) return {.problem = std::string(rollout::kNoResize)};
  if (!Leading()) return {.guardable = kAway, .problem = "this replica does not lead"};
  return {.guardable = kNow, .problem = {}};
}

// Its checkpoints went with it: what is written next is made anew.
void Operator::ForgetNamespace(const std::string& ns) {
  const std::vector<model::WorkloadKey> keys = fleet_.Keys();
  fleet_.ForgetNamespace(ns);
  for (const model::WorkloadKey& key : keys) {
    if (key.ns == ns) checkpoints_.Forget(key);
  }
}

void Operator::EnqueueNamespace(const std::string& ns) {
  policy_statuses_.Changed();
  for (const model::WorkloadKey& key : fleet_.Keys()) {
    if (key.ns == ns) recommendations_.Enqueue(key, fleet::Change::kPods);
  }
}

Status Operator::Run(std::stop_token stop) {
  const auto server = Serve();
  if (!server) return std::unexpected(server.error());
  discovery_.Start();
  limits_.Start();
  policies_.Start();
  recommendations_.Start();
  if (options_.agents) agents_.Start();
  workers_.emplace_back(
      [this](std::stop_token s) { discovery_.Run(s, heartbeats_.Start("discovery")); });
  workers_.emplace_back(
      [this](std::stop_token s) { discovery_.Run(s, heartbeats_.Start("discovery")); });
  workers_.emplace_back([this](std::stop_token s) { RefreshVersion(s); });
  if (!options_.operator_tls_secret.empty()) {
    workers_.emplace_back([this](std::stop_token s) { RenewCertificates(s); });
  }

  Status ended;
  if (clients_.elector) {
    // The lease is given up only after the last write: StopLeading runs before the elector stops.
    std::stop_source lease;
    std::jthread drain([&](std::stop_token) {
      while (clients_.reader->clock().SleepFor(std::chrono::milliseconds(50), stop)) {
        if (lost_) return;
      }
      StopLeading();
      lease.request_stop();
    });
    ended = clients_.elector->Run(lease.get_token());
    lost_ = true;
  } else {
    StartLeading();
    while (clients_.reader->clock().SleepFor(std::chrono::seconds(60), stop)) {
    }
  }
  StopLeading();
  agents_.Stop();
  for (std::jthread& worker : workers_) worker.request_stop();
  workers_.clear();
  recommendations_.Stop();
  policies_.Stop();
  limits_.Stop();
  discovery_.Stop();
  return ended;
}

void Operator::RenewCertificates(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("certificates");
  Duration pause{};
  while (pulse.Sleep(clients_.reader->clock(), pause, stop)) {
    const auto changed = certificates_.Reconcile(Leading(), clients_.reader->clock().Now(), stop);
    if (!changed) {
      log_.Warn("certificates", {{"problem", changed.error().message()}});
    } else {
      for (const std::string& change : *changed) log_.Info("certificate", {{"change", change}});
    }
    pause = certificates_.identity() ? kCertificatePass : std::chrono::seconds(1);
  }
}

void Operator::RefreshVersion(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("version");
  Duration pause{};
  while (pulse.Sleep(clients_.reader->clock(), pause, stop)) {
    const bool first = !server_.Now();
    const Status asked = server_.Ask(stop);
    pause = asked ? kVersionRefresh : kRetry;
    if (!asked) {
      log_.Warn("the server's version and abilities are asked for again",
                {{"problem", asked.error().message()}});
    } else if (first) {
      log_.Info("connected", {{"server", server_.version()->git_version}});
    }
  }
}

}  // namespace plimsoll::cmd
