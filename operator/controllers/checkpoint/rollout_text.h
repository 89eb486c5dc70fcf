// SPDX-License-Identifier: Apache-2.0
//
// What auto-patch must remember of a workload, as the JSON text in a MemoryCheckpoint: rollout's
// progress, the newest kills, and which kills its histories have (fleet/known_kills.h). Times are
// milliseconds since 1970, amounts bytes.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/rollout/progress.h"
#include "operator/fleet/workload.h"

namespace plimsoll::checkpoint {

struct Remembered {
  rollout::Progress progress{};
  std::map<std::string, fleet::Kills> kills;  // by container
};

struct RememberedText {
  std::string text;
  // Of how many pods it lacks that they were cut, or that something was refused or under way.
  std::size_t pods_left_out = 0;
};

// At most 64 pods and api::kMaxRolloutText. Pods with a step under way go first, then those that
// were cut or refused something, the newest first, then those patched last. Of a pod left out, its
// last cut is known of the workload; what was refused may be asked for again after a restart. Known
// kills take half of the text at most, the newest.
[[nodiscard]] RememberedText WriteRemembered(const Remembered& remembered);

// Errors: kInvalid; unknown fields are passed over. An empty text is an empty memory.
[[nodiscard]] Result<Remembered> ReadRemembered(std::string_view text);

}  // namespace plimsoll::checkpoint
