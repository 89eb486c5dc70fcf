// SPDX-License-Identifier: Apache-2.0
//
// The generators: families of demand after sizing.md §I, and more of our own. Seeds below 1000 were
// for tuning and those from 1000 on for publishing, and some families were left out at first; all
// of them, at the published seeds too, have been looked at since while rules were chosen. What was
// played unseen is in the other two groups, and docs/evaluation-unseen.md says what became of that.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/replay/demand.h"

namespace plimsoll::replay {

inline constexpr std::uint64_t kFirstPublishedSeed = 1000;

struct Family {
  std::string_view name;
  int scenario = 0;            // its number in the corpus; 0: our own
  bool late = false;           // left out at first while tuning, looked at since
  bool unpredictable = false;  // kills after our own cut cannot be excluded, by construction
  bool infeasible = false;     // no limit that the node has would do: only asked for by name
  std::string_view what;       // one line
  void (*fill)(Workload& workload, std::int64_t minutes, class Random& random) = nullptr;
  double smallest_mib = 96;  // the base is log-uniform between these
  double largest_mib = 4096;
};

// Those that the engine was made with, from the start or late.
[[nodiscard]] std::span<const Family> Families();
// Written apart from it, but played before (unseen_families.h); of none of the groups above.
[[nodiscard]] std::span<const Family> UnseenFamilies();
// Written apart from it; of its rules only confidence was fitted with them in view.
[[nodiscard]] std::span<const Family> BlindFamilies();
// Among all of these.
[[nodiscard]] Result<const Family*> FindFamily(std::string_view name);

// The same family, seed and days give the same workload.
[[nodiscard]] Workload Generate(const Family& family, std::uint64_t seed, int days);

}  // namespace plimsoll::replay
