// SPDX-License-Identifier: Apache-2.0
//
// Decoders of what many kinds share: metadata, times, resource quantities.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "operator/kube/objects/object_meta.h"
#include "operator/kube/objects/pod.h"
#include "operator/kube/quantity.h"
#include "operator/kube/wire/decode_context.h"

namespace plimsoll::kube::wire {

[[nodiscard]] ObjectMeta DecodeMeta(DecodeContext& context, std::string_view message);
[[nodiscard]] TimePoint DecodeTime(DecodeContext& context, std::string_view message);

// A field and its value of a map<string, …>; `value` is the message or the text.
struct MapEntry {
  std::string_view key;
  std::string_view value;
};
[[nodiscard]] MapEntry DecodeMapEntry(DecodeContext& context, std::string_view entry);

// One entry of a map<string, Quantity>; nothing (and a problem) if it is no quantity.
struct QuantityEntry {
  std::string_view name;
  std::optional<Quantity> quantity;
};
[[nodiscard]] QuantityEntry DecodeQuantityEntry(DecodeContext& context, std::string_view entry);

// Adds one entry of limits or requests; resources other than memory and cpu are passed over.
void DecodeResourceEntry(DecodeContext& context, std::string_view entry, ResourceList& list);
[[nodiscard]] ResourceRequirements DecodeRequirements(DecodeContext& context,
                                                      std::string_view message);

}  // namespace plimsoll::kube::wire
