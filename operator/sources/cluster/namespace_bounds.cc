// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/cluster/namespace_bounds.h"

#include <algorithm>

namespace plimsoll::cluster {
namespace {

template <class T, class Pick>
void Tighten(std::optional<T>& bound, const std::optional<T>& other, Pick pick) {
  if (other) bound = bound ? pick(*bound, *other) : *other;
}

constexpr std::int64_t kMiB = 1LL << 20;

// The kernel keeps limits in pages: what is divided is never left between two.
Bytes DownToMiB(double amount) { return Bytes(Bytes::FromDouble(amount).count() / kMiB * kMiB); }
Bytes UpToMiB(double amount) { return DownToMiB(amount + static_cast<double>(kMiB - 1)); }

std::optional<Bytes> PartOf(const std::optional<Bytes>& bound, Ratio part, Bytes whole(double)) {
  if (!bound || part == Ratio(1)) return bound;
  return whole(bound->AsDouble() * part.value());
}

// Of what is left. Who asks for nothing yet may have all of it.
double PartOfRest(const Part& part) {
  if (part.requests <= Bytes(0) || part.all_requests <= part.requests) return 1;
  return part.requests.AsDouble() / part.all_requests.AsDouble();
}

}  // namespace

void ApplyLimitRange(model::Constraints& constraints, const kube::LimitRange& range,
                     const Part& part) {
  const auto lower = [](auto a, auto b) { return std::min(a, b); };
  const auto higher = [](auto a, auto b) { return std::max(a, b); };
  for (const kube::LimitRangeItem& item : range.items) {
    const bool of_pod = item.type == kube::LimitType::kPod && part.of_pod_limit;
    if (item.type != kube::LimitType::kContainer && !of_pod) continue;
    const Ratio share = of_pod ? *part.of_pod_limit : Ratio(1);
    Tighten(constraints.limit_range_min, PartOf(item.min, share, UpToMiB), higher);
    Tighten(constraints.limit_range_max, PartOf(item.max, share, DownToMiB), lower);
    Tighten(constraints.limit_range_max_ratio, item.max_limit_request_ratio, lower);
  }
}

void ApplyQuota(model::Constraints& constraints, const kube::ResourceQuota& quota,
                const Part& part) {
  if (quota.scoped || !quota.hard_requests || !quota.used_requests) return;
  const Bytes left = std::max(Bytes(0), *quota.hard_requests - *quota.used_requests);
  const double all = part.requests.AsDouble() + left.AsDouble() * PartOfRest(part);
  const auto pods = static_cast<double>(std::max<std::size_t>(1, part.pods));
  Tighten(constraints.quota_share, std::optional(DownToMiB(all / pods)),
          [](Bytes a, Bytes b) { return std::min(a, b); });
}

}  // namespace plimsoll::cluster
