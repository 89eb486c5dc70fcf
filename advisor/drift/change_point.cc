// SPDX-License-Identifier: Apache-2.0
#include "advisor/drift/change_point.h"

#include <algorithm>
#include <vector>

namespace plimsoll::drift {
namespace {

using history::LogCode;

constexpr int kFallSteps = 330;  // log2(1 / 0.8) * 1024
constexpr int kSameSteps = 141;  // log2(1.1) * 1024: "as low as"
constexpr int kDaysBefore = 7;
constexpr int kDaysCompared = 14;
constexpr int kLeastBefore = 3;

std::vector<LogCode> Known(std::span<const LogCode> day_peaks, int first_age, int last_age) {
  std::vector<LogCode> known;
  for (int age = first_age; age <= last_age && age < static_cast<int>(day_peaks.size()); ++age) {
    const LogCode peak = day_peaks[static_cast<std::size_t>(age)];
    if (peak != history::kNoData) known.push_back(peak);
  }
  return known;
}

LogCode Middle(std::vector<LogCode> codes) {
  std::ranges::sort(codes);
  return codes[codes.size() / 2];
}

// A fall `age` days ago; `explained` by a release.
std::optional<Fall> FallAt(std::span<const LogCode> day_peaks, int age, bool explained) {
  const std::vector<LogCode> after = Known(day_peaks, 1, age);
  const std::vector<LogCode> before = Known(day_peaks, age + 1, age + kDaysBefore);
  const std::vector<LogCode> compared = Known(day_peaks, age + 1, age + kDaysCompared);
  if (static_cast<int>(after.size()) < age || static_cast<int>(before.size()) < kLeastBefore) {
    return std::nullopt;
  }
  const bool long_known = static_cast<int>(compared.size()) >= kDaysCompared;
  if (!explained && !long_known && age < kDaysToBelieveUnexplained) return std::nullopt;
  const LogCode old_level = Middle(before);
  const LogCode highest_after = std::ranges::max(after);
  if (highest_after + kFallSteps > old_level) return std::nullopt;
  if (std::ranges::min(compared) <= highest_after + kSameSteps) return std::nullopt;
  return Fall{.age = age, .scale_steps = Middle(after) - old_level};
}

}  // namespace

std::optional<Fall> FindFall(std::span<const LogCode> day_peaks, std::optional<int> release_age) {
  if (release_age && *release_age >= kDaysToBelieve && *release_age <= kDaysToBelieveUnexplained) {
    if (const auto fall = FallAt(day_peaks, *release_age, true)) return fall;
  }
  for (const int age : {kDaysToBelieve, kDaysToBelieveUnexplained}) {
    if (const auto fall = FallAt(day_peaks, age, false)) return fall;
  }
  return std::nullopt;
}

}  // namespace plimsoll::drift
