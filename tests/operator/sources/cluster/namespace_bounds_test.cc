// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/cluster/namespace_bounds.h"

#include <doctest/doctest.h>

namespace plimsoll::cluster {
namespace {

using namespace plimsoll::literals;

kube::LimitRangeItem Item(kube::LimitType type, std::optional<Bytes> min, Bytes max) {
  kube::LimitRangeItem item;
  item.type = type;
  item.min = min;
  item.max = max;
  return item;
}

kube::LimitRange Range(const std::vector<kube::LimitRangeItem>& items) {
  kube::LimitRange range;
  range.items = items;
  return range;
}

kube::ResourceQuota Quota(std::optional<Bytes> hard, std::optional<Bytes> used,
                          bool scoped = false) {
  kube::ResourceQuota quota;
  quota.scoped = scoped;
  quota.hard_requests = hard;
  quota.used_requests = used;
  return quota;
}

TEST_CASE(
    "ApplyLimitRange: the tightest of several, and a pod's bounds where it is one container") {
  const kube::LimitRange range = Range({Item(kube::LimitType::kContainer, 16_MiB, 2_GiB),
                                        Item(kube::LimitType::kPod, 8_MiB, 1_GiB),
                                        Item(kube::LimitType::kOther, std::nullopt, 1_MiB)});
  model::Constraints alone;
  ApplyLimitRange(alone, range, /*only_container=*/true);
  CHECK(alone.limit_range_min == 16_MiB);
  CHECK(alone.limit_range_max == 1_GiB);

  model::Constraints one_of_two;
  ApplyLimitRange(one_of_two, range, /*only_container=*/false);
  CHECK(one_of_two.limit_range_max == 2_GiB);
  ApplyLimitRange(one_of_two, Range({Item(kube::LimitType::kContainer, std::nullopt, 512_MiB)}),
                  /*only_container=*/false);
  CHECK(one_of_two.limit_range_min == 16_MiB);
  CHECK(one_of_two.limit_range_max == 512_MiB);
}

TEST_CASE("ApplyQuota: what the tightest leaves, shared by the workload's pods") {
  model::Constraints constraints;
  ApplyQuota(constraints, Quota(1_GiB, std::nullopt), 1);
  ApplyQuota(constraints, Quota(1_GiB, 1_GiB, /*scoped=*/true), 1);
  CHECK_FALSE(constraints.quota_headroom);
  ApplyQuota(constraints, Quota(3_GiB, 1_GiB), 4);
  CHECK(constraints.quota_headroom == 512_MiB);
  ApplyQuota(constraints, Quota(4_GiB, 1_GiB), 4);
  CHECK(constraints.quota_headroom == 512_MiB);
  ApplyQuota(constraints, Quota(1_GiB, 1_GiB), 0);
  CHECK(constraints.quota_headroom == Bytes());
}

}  // namespace
}  // namespace plimsoll::cluster
