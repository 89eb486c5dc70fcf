// SPDX-License-Identifier: Apache-2.0
//
// The node's memory, from /proc/meminfo.
#pragma once

#include <string>

#include "advisor/base/result.h"
#include "advisor/base/units.h"

namespace plimsoll::agent {

struct MemInfo {
  Bytes total{};
  Bytes available{};  // the kernel's estimate of what can be had without swapping
};

// Errors: kGone, kForbidden, kInvalid; the message names the file.
[[nodiscard]] Result<MemInfo> ReadMemInfo(const std::string& proc);

}  // namespace plimsoll::agent
