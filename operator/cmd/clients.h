// SPDX-License-Identifier: Apache-2.0
//
// The operator's connections to the API server: one that reads, two that write as long as we lead,
// and the lease that says so.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "operator/config/log.h"
#include "operator/config/options.h"
#include "operator/kube/client.h"
#include "operator/kube/leader_elector.h"
#include "operator/web/metric_page.h"

namespace plimsoll::cmd {

// Requests to the API server, by answer; for metrics.
class RequestCounts {
 public:
  void Count(std::string_view method, int status);
  void Show(web::MetricPage& page) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> counts_;
};

struct Clients {
  std::unique_ptr<kube::Client> reader;
  std::unique_ptr<kube::Client> writer;          // fenced
  std::unique_ptr<kube::Client> guard;           // fenced, nothing else uses it
  std::unique_ptr<kube::LeaderElector> elector;  // null: no election
  std::stop_source ending;                       // ends what has no stop of its own
};

// Nothing is sent yet. `on_leading` is called on the elector's thread; `log` must outlive the
// clients. Errors: kInvalid for a configuration that cannot work.
[[nodiscard]] Result<Clients> Connect(const config::Options& options, const std::string& identity,
                                      std::shared_ptr<RequestCounts> counts,
                                      std::function<void()> on_leading, const Log& log);

}  // namespace plimsoll::cmd
