// SPDX-License-Identifier: Apache-2.0
//
// The engines by name.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/replay/engine.h"

namespace plimsoll::replay {

// Every other one is a rival's.
inline constexpr std::string_view kOurEngine = "lease";

// lease, vpa, vpa-nofloor, krr, autopilot-max, autopilot-p98, crane; in the order they are shown.
[[nodiscard]] std::span<const std::string_view> EngineNames();

// kInvalid naming the known engines for any other name.
[[nodiscard]] Result<std::unique_ptr<Engine>> MakeEngine(std::string_view name);

}  // namespace plimsoll::replay
