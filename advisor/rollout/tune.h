// SPDX-License-Identifier: Apache-2.0
//
// The runtime's side of a limit. Order: before a cut the runtime is tuned for the lower limit,
// after a raise it is tuned once the kernel has the higher one; so a runtime never believes in
// memory that is not there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisor/rollout/step.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {

// The settings that belong to `limit`: those in bytes in proportion (GOMEMLIMIT 460 MiB at a target
// of 512 MiB is 230 MiB at a limit of 256 MiB), the others as they are. Only those that can be
// changed live, and only when one of them is off by more than 2 %; otherwise empty.
[[nodiscard]] std::vector<SettingValue> SettingsFor(const ContainerState& container,
                                                    const ContainerTarget& target, Bytes limit);

// Whether the runtime has these in force, each within 2 %.
[[nodiscard]] bool InForce(const RuntimeState& runtime,
                           const std::map<std::string, double>& wanted);

// What became of the last Tune while the settings for `limit` are not in force: refused, in the
// app's words, not answered, or being sent. The same words from one try to the next. Nothing when
// it was answered well, or there was none.
[[nodiscard]] std::optional<recommend::Reason> TuneStanding(const ContainerState& container,
                                                            const ContainerTarget& target,
                                                            Bytes limit,
                                                            const PodProgress& progress);

// The runtime would be tuned, were a setting not the user's, and one is off by more than 5 % of
// what belongs to the limit that the container has.
[[nodiscard]] std::optional<recommend::Reason> OwnedByUser(const ContainerState& container,
                                                           const ContainerTarget& target);

// Why a cut to `limit` has to wait for the runtime: it is being told settings, what it has set is
// not known just now, or it was told its settings and its stats do not show them yet, or it refused
// them lately, or it has a soft limit above `limit` that is not ours to set. Nothing when they are
// in force, or it takes none and has none above.
[[nodiscard]] std::optional<recommend::Reason> TuneOutstanding(const ContainerState& container,
                                                               const ContainerTarget& target,
                                                               Bytes limit,
                                                               const PodProgress& progress,
                                                               const Rules& rules, TimePoint now);

// A step that tunes one container of the pod for `limit`, if it needs and accepts it, and is not
// being tuned. The same values are not sent to the same run twice before the hold ends, whatever
// its stats still show; one that refused is sent others, off by more than 5 %, after tune_again.
[[nodiscard]] std::optional<Step> Tune(const PodState& pod, const ContainerState& container,
                                       const ContainerTarget& target, Bytes limit,
                                       const PodProgress& progress, const Rules& rules,
                                       TimePoint now);

}  // namespace plimsoll::rollout
