// SPDX-License-Identifier: Apache-2.0
//
// /healthz, /readyz, /agentz and where they are served.
#include "operator/cmd/operator.h"

namespace plimsoll::cmd {
namespace {

// Bookmarks come about every minute: beyond this the copies are not the cluster any more.
constexpr Duration kStaleWatch = std::chrono::minutes(5);

web::Answer AnswerOf(const web::Health& health) {
  return {.status = health.fine ? 200 : 503, .body = health.text};
}

}  // namespace

Result<std::unique_ptr<web::Listener>> Operator::Serve() const {
  return web::Listener::Start(options_.metrics_address, options_.metrics_port,
                              {{"/metrics",
                                [this] {
                                  return web::Answer{.content_type = "text/plain; version=0.0.4",
                                                     .body = Metrics()};
                                }},
                               {"/healthz", [this] { return AnswerOf(web::Ask(HealthChecks())); }},
                               {"/readyz", [this] { return AnswerOf(web::Ask(ReadyChecks())); }},
                               {"/agentz", [this] { return AnswerOf(web::Ask(AgentChecks())); }}});
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
  std::vector<web::Check> checks{
      {"pods and their owners", [this] { return discovery_.SyncProblem(); }},
      {"nodes and limits", [this] { return limits_.SyncProblem(); }},
      {"namespaces and policies", [this] { return policies_.SyncProblem(); }},
      {"recommendations", [this] { return recommendations_.SyncProblem(); }}};
  checks.push_back({"server", [this] {
                      return server_.version() ? std::string() : "its version is not known yet";
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

std::vector<web::Check> Operator::AgentChecks() const {
  return {{"agents", [this] {
             if (!options_.agents) return std::string("none is asked: --agents=false");
             if (!Leading() || !loaded_) return std::string("another replica leads and hears them");
             return agents::Silent(agents_.Links());
           }}};
}

}  // namespace plimsoll::cmd
