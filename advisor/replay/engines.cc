// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/engines.h"

#include <array>
#include <string>

#include "advisor/replay/baselines/autopilot.h"
#include "advisor/replay/baselines/crane.h"
#include "advisor/replay/baselines/krr.h"
#include "advisor/replay/baselines/vpa_engine.h"
#include "advisor/replay/lease_engine.h"

namespace plimsoll::replay {
namespace {

constexpr std::array<std::string_view, 7> kNames = {
    "lease", "vpa", "vpa-nofloor", "krr", "autopilot-max", "autopilot-p98", "crane"};

}  // namespace

std::span<const std::string_view> EngineNames() { return kNames; }

Result<std::unique_ptr<Engine>> MakeEngine(std::string_view name) {
  if (name == kOurEngine) return std::make_unique<LeaseEngine>();
  if (name == "vpa") return std::make_unique<VpaEngine>(VpaFloor(1));
  if (name == "vpa-nofloor") return std::make_unique<VpaEngine>(Bytes(0));
  if (name == "krr") return std::make_unique<KrrEngine>();
  if (name == "autopilot-max") return std::make_unique<AutopilotEngine>(AutopilotStatistic::kMax);
  if (name == "autopilot-p98") return std::make_unique<AutopilotEngine>(AutopilotStatistic::kP98);
  if (name == "crane") return std::make_unique<CraneEngine>();
  std::string known;
  for (const auto& each : kNames) known += (known.empty() ? "" : ", ") + std::string(each);
  return Fail(ErrorCode::kInvalid, "no engine '" + std::string(name) + "'; there are: " + known);
}

}  // namespace plimsoll::replay
