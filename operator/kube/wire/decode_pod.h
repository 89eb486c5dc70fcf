// SPDX-License-Identifier: Apache-2.0
//
// Pod from its protobuf message into the compact struct.
#pragma once

#include <string_view>

#include "operator/kube/objects/pod.h"
#include "operator/kube/wire/decode_context.h"

namespace plimsoll::kube::wire {

[[nodiscard]] Pod DecodePod(DecodeContext& context, std::string_view message);

// In decode_container_status.cc.
[[nodiscard]] ContainerStatus DecodeContainerStatus(DecodeContext& context,
                                                    std::string_view message);

}  // namespace plimsoll::kube::wire
