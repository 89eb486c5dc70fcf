// SPDX-License-Identifier: Apache-2.0
//
// The envelope around every protobuf object of the API: "k8s\0" and a runtime.Unknown.
#pragma once

#include <string_view>

#include "advisor/base/result.h"

namespace plimsoll::kube::wire {

inline constexpr std::string_view kMagic{"k8s\0", 4};

// Views into the bytes that were opened.
struct Envelope {
  std::string_view kind;  // "Pod", "Status", "PartialObjectMetadata"
  std::string_view raw;   // the object's message
};

// kInvalid when the bytes are no envelope, or hold something encoded.
[[nodiscard]] Result<Envelope> OpenEnvelope(std::string_view bytes);

}  // namespace plimsoll::kube::wire
