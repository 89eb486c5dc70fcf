// SPDX-License-Identifier: Apache-2.0
//
// The operator put together: clients, informers, fleet, controllers, streams, HTTP, and the lease
// that decides who acts. Every replica knows the cluster; only the leader streams, advises and
// patches.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "operator/cmd/agent_links.h"
#include "operator/cmd/clients.h"
#include "operator/cmd/policy_book.h"
#include "operator/cmd/policy_statuses.h"
#include "operator/config/log.h"
#include "operator/config/options.h"
#include "operator/controllers/autopatch/autopatch.h"
#include "operator/controllers/autopatch/guard.h"
#include "operator/controllers/certificates/certificate_controller.h"
#include "operator/controllers/checkpoint/checkpoint.h"
#include "operator/controllers/discovery/discovery.h"
#include "operator/controllers/heartbeat.h"
#include "operator/controllers/recommendation/recommendation.h"
#include "operator/fleet/fleet.h"
#include "operator/web/health.h"
#include "operator/web/listener.h"
#include "operator/web/metric_page.h"

namespace plimsoll::cmd {

class Operator {
 public:
  // Errors: kInvalid for a configuration that cannot work.
  [[nodiscard]] static Result<std::unique_ptr<Operator>> Create(config::Options options,
                                                                const Log& log);
  ~Operator();

  // Serves until `stop`, or until the lease is lost (an error: the process must end).
  [[nodiscard]] Status Run(std::stop_token stop);

  // Whether this process still works (ReadyChecks: whether it knows the cluster).
  [[nodiscard]] std::vector<web::Check> HealthChecks() const;
  [[nodiscard]] std::vector<web::Check> ReadyChecks() const;
  // Whether it hears every agent. No reason to be unready: another replica would hear no more.
  [[nodiscard]] std::vector<web::Check> AgentChecks() const;
  [[nodiscard]] std::string Metrics() const;

 private:
  Operator(config::Options options, const Log& log, std::string identity, Clients clients,
           std::shared_ptr<RequestCounts> counts);

  // /metrics, /healthz, /readyz and /agentz.
  [[nodiscard]] Result<std::unique_ptr<web::Listener>> Serve() const;
  // What the leader does, from taking over to the end.
  void Lead(std::stop_token stop);
  void StartLeading();
  void StopLeading();
  void RunHousekeeping(std::stop_token stop);
  void RenewCertificates(std::stop_token stop);
  void RefreshVersion(std::stop_token stop);
  [[nodiscard]] recommendation::GuardState GuardNow() const;
  [[nodiscard]] bool Leading() const;
  void EnqueueNamespace(const std::string& ns);
  void ForgetNamespace(const std::string& ns);
  [[nodiscard]] Result<std::shared_ptr<grpc::ChannelCredentials>> AgentCredentials() const;

  const config::Options options_;
  const Log& log_;
  const std::string identity_;
  std::shared_ptr<RequestCounts> request_counts_;
  Clients clients_;
  controllers::Heartbeats heartbeats_;
  fleet::Fleet fleet_;
  kube::EventRecorder events_;
  autopatch::PatchPace pace_;
  autopatch::ServerAbility server_;
  discovery::Discovery discovery_;
  cluster::ClusterLimits limits_;
  PolicyBook policies_;
  PolicyStatuses policy_statuses_;
  certificates::CertificateController certificates_;
  autopatch::Guard guard_;
  AgentLinks agents_;
  recommendation::Recommendations recommendations_;
  autopatch::Autopatch autopatch_;
  checkpoint::Checkpoints checkpoints_;

  std::unique_ptr<Operator*> self_;
  std::atomic<bool> lost_{false};    // the lease
  std::atomic<bool> loaded_{false};  // the leader's checkpoints are in the fleet
  std::mutex leading_mutex_;         // of starting and stopping to lead
  bool draining_ = false;            // never to lead again
  std::jthread leading_;
  std::jthread farewell_;              // ends what is still on its way a while after the stop
  std::vector<std::jthread> workers_;  // of every replica
  std::vector<std::jthread> leader_workers_;  // while we lead
};

}  // namespace plimsoll::cmd
