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

bool IsOff(const std::map<std::string, double>& in_force, const std::string& name, double wanted) {
  const auto current = in_force.find(name);
  if (current == in_force.end()) return true;
  return std::abs(current->second - wanted) > kTolerance * std::abs(wanted);
}

// The same run was told the same values lately.
bool Told(const ContainerState& container, const std::vector<SettingValue>& settings,
          const PodProgress& progress, const Rules& rules, TimePoint now) {
  const auto told = progress.tuned.find(container.name);
  if (told == progress.tuned.end() || told->second.instance != container.instance) return false;
  const bool answered = told->second.unanswered.empty();
  if (now - told->second.time >= (answered ? rules.refused_hold : rules.tune_again)) return false;
  return std::ranges::none_of(settings, [&](const SettingValue& wanted) {
    return IsOff(told->second.settings, wanted.name, wanted.number);
  });
}

// A runtime that is known to be there and silent: an endpoint that fails, or one that told of
// itself before and has not had the time to do so again.
std::optional<std::string> Silent(const ContainerState& container, const ContainerTarget& target,
                                  const Rules& rules, TimePoint now) {
  if (!container.runtime_problem.empty()) return container.runtime_problem;
  const bool tunable = std::ranges::any_of(target.settings, [](const recommend::Setting& setting) {
    return setting.delivery == recommend::Delivery::kLive;
  });
  const bool new_to_us =
      container.watched_since && now - *container.watched_since < rules.runtime_patience;
  if (tunable && new_to_us) return "no stats of this run yet";
  return std::nullopt;
}

bool RefusedLately(const PodProgress& progress, const Rules& rules, TimePoint now) {
  return progress.tune_refused && now - *progress.tune_refused < rules.refused_hold;
}

}  // namespace

bool InForce(const RuntimeState& runtime, const std::map<std::string, double>& wanted) {
  return std::ranges::none_of(wanted, [&](const auto& setting) {
    return IsOff(runtime.settings, setting.first, setting.second);
  });
}

std::vector<SettingValue> SettingsFor(const ContainerState& container,
                                      const ContainerTarget& target, Bytes limit) {
  if (!container.runtime) return {};
  std::vector<SettingValue> settings;
  bool off = false;
  for (const recommend::Setting& setting : target.settings) {
    if (setting.delivery != recommend::Delivery::kLive) continue;
    const SettingValue wanted{setting.name, Scaled(setting, target, limit)};
    off = off || IsOff(container.runtime->settings, wanted.name, wanted.number);
    settings.push_back(wanted);
  }
  if (!off) settings.clear();
  return settings;
}

std::optional<recommend::Reason> TuneOutstanding(const ContainerState& container,
                                                 const ContainerTarget& target, Bytes limit,
                                                 const PodProgress& progress, const Rules& rules,
                                                 TimePoint now) {
  if (!container.runtime) {
    const auto why = Silent(container, target, rules, now);
    if (!why) return std::nullopt;
    return recommend::Reason{"TelemetryStale",
                             "what the runtime of container " + container.name +
                                 " has set is not known (" + *why +
                                 "); its limit is lowered when it has told, and been told first"};
  }
  if (!container.runtime->accepts_tuning) return std::nullopt;
  if (!target.knows_runtime) {
    return recommend::Reason{"RolloutInProgress", "the runtime of container " + container.name +
                                                      " has told of itself just now; the advice "
                                                      "takes it in first"};
  }
  const std::vector<SettingValue> settings = SettingsFor(container, target, limit);
  if (settings.empty()) return std::nullopt;
  if (RefusedLately(progress, rules, now)) {
    return recommend::Reason{"RolloutInProgress", "container " + container.name +
                                                      " refused the settings for a lower limit; "
                                                      "it is asked again later"};
  }
  if (!Told(container, settings, progress, rules, now)) return std::nullopt;
  const std::string& unanswered = progress.tuned.at(container.name).unanswered;
  if (!unanswered.empty()) {
    return recommend::Reason{"RolloutInProgress",
                             "the runtime of container " + container.name +
                                 " was sent its settings for a lower limit and has not answered (" +
                                 unanswered + "); it is asked again unless its stats show them"};
  }
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
