// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/operator.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "operator/api/names.h"
#include "operator/controllers/certificates/secrets.h"
#include "operator/sources/agents/tls.h"
#include "operator/web/listener.h"

namespace plimsoll::cmd {
namespace {

constexpr Duration kHousekeeping = std::chrono::seconds(30);
constexpr Duration kVersionRefresh = std::chrono::minutes(10);
constexpr Duration kCertificatePass = std::chrono::minutes(1);
constexpr Duration kRetry = std::chrono::seconds(2);
// Bookmarks come about every minute: beyond this the copies are not the cluster any more.
constexpr Duration kStaleWatch = std::chrono::minutes(5);

kube::EventRecorderOptions EventOptions(const std::string& identity) {
  kube::EventRecorderOptions options;
  options.controller = "plimsoll.dev/operator";
  options.instance = identity.substr(0, 128);
  return options;
}

web::Answer AnswerOf(const web::Health& health) {
  return {.status = health.fine ? 200 : 503, .body = health.text};
}

agents::Pem PemOf(const certificates::Identity& identity) {
  return {
      .authority = identity.authority, .certificate = identity.certificate, .key = identity.key};
}

}  // namespace

void RequestCounts::Count(std::string_view method, int status) {
  const std::lock_guard lock(mutex_);
  ++counts_[{std::string(method), status}];
}

void RequestCounts::Show(web::MetricPage& page) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : counts_) {
    page.Counter("rest_client_requests_total",
                 "Number of HTTP requests, partitioned by status code and method.",
                 static_cast<double>(count),
                 {{"method", key.first},
                  {"code", key.second == 0 ? "<error>" : std::to_string(key.second)}});
  }
}

Result<Operator::Clients> Operator::Connect(const config::Options& options,
                                            const std::string& identity,
                                            std::shared_ptr<RequestCounts> counts,
                                            Operator* const* self, const Log& log) {
  kube::KubeconfigOptions where;
  where.path = options.kubeconfig;
  const auto config = kube::LoadConfig(where);
  if (!config) return std::unexpected(config.error());

  kube::ClientOptions base;
  base.user_agent = "plimsoll-operator/" PLIMSOLL_VERSION " (linux)";
  base.observer = [counts](std::string_view method, int status, Duration) {
    counts->Count(method, status);
  };
  Clients clients;
  const auto make = [&](const kube::ClientOptions& with) {
    return kube::Client::Create(*config, with);
  };

  auto reader = make(base);
  if (!reader) return std::unexpected(reader.error());
  clients.reader = *std::move(reader);
  kube::ClientOptions fenced = base;
  if (options.leader_election) {
    auto lease_client = make(base);
    if (!lease_client) return std::unexpected(lease_client.error());
    kube::LeaderElectionOptions election;
    election.ns = options.lease_namespace;
    election.name = options.lease_name;
    election.identity = identity;
    election.on_leading = [self] { (*self)->StartLeading(); };
    election.on_new_leader = [&log, identity](const std::string& leader) {
      log.Info("leader", {{"identity", leader}, {"self", leader == identity ? "true" : "false"}});
    };
    election.on_error = [&log](const Error& error) {
      log.Warn("lease", {{"problem", error.message()}});
    };
    auto elector = kube::LeaderElector::Create(*std::move(lease_client), std::move(election));
    if (!elector) return std::unexpected(elector.error());
    clients.elector = *std::move(elector);
    fenced.write_fence = clients.elector->Fence();
  }
  auto writer = make(fenced);
  if (!writer) return std::unexpected(writer.error());
  clients.writer = *std::move(writer);
  // A raise that took longer has missed its moment; the next reading asks again.
  fenced.timeout = std::chrono::seconds(2);
  fenced.max_retries = 0;
  auto guard = make(fenced);
  if (!guard) return std::unexpected(guard.error());
  clients.guard = *std::move(guard);
  return clients;
}

