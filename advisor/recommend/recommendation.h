// SPDX-License-Identifier: Apache-2.0
//
// The answer for one container: one consistent set of numbers and why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/base/units.h"
#include "advisor/recommend/explanation.h"

namespace plimsoll::recommend {

enum class Verdict { kInsufficientData, kUnderProvisioned, kRightSized, kOverProvisioned };

// A stable UpperCamel code, documented one by one, and a sentence with the numbers in it.
struct Reason {
  std::string code;
  std::string message;
};

// How a runtime setting reaches the process.
enum class Delivery { kLive, kEnv, kAdvice };

// One runtime setting that belongs to the limit, such as GOMEMLIMIT.
struct Setting {
  std::string name;  // "GOMEMLIMIT", "GOGC"
  Delivery delivery = Delivery::kAdvice;
  std::optional<double> current{};  // bytes or a bare number, by `unit`
  double recommended = 0;
  std::string unit = "bytes";  // "bytes" or "percent"
};

struct Recommendation {
  Verdict verdict = Verdict::kInsufficientData;
  // Absent while there is no data: a number is never made up. When both are set, request <= limit.
  std::optional<Bytes> request{};
  std::optional<Bytes> limit{};
  // Before policy, LimitRange, quota and node had their say.
  std::optional<Bytes> uncapped_request{};
  std::optional<Bytes> uncapped_limit{};
  Ratio confidence{0};  // 0..1
  // What confidence is about, besides that nothing is killed: the share of the limit (of the one
  // without a guard) that may stay unused in the next seven days, 0.5 to 1 (confidence.h).
  Ratio stated_slack{0.5};
  bool guarded = false;  // which regime made the limit (DESIGN §5)
  // False while a cut would be unsafe: telemetry stale, leak suspected, pressure on.
  bool may_shrink = false;
  std::vector<Setting> settings;
  std::vector<Reason> reasons;
  Explanation explanation;
};

}  // namespace plimsoll::recommend
