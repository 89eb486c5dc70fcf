// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/variants.h"

#include <array>
#include <string>

namespace plimsoll::replay {
namespace {

constexpr std::array kVariants = {
    Variant{"lease", "lease"},
    Variant{"lease-guarded", "lease", true},
    Variant{"lease-equal", "lease", false, true},
    Variant{"lease-guarded-equal", "lease", true, true},
    Variant{"vpa", "vpa"},
    Variant{"vpa-nofloor", "vpa-nofloor"},
    Variant{"krr", "krr"},
    Variant{"autopilot-max", "autopilot-max"},
    Variant{"autopilot-p98", "autopilot-p98"},
    Variant{"crane", "crane"},
};

}  // namespace

std::span<const Variant> Variants() { return kVariants; }

Result<Variant> FindVariant(std::string_view name) {
  std::string known;
  for (const auto& variant : kVariants) {
    if (variant.name == name) return variant;
    known += (known.empty() ? "" : ", ") + std::string(variant.name);
  }
  return Fail(ErrorCode::kInvalid,
              "no engine variant '" + std::string(name) + "'; there are: " + known);
}

SimulationOptions OptionsOf(const Variant& variant, SimulationOptions base) {
  base.guard.active = variant.guarded;
  base.guaranteed = variant.equal;
  return base;
}

}  // namespace plimsoll::replay
