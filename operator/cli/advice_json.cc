// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/advice_json.h"

#include <nlohmann/json.hpp>

#include "operator/api/text.h"

namespace plimsoll::cli {
namespace {

using Json = nlohmann::ordered_json;

Json Amount(const std::optional<Bytes>& bytes) {
  return bytes ? Json(bytes->count()) : Json(nullptr);
}

std::string_view VerdictName(recommend::Verdict verdict) {
  switch (verdict) {
    case recommend::Verdict::kInsufficientData:
      return "InsufficientData";
    case recommend::Verdict::kUnderProvisioned:
      return "UnderProvisioned";
    case recommend::Verdict::kRightSized:
      return "RightSized";
    case recommend::Verdict::kOverProvisioned:
      return "OverProvisioned";
  }
  return "InsufficientData";
}

Json Steps(const recommend::Explanation& explanation) {
  Json steps = Json::array();
  for (const auto& step : explanation.steps) {
    Json terms = Json::array();
    for (const auto& term : step.terms)
      terms.push_back({{"name", term.name}, {"value", term.value}});
    steps.push_back({{"name", step.name},
                     {"op", recommend::Name(step.op)},
                     {"terms", std::move(terms)},
                     {"result", step.result},
                     {"unit", step.unit}});
  }
  return steps;
}

}  // namespace

void AppendAdvice(const std::string& container, TimePoint now,
                  const recommend::Recommendation& advice, std::string& out) {
  Json reasons = Json::array();
  for (const auto& reason : advice.reasons) {
    reasons.push_back({{"code", reason.code}, {"message", reason.message}});
  }
  const Json line = {{"time", api::FormatTime(now)},
                     {"container", container},
                     {"request", Amount(advice.request)},
                     {"limit", Amount(advice.limit)},
                     {"verdict", VerdictName(advice.verdict)},
                     {"confidence", advice.confidence.value()},
                     {"statedSlack", advice.stated_slack.value()},
                     {"guarded", advice.guarded},
                     {"mayShrink", advice.may_shrink},
                     {"reasons", std::move(reasons)},
                     {"explanation", Steps(advice.explanation)}};
  out += line.dump(-1, ' ', false, Json::error_handler_t::replace);
  out += '\n';
}

}  // namespace plimsoll::cli
