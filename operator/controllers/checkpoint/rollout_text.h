// SPDX-License-Identifier: Apache-2.0
//
// What auto-patch must remember of a workload, as the JSON text in a MemoryCheckpoint: rollout's
// progress and the newest kills. Times are milliseconds since 1970, amounts bytes.
#pragma once

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

// At most api::kMaxRolloutText: of many pods only the latest patched are kept; what is then not
// remembered of a pod (its last cut) is known of the workload.
[[nodiscard]] std::string WriteRemembered(const Remembered& remembered);

// Errors: kInvalid; unknown fields are passed over. An empty text is an empty memory.
[[nodiscard]] Result<Remembered> ReadRemembered(std::string_view text);

}  // namespace plimsoll::checkpoint
