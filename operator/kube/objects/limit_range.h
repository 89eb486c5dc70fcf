// SPDX-License-Identifier: Apache-2.0
//
// LimitRange as kept in stores: bounds on memory per container and per pod.
#pragma once

#include <optional>

#include "advisor/base/units.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::kube {

enum class LimitType : std::uint8_t { kOther, kContainer, kPod };

struct LimitRangeItem {
  LimitType type = LimitType::kOther;
  std::optional<Bytes> min;
  std::optional<Bytes> max;
  std::optional<Ratio> max_limit_request_ratio;  // limit / request may not exceed it
  friend bool operator==(const LimitRangeItem&, const LimitRangeItem&) = default;
};

struct LimitRange {
  ObjectMeta meta;
  SharedList<LimitRangeItem> items;
};

}  // namespace plimsoll::kube