Result<std::unique_ptr<Operator>> Operator::Create(config::Options options, const Log& log) {
  const std::string identity = kube::MakeIdentity();
  auto counts = std::make_shared<RequestCounts>();
  // The elector's callbacks need the operator, which needs the elector.
  auto self = std::make_unique<Operator*>(nullptr);
  Operator* const* address = self.get();
  auto clients = Connect(options, identity, counts, address, log);
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
          [this] { return GuardNow().possible && loaded_; }, heartbeats_),
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
      autopatch_(
          {.client = *clients_.writer,
           .fleet = fleet_,
           .events = events_,
           .pace = pace_,
           .log = log_,
           .capability = [this] { return CapabilityNow(); },
           .tune = [this](const auto& node, const auto& container,
                          const auto& settings) { return agents_.Tune(node, container, settings); },
           .store = [this](const auto& key) { return checkpoints_.Store(key); }}),
      checkpoints_(*clients_.writer, fleet_, log_) {
  fleet_.SetListeners({.on_workload =
                           [this](const model::WorkloadKey& key, fleet::Change change) {
                             recommendations_.Enqueue(key, change);
                             autopatch_.Enqueue(key, change);
                             checkpoints_.Enqueue(key, change);
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

rollout::Capability Operator::CapabilityNow() const {
  const std::lock_guard lock(mutex_);
  if (!version_) return {};
  const auto capability =
      rollout::CapabilityOf(std::to_string(version_->major), std::to_string(version_->minor));
  return capability ? *capability : rollout::Capability{};
}

recommendation::GuardState Operator::GuardNow() const {
  if (!options_.agents) return {.problem = "there are no agents (agent.enabled=false)"};
  if (options_.max_mode != api::Mode::kAutoPatch) {
    return {.problem = "the operator's --max-mode forbids patching"};
  }
  if (!CapabilityNow().grow) {
    return {.problem = "the API server cannot resize pods in place (Kubernetes 1.33 can)"};
  }
  if (!Leading()) return {.problem = "this replica does not lead"};
  return {.possible = true, .problem = {}};
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
  auto server = web::Listener::Start(
      options_.metrics_address, options_.metrics_port,
      {{"/metrics",
        [this] {
          return web::Answer{.content_type = "text/plain; version=0.0.4", .body = Metrics()};
        }},
       {"/healthz", [this] { return AnswerOf(web::Ask(HealthChecks())); }},
       {"/readyz", [this] { return AnswerOf(web::Ask(ReadyChecks())); }}});
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

void Operator::Lead(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("taking over");
  const auto wait_for = [&](const char* what, const auto& ready) {
    for (bool told = false; !stop.stop_requested() && !ready();) {
      if (!told) log_.Info("waiting before leading", {{"for", what}});
      told = true;
      (void)pulse.Sleep(clients_.reader->clock(), std::chrono::milliseconds(100), stop);
    }
    return !stop.stop_requested();
  };
  while (!stop.stop_requested()) {
    const Status loaded = checkpoints_.Load(stop);
    if (loaded) break;
    log_.Warn("checkpoints not loaded; tried again", {{"problem", loaded.error().message()}});
    (void)pulse.Sleep(clients_.reader->clock(), kRetry, stop);
  }
  const bool ready = wait_for("the cluster's state", [&] {
    return discovery_.HasSynced() && limits_.HasSynced() && policies_.HasSynced() &&
           recommendations_.HasSynced();
  });
  if (!ready) return;
  loaded_ = true;
  const auto work = [&](auto body) { leader_workers_.emplace_back(std::move(body)); };
  for (int i = 0; i < 2; ++i) {
    work([this](std::stop_token s) {
      recommendations_.Run(s, heartbeats_.Start("recommendation"));
    });
  }
  work([this](std::stop_token s) { autopatch_.Run(s, heartbeats_.Start("autopatch")); });
  work([this](std::stop_token s) { checkpoints_.Run(s, heartbeats_.Start("checkpoint")); });
  work([this](std::stop_token s) { policy_statuses_.Run(s, heartbeats_.Start("policies")); });
  work([this](std::stop_token s) { RunHousekeeping(s); });
  if (options_.agents) agents_.Lead();
  log_.Info("leading");
}

void Operator::StartLeading() {
  const std::lock_guard lock(leading_mutex_);
  if (draining_) return;  // the lease came while we were being stopped: it is given up next
  leading_ = std::jthread([this](std::stop_token stop) { Lead(stop); });
}

// Called by whichever comes first of a lost lease and a stop, often by both at once: the second
// waits until the first is through.
void Operator::StopLeading() {
  const std::lock_guard lock(leading_mutex_);
  draining_ = true;
  leading_.request_stop();
  if (leading_.joinable()) leading_.join();
  // No more readings first, then no more steps; the last checkpoints are written before the lease
  // goes.
  agents_.Stop();
  for (std::jthread& worker : leader_workers_) worker.request_stop();
  leader_workers_.clear();
}

void Operator::RunHousekeeping(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("housekeeping");
  do {
    for (const model::WorkloadKey& key : fleet_.Sweep(clients_.reader->clock().Now())) {
      checkpoints_.Forget(key);
      log_.Info("workload forgotten a day after its last pod",
                {{"namespace", key.ns}, {"workload", key.kind + "/" + key.name}});
    }
    const int told = fleet_.TakeStatusKills(clients_.reader->clock().Now());
    if (told > 0) log_.Info("OOM kills told by pod statuses", {{"kills", std::to_string(told)}});
  } while (pulse.Sleep(clients_.reader->clock(), kHousekeeping, stop));
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
    const auto version = kube::GetServerVersion(*clients_.reader, stop);
    pause = version ? kVersionRefresh : kRetry;
    if (!version) {
      log_.Warn("the server's version is not known yet", {{"problem", version.error().message()}});
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (!version_) log_.Info("connected", {{"server", version->git_version}});
    version_ = *version;
  }
}

std::vector<web::Check> Operator::HealthChecks() const {
  return {{"loops", [this] { return heartbeats_.Problem(); }},
          {"lease", [this] {
             // The elector ends the process then; if its thread hangs, nobody does.
             return loaded_ && !Leading() ? std::string("led, and holds the lease no more")
                                          : std::string();
           }}};
}

std::vector<web::Check> Operator::ReadyChecks() const {
  const auto synced = [](const char* name, auto ready, const char* hint = "") {
    return web::Check{name, [ready, hint] {
                        return ready() ? std::string() : std::string("not read yet") + hint;
                      }};
  };
  constexpr const char* kDefinitions = "; kubectl get crd: is the group plimsoll.dev there?";
  std::vector<web::Check> checks{
      synced("pods and their owners", [this] { return discovery_.HasSynced(); }),
      synced("nodes and limits", [this] { return limits_.HasSynced(); }),
      synced(
          "namespaces and policies", [this] { return policies_.HasSynced(); }, kDefinitions),
      synced("recommendations", [this] { return recommendations_.HasSynced(); }, kDefinitions)};
  checks.push_back({"server", [this] {
                      const std::lock_guard lock(mutex_);
                      return version_ ? std::string() : "its version is not known yet";
                    }});
  checks.push_back({"watches", [this] {
                      const auto age = discovery_.LastEventAge();
                      if (!age || *age < kStaleWatch) return std::string();
                      return "silent for " + std::to_string(age->count() / 1000) + " s";
                    }});
  checks.push_back({"leadership", [this] {
                      if (lost_) return std::string("the lease was lost; this process ends");
                      if (!Leading() || loaded_) return std::string();
                      return std::string("leads, but the checkpoints are not loaded yet");
                    }});
  return checks;
}

}  // namespace plimsoll::cmd
