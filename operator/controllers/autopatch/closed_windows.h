// SPDX-License-Identifier: Apache-2.0
//
// Whether the policy's windows let memory be taken away now.
#pragma once

#include <optional>
#include <vector>

#include "advisor/rollout/plan.h"
#include "operator/api/patch_window.h"

namespace plimsoll::autopatch {

// Nothing while one of them is open, or when there are none.
[[nodiscard]] std::optional<rollout::Closed> ClosedNow(const std::vector<api::PatchWindow>& windows,
                                                       TimePoint now);

}  // namespace plimsoll::autopatch
