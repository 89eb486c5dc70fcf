// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/tune.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace plimsoll::rollout {
namespace {

constexpr double kTolerance = 0.02;
constexpr double kAnother = 0.05;  // off by more, settings are another matter than those refused

double Scaled(const recommend::Setting& setting, const ContainerTarget& target, Bytes limit) {
  if (setting.unit != "bytes" || !target.limit || target.limit->count() <= 0) {
    return setting.recommended;
  }
  return std::floor(setting.recommended * limit.AsDouble() / target.limit->AsDouble());
}

bool IsOff(const std::map<std::string, double>& in_force, const std::string& name, double wanted,
           double tolerance = kTolerance) {
  const auto current = in_force.find(name);
  if (current == in_force.end()) return true;
  return std::abs(current->second - wanted) > tolerance * std::abs(wanted);
}

bool AnyIsOff(const std::map<std::string, double>& told, const std::vector<SettingValue>& wanted,
              double tolerance) {
  return std::ranges::any_of(wanted, [&](const SettingValue& setting) {
    return IsOff(told, setting.name, setting.number, tolerance);
  });
}

// The last Tune of this run.
const Tuned* LastTune(const ContainerState& container, const PodProgress& progress) {
  const auto told = progress.tuned.find(container.name);
  if (told == progress.tuned.end() || told->second.instance != container.instance) return nullptr;
  return &told->second;
}

// The same run was told these values lately, or has just refused any. What it refused says nothing
// of others: 99 MiB for a limit of 154 MiB is too little for a heap that grew to 105 MiB meanwhile,
// and 282 MiB for the raised limit is not.
bool Told(const ContainerState& container, const std::vector<SettingValue>& settings,
          const PodProgress& progress, const Rules& rules, TimePoint now) {
  const Tuned* told = LastTune(container, progress);
  if (told == nullptr) return false;
  const Duration since = now - told->time;
  if (!told->refused.empty()) {
    const bool others = AnyIsOff(told->settings, settings, kAnother);
    return since < (others ? rules.tune_again : rules.refused_hold);
  }
  const Duration hold = told->unanswered.empty() ? rules.refused_hold : rules.tune_again;
  return since < hold && !AnyIsOff(told->settings, settings, kTolerance);
}

bool AnyLive(const ContainerTarget& target) {
  return std::ranges::any_of(target.settings, [](const recommend::Setting& setting) {
    return setting.delivery == recommend::Delivery::kLive;
  });
}

// A soft limit that is not ours to lower: a collector that waits for it lets the heap grow over the
// container's new limit, 900 MiB over 436.
std::optional<recommend::Reason> AboveNextLimit(const ContainerState& container,
                                                const ContainerTarget& target, Bytes limit) {
  const auto soft = container.runtime->settings.find("GOMEMLIMIT");
  if (soft == container.runtime->settings.end() || soft->second <= limit.AsDouble() ||
      target.settings.empty()) {
    return std::nullopt;
  }
  const auto mib = [](double bytes) {
    return std::to_string(static_cast<std::int64_t>(bytes) >> 20) + "MiB";
  };
  return recommend::Reason{"SettingOwnedByUser",
                           "GOMEMLIMIT of container " + container.name + " is " +
                               mib(soft->second) + ", above the next limit of " +
                               mib(limit.AsDouble()) +
                               ", and not to be set by Plimsoll; lower it, or take it out of the "
                               "template and let the program allow tuning"};
}

// A runtime that is known to be there and silent: an endpoint that fails, or one that told of
// itself before and has not had the time to do so again.
std::optional<std::string> Silent(const ContainerState& container, const ContainerTarget& target,
                                  const Rules& rules, TimePoint now) {
  if (!container.runtime_problem.empty()) return container.runtime_problem;
  const bool new_to_us =
      container.watched_since && now - *container.watched_since < rules.runtime_patience;
  if (AnyLive(target) && new_to_us) return "no stats of this run yet";
  return std::nullopt;
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

std::optional<recommend::Reason> TuneStanding(const ContainerState& container,
                                              const ContainerTarget& target, Bytes limit,
                                              const PodProgress& progress) {
  const bool off = container.runtime && container.runtime->accepts_tuning &&
                   !SettingsFor(container, target, limit).empty();
  const Tuned* told = LastTune(container, progress);
  if (off && told != nullptr && !told->refused.empty()) {
    return recommend::Reason{"TuneRefused", "the runtime of container " + container.name +
                                                " refused its settings: " + told->refused +
                                                "; it is asked again later"};
  }
  if (off && told != nullptr && !told->unanswered.empty()) {
    return recommend::Reason{"RuntimeFollowsLimit",
                             "the runtime of container " + container.name +
                                 " was sent its settings and has not answered (" +
                                 told->unanswered +
                                 "); it is asked again unless its stats show them"};
  }
  if (!container.tuning) return std::nullopt;
  return recommend::Reason{"RuntimeFollowsLimit", "the runtime of container " + container.name +
                                                      " is being told its settings"};
}

std::optional<recommend::Reason> OwnedByUser(const ContainerState& container,
                                             const ContainerTarget& target) {
  if (!container.runtime || container.runtime->set_by_user.empty() || !container.spec.limit) {
    return std::nullopt;
  }
  for (const recommend::Setting& setting : target.settings) {
    if (setting.delivery == recommend::Delivery::kAdvice) continue;
    const double wanted = Scaled(setting, target, *container.spec.limit);
    if (!IsOff(container.runtime->settings, setting.name, wanted, kAnother)) continue;
    const auto amount = static_cast<std::int64_t>(wanted);
    const std::string value =
        setting.unit == "bytes" ? std::to_string(amount >> 20) + "MiB" : std::to_string(amount);
    const std::string& owned = container.runtime->set_by_user;
    return recommend::Reason{"SettingOwnedByUser",
                             "container " + container.name + " has " + owned +
                                 " from its own template or flags, which is not overwritten; set " +
                                 setting.name + "=" + value + " there, or take " + owned +
                                 " out and Plimsoll sets it live"};
  }
  return std::nullopt;
}

std::optional<recommend::Reason> TuneOutstanding(const ContainerState& container,
                                                 const ContainerTarget& target, Bytes limit,
                                                 const PodProgress& progress, const Rules& rules,
                                                 TimePoint now) {
  if (container.tuning) return TuneStanding(container, target, limit, progress);
  if (!container.runtime) {
    const auto why = Silent(container, target, rules, now);
    if (!why) return std::nullopt;
    return recommend::Reason{"TelemetryStale",
                             "what the runtime of container " + container.name +
                                 " has set is not known (" + *why +
                                 "); its limit is lowered when it has told, and been told first"};
  }
  if (!container.runtime->accepts_tuning) return AboveNextLimit(container, target, limit);
  if (!target.knows_runtime) {
    return recommend::Reason{"RolloutInProgress", "the runtime of container " + container.name +
                                                      " has told of itself just now; the advice "
                                                      "takes it in first"};
  }
  if (!AnyLive(target)) return AboveNextLimit(container, target, limit);
  const std::vector<SettingValue> settings = SettingsFor(container, target, limit);
  if (settings.empty()) return std::nullopt;
  if (!Told(container, settings, progress, rules, now)) return std::nullopt;
  if (auto standing = TuneStanding(container, target, limit, progress)) return standing;
  return recommend::Reason{"RuntimeFollowsLimit",
                           "the runtime of container " + container.name +
                               " was told its settings for a lower limit; the limit follows when "
                               "its stats show them"};
}

std::optional<Step> Tune(const PodState& pod, const ContainerState& container,
                         const ContainerTarget& target, Bytes limit, const PodProgress& progress,
                         const Rules& rules, TimePoint now) {
  if (!container.running || !container.runtime || !container.runtime->accepts_tuning ||
      container.tuning) {
    return std::nullopt;
  }
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
