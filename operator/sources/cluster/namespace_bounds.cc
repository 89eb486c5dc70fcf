// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/cluster/namespace_bounds.h"

#include <algorithm>

namespace plimsoll::cluster {
namespace {

template <class T, class Pick>
void Tighten(std::optional<T>& bound, const std::optional<T>& other, Pick pick) {
  if (other) bound = bound ? pick(*bound, *other) : *other;
}

}  // namespace

void ApplyLimitRange(model::Constraints& constraints, const kube::LimitRange& range,
                     bool only_container) {
  const auto lower = [](auto a, auto b) { return std::min(a, b); };
  const auto higher = [](auto a, auto b) { return std::max(a, b); };
  for (const kube::LimitRangeItem& item : range.items) {
    const bool of_pod = item.type == kube::LimitType::kPod && only_container;
    if (item.type != kube::LimitType::kContainer && !of_pod) continue;
    Tighten(constraints.limit_range_min, item.min, higher);
    Tighten(constraints.limit_range_max, item.max, lower);
    Tighten(constraints.limit_range_max_ratio, item.max_limit_request_ratio, lower);
  }
}

void ApplyQuota(model::Constraints& constraints, const kube::ResourceQuota& quota,
                std::size_t pods) {
  if (quota.scoped || !quota.hard_requests || !quota.used_requests) return;
  const Bytes left = *quota.hard_requests - *quota.used_requests;
  const auto sharers = static_cast<std::int64_t>(std::max<std::size_t>(1, pods));
  Tighten(constraints.quota_headroom, std::optional(Bytes(left.count() / sharers)),
          [](Bytes a, Bytes b) { return std::min(a, b); });
}

}  // namespace plimsoll::cluster
