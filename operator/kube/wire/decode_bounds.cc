// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/decode_bounds.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "k8s/core.pb.h"
#include "operator/kube/wire/decode_meta.h"

namespace plimsoll::kube::wire {
namespace {

void SetMemory(DecodeContext& context, std::string_view entry, std::optional<Bytes>& memory) {
  const auto [name, quantity] = DecodeQuantityEntry(context, entry);
  if (quantity && name == "memory") memory = quantity->ToBytes();
}

LimitType LimitTypeOf(std::string_view text) {
  if (text == "Container") return LimitType::kContainer;
  if (text == "Pod") return LimitType::kPod;
  return LimitType::kOther;
}

LimitRangeItem DecodeItem(DecodeContext& context, std::string_view message) {
  using Wire = k8s::LimitRangeItem;
  LimitRangeItem item;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kTypeFieldNumber:
        item.type = LimitTypeOf(in.bytes());
        break;
      case Wire::kMaxFieldNumber:
        SetMemory(context, in.bytes(), item.max);
        break;
      case Wire::kMinFieldNumber:
        SetMemory(context, in.bytes(), item.min);
        break;
      case Wire::kMaxLimitRequestRatioFieldNumber: {
        const auto [name, quantity] = DecodeQuantityEntry(context, in.bytes());
        if (quantity && name == "memory")
          item.max_limit_request_ratio = Ratio(quantity->ToDouble());
        break;
      }
      default:
        break;
    }
  }
  context.Check(in, "spec.limits");
  return item;
}

// "memory" is an old name of "requests.memory".
void SetQuota(DecodeContext& context, std::string_view entry, std::optional<Bytes>& requests) {
  const auto [name, quantity] = DecodeQuantityEntry(context, entry);
  if (!quantity || (name != "requests.memory" && name != "memory")) return;
  // Both names may be there: the tighter one rules.
  requests = requests ? std::min(*requests, quantity->ToBytes()) : quantity->ToBytes();
}

void DecodeQuotaSpec(DecodeContext& context, std::string_view message, ResourceQuota& quota) {
  using Wire = k8s::ResourceQuotaSpec;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kHardFieldNumber) {
      SetQuota(context, in.bytes(), quota.hard_requests);
    } else if (in.field() == Wire::kScopesFieldNumber ||
               in.field() == Wire::kScopeSelectorFieldNumber) {
      quota.scoped = true;
    }
  }
  context.Check(in, "spec");
}

}  // namespace

LimitRange DecodeLimitRange(DecodeContext& context, std::string_view message) {
  LimitRange range;
  std::vector<LimitRangeItem> items;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::LimitRange::kMetadataFieldNumber) {
      range.meta = DecodeMeta(context, in.bytes());
    } else if (in.field() == k8s::LimitRange::kSpecFieldNumber) {
      WireReader spec(in.bytes());
      while (spec.Next()) {
        if (spec.field() == k8s::LimitRangeSpec::kLimitsFieldNumber) {
          items.push_back(DecodeItem(context, spec.bytes()));
        }
      }
      context.Check(spec, "spec");
    }
  }
  context.Check(in, "LimitRange");
  range.items = std::move(items);
  return range;
}

ResourceQuota DecodeResourceQuota(DecodeContext& context, std::string_view message) {
  using Wire = k8s::ResourceQuota;
  ResourceQuota quota;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kMetadataFieldNumber) {
      quota.meta = DecodeMeta(context, in.bytes());
    } else if (in.field() == Wire::kSpecFieldNumber) {
      DecodeQuotaSpec(context, in.bytes(), quota);
    } else if (in.field() == Wire::kStatusFieldNumber) {
      WireReader status(in.bytes());
      while (status.Next()) {
        if (status.field() == k8s::ResourceQuotaStatus::kUsedFieldNumber) {
          SetQuota(context, status.bytes(), quota.used_requests);
        }
      }
      context.Check(status, "status");
    }
  }
  context.Check(in, "ResourceQuota");
  return quota;
}

}  // namespace plimsoll::kube::wire
