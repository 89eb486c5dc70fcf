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

Part OfPod(std::optional<Ratio> part) { return {.of_pod_limit = part}; }

TEST_CASE(
    "ApplyLimitRange: the tightest of several, and a pod's bounds where it is one container") {
  const kube::LimitRange range = Range({Item(kube::LimitType::kContainer, 16_MiB, 2_GiB),
                                        Item(kube::LimitType::kPod, 8_MiB, 1_GiB),
                                        Item(kube::LimitType::kOther, std::nullopt, 1_MiB)});
  model::Constraints alone;
  ApplyLimitRange(alone, range, OfPod(Ratio(1)));
  CHECK(alone.limit_range_min == 16_MiB);
  CHECK(alone.limit_range_max == 1_GiB);

  model::Constraints no_limit_beside;
  ApplyLimitRange(no_limit_beside, range, OfPod(std::nullopt));
  CHECK(no_limit_beside.limit_range_max == 2_GiB);
  ApplyLimitRange(no_limit_beside,
                  Range({Item(kube::LimitType::kContainer, std::nullopt, 512_MiB)}),
                  OfPod(std::nullopt));
  CHECK(no_limit_beside.limit_range_min == 16_MiB);
  CHECK(no_limit_beside.limit_range_max == 512_MiB);
}

TEST_CASE("ApplyLimitRange: a pod's bounds are divided among its containers, all within them") {
  const kube::LimitRange range = Range({Item(kube::LimitType::kPod, 100_MiB, 1_GiB)});
  const auto bound = [&](Ratio part) {
    model::Constraints constraints;
    ApplyLimitRange(constraints, range, OfPod(part));
    return constraints;
  };
  CHECK(bound(Ratio(0.75)).limit_range_max == 768_MiB);
  CHECK(bound(Ratio(0.25)).limit_range_max == 256_MiB);
  const model::Constraints third = bound(Ratio(1.0 / 3));
  CHECK(third.limit_range_max == 341_MiB);
  CHECK(third.limit_range_min == 34_MiB);  // three of them are no less than the pod's 100
}

TEST_CASE("ApplyQuota: what the tightest leaves, shared by the workload's pods") {
  const Part four{.pods = 4, .requests = 1_GiB, .all_requests = 1_GiB};
  model::Constraints constraints;
  ApplyQuota(constraints, Quota(1_GiB, std::nullopt), four);
  ApplyQuota(constraints, Quota(1_GiB, 1_GiB, /*scoped=*/true), four);
  CHECK_FALSE(constraints.quota_share);
  ApplyQuota(constraints, Quota(3_GiB, 1_GiB), four);
  CHECK(constraints.quota_share == 768_MiB);
  ApplyQuota(constraints, Quota(4_GiB, 1_GiB), four);
  CHECK(constraints.quota_share == 768_MiB);
  // Nothing is left, or less: what they have is not taken away.
  ApplyQuota(constraints, Quota(1_GiB, 1_GiB), four);
  CHECK(constraints.quota_share == 256_MiB);
  ApplyQuota(constraints, Quota(512_MiB, 1_GiB), four);
  CHECK(constraints.quota_share == 256_MiB);
}

TEST_CASE("ApplyQuota: the share stays what it was while one pod after the other grows into it") {
  for (int raised = 0; raised <= 4; ++raised) {
    CAPTURE(raised);
    const Bytes held(raised * (768_MiB).count() + (4 - raised) * (256_MiB).count());
    model::Constraints constraints;
    ApplyQuota(constraints, Quota(3_GiB, held),
               {.pods = 4, .requests = held, .all_requests = held});
    CHECK(constraints.quota_share == 768_MiB);
  }
}

TEST_CASE("ApplyQuota: containers of one pod share what is left as they share the requests") {
  const auto share = [](Bytes requests) {
    model::Constraints constraints;
    ApplyQuota(constraints, Quota(3_GiB, 1_GiB),
               {.pods = 4, .requests = requests, .all_requests = 1_GiB});
    return constraints.quota_share;
  };
  CHECK(share(768_MiB) == 576_MiB);
  CHECK(share(256_MiB) == 192_MiB);
}

}  // namespace
}  // namespace plimsoll::cluster
