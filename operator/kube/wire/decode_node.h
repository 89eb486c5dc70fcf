// SPDX-License-Identifier: Apache-2.0
//
// Node and Namespace from their protobuf messages.
#pragma once

#include <string_view>

#include "operator/kube/objects/namespace.h"
#include "operator/kube/objects/node.h"
#include "operator/kube/wire/decode_context.h"

namespace plimsoll::kube::wire {

[[nodiscard]] Node DecodeNode(DecodeContext& context, std::string_view message);
[[nodiscard]] Namespace DecodeNamespace(DecodeContext& context, std::string_view message);

}  // namespace plimsoll::kube::wire
