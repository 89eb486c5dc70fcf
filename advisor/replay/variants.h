// SPDX-License-Identifier: Apache-2.0
//
// The engines as they are compared: each rival once, ours in both regimes and both shapes.
#pragma once

#include <span>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/replay/outcome.h"
#include "advisor/replay/simulate.h"

namespace plimsoll::replay {

struct Variant {
  std::string_view name;    // "lease-guarded"
  std::string_view engine;  // "lease"
  bool guarded = false;     // a raise is in force 2 s after the reading that asks for it
  bool equal = false;       // request = limit, as in a Guaranteed pod
};

// lease, lease-guarded, lease-equal, lease-guarded-equal, then the rivals.
[[nodiscard]] std::span<const Variant> Variants();
[[nodiscard]] Result<Variant> FindVariant(std::string_view name);

[[nodiscard]] SimulationOptions OptionsOf(const Variant& variant, SimulationOptions base);

}  // namespace plimsoll::replay
