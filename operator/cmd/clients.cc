// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/clients.h"

namespace plimsoll::cmd {

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

Result<Clients> Connect(const config::Options& options, const std::string& identity,
                        std::shared_ptr<RequestCounts> counts, std::function<void()> on_leading,
                        const Log& log) {
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
  base.ending = clients.ending.get_token();
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
    election.on_leading = std::move(on_leading);
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

}  // namespace plimsoll::cmd
