// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/tune.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::rollout {
namespace {

constexpr double kTolerance = 0.02;

double Scaled(const recommend::Setting& setting, const ContainerTarget& target, Bytes limit) {
  if (setting.unit != "bytes" || !target.limit || target.limit->count() <= 0) {
    return setting.recommended;
  }
  return std::floor(setting.recommended * limit.AsDouble() / target.limit->AsDouble());
}

bool IsOff(const RuntimeState& runtime, const SettingValue& wanted) {
  const auto current = runtime.settings.find(wanted.name);
  if (current == runtime.settings.end()) return true;
  return std::abs(current->second - wanted.number) > kTolerance * std::abs(wanted.number);
}

// The same run was told the same values lately.
bool Told(const ContainerState& container, const std::vector<SettingValue>& settings,
          const PodProgress& progress, const Rules& rules, TimePoint now) {
  const auto told = progress.tuned.find(container.name);
  if (told == progress.tuned.end() || told->second.instance != container.instance) return false;
  if (now - told->second.time >= rules.refused_hold) return false;
  const RuntimeState as_told{.accepts_tuning = true, .settings = told->second.settings};
  return std::ranges::none_of(settings,
                              [&](const SettingValue& wanted) { return IsOff(as_told, wanted); });
}

bool RefusedLately(const PodProgress& progress, const Rules& rules, TimePoint now) {
  return progress.tune_refused && now - *progress.tune_refused < rules.refused_hold;
}

}  // namespace

std::vector<SettingValue> SettingsFor(const ContainerState& container,
                                      const ContainerTarget& target, Bytes limit) {
  if (!container.runtime) return {};
  std::vector<SettingValue> settings;
  bool off = false;
  for (const recommend::Setting& setting : target.settings) {
    if (setting.delivery != recommend::Delivery::kLive) continue;
    const SettingValue wanted{setting.name, Scaled(setting, target, limit)};
    off = off || IsOff(*container.runtime, wanted);
    settings.push_back(wanted);
  }
  if (!off) settings.clear();
  return settings;
}

std::optional<recommend::Reason> TuneOutstanding(const ContainerState& container,
                                                 const ContainerTarget& target, Bytes limit,
                                                 const PodProgress& progress, const Rules& rules,
                                                 TimePoint now) {
  if (!container.runtime || !container.runtime->accepts_tuning) return std::nullopt;
  const std::vector<SettingValue> settings = SettingsFor(container, target, limit);
  if (settings.empty()) return std::nullopt;
  if (RefusedLately(progress, rules, now)) {
    return recommend::Reason{"RolloutInProgress", "container " + container.name +
                                                      " refused the settings for a lower limit; "
                                                      "it is asked again later"};
  }
  if (!Told(container, settings, progress, rules, now)) return std::nullopt;
  return recommend::Reason{"RolloutInProgress",
                           "the runtime of container " + container.name +
                               " was told its settings for a lower limit; the limit follows when "
                               "its stats show them"};
}

std::optional<Step> Tune(const PodState& pod, const ContainerState& container,
                         const ContainerTarget& target, Bytes limit, const PodProgress& progress,
                         const Rules& rules, TimePoint now) {
  if (!container.running || !container.runtime || !container.runtime->accepts_tuning) {
    return std::nullopt;
  }
  if (RefusedLately(progress, rules, now)) return std::nullopt;
  std::vector<SettingValue> settings = SettingsFor(container, target, limit);
  if (settings.empty() || Told(container, settings, progress, rules, now)) return std::nullopt;
  return Step{.kind = StepKind::kTune,
              .intent = Intent::kTune,
              .pod_uid = pod.uid,
              .pod_name = pod.name,
              .container = container.name,
              .instance = container.instance,
              .settings = std::move(settings),
              .reason = {"RuntimeFollowsLimit",
                         "the runtime's settings are brought in line with the limit"}};
}

}  // namespace plimsoll::rollout
