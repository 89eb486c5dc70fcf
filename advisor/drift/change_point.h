// SPDX-License-Identifier: Apache-2.0
//
// Whether the level fell for good, so that the peaks before it can be scaled to the new level
// instead of being held for weeks. Only a fall matters: a rise is followed at once by the limit
// itself.
//
// A fall is believed when three complete days (seven without a release to explain it and with less
// than two weeks known) all lie below 0.8 of the median of the seven days before, and no day of the
// two weeks before was as low: weekends are low every week.
//   before 800, 810, 790, ...; after 400, 410, 395 -> scale = 400 / 800 = 0.5
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "advisor/history/log_code.h"

namespace plimsoll::drift {

inline constexpr int kDaysToBelieve = 3;
inline constexpr int kDaysToBelieveUnexplained = 7;

struct Fall {
  int age = 0;          // days since the first day at the new level
  int scale_steps = 0;  // logarithm of the scale in LogCode steps, negative
};

// `day_peaks` by age, index 0 (today) not looked at; kNoData where unknown. `release_age`: complete
// days since the last release.
[[nodiscard]] std::optional<Fall> FindFall(std::span<const history::LogCode> day_peaks,
                                           std::optional<int> release_age);

}  // namespace plimsoll::drift
