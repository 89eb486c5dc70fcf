// SPDX-License-Identifier: Apache-2.0
//
// Gathers what a ReportLog gives out, as a stream would.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "operator/agent/server/report_log.h"
#include "tests/operator/agent/support/wait.h"

namespace plimsoll::agent::testing {

class Reports {
 public:
  explicit Reports(ReportLog& log) : log_(log) {}

  void Drain() {
    while (std::optional<v1::Report> report = log_.Next(position_)) {
      all_.push_back(*std::move(report));
    }
  }
  [[nodiscard]] std::vector<v1::Digest> Digests(const std::string& id, bool urgent) const {
    std::vector<v1::Digest> digests;
    for (const v1::Report& report : all_) {
      if (report.has_digest() && report.digest().container_id() == id &&
          report.digest().urgent() == urgent) {
        digests.push_back(report.digest());
      }
    }
    return digests;
  }
  [[nodiscard]] std::vector<v1::Oom> Ooms() const {
    std::vector<v1::Oom> ooms;
    for (const v1::Report& report : all_) {
      if (report.has_oom()) ooms.push_back(report.oom());
    }
    return ooms;
  }
  [[nodiscard]] std::optional<v1::NodeStatus> Status() const {
    std::optional<v1::NodeStatus> last;
    for (const v1::Report& report : all_) {
      if (report.has_node()) last = report.node();
    }
    return last;
  }
  [[nodiscard]] bool Until(const std::function<bool()>& condition) {
    return Eventually([&] {
      Drain();
      return condition();
    });
  }

 private:
  ReportLog& log_;
  std::uint64_t position_ = 0;
  std::vector<v1::Report> all_;
};

}  // namespace plimsoll::agent::testing
