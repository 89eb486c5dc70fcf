// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "advisor/model/runtime_stats.h"
#include "operator/fleet/workload.h"

namespace plimsoll::testing {

using namespace plimsoll::literals;

// A Go service whose GOMEMLIMIT should be 90 % of its limit.
inline fleet::Advice GoAdvice(Bytes request, Bytes limit) {
  fleet::Advice advice{.max_allowed = 2_GiB};
  advice.recommendation.request = request;
  advice.recommendation.limit = limit;
  advice.recommendation.may_shrink = true;
  recommend::Setting setting;
  setting.name = "GOMEMLIMIT";
  setting.unit = "bytes";
  setting.recommended = (limit * Ratio(0.9)).AsDouble();
  setting.delivery = recommend::Delivery::kLive;
  advice.recommendation.settings = {setting};
  return advice;
}

inline model::RuntimeStats GoStats(TimePoint now, Bytes memory_limit) {
  model::RuntimeStats stats;
  stats.kind = model::RuntimeKind::kGo;
  stats.time = now;
  stats.accepts_tuning = true;
  stats.soft_limit = memory_limit;
  return stats;
}

}  // namespace plimsoll::testing
