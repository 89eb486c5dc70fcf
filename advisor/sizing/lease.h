// SPDX-License-Identifier: Apache-2.0
//
// How long a past spike is held: ski rental. Holding a peak y above the usual b costs y - b for
// every day; meeting it unprepared costs one OOM kill, priced at K days of b. Hold until the rent
// paid equals the price: tau = K b / (y - b) days, at most twice what a clairvoyant would have
// paid.
//   base = max { y_i : age_i <= 2  or  y_i <= b (1 + K / age_i) }
//   b = 100, K = 15: a peak of 220 is held 12.5 days, one of 400 for 5 days.
// A limit at which the container was killed counts as a peak of kKillShows times that limit. Where
// two limits or more were refuted by kills within four weeks, the next kill is nearer than one kill
// tells: its price is doubled, 220 is held 25 days.
#pragma once

#include <span>

#include "advisor/history/oom_log.h"
#include "advisor/model/policy.h"
#include "advisor/sizing/day_peaks.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

// A kill shows that demand was above the limit, not by how much.
inline constexpr double kKillShows = 1.15;

// K, the price of an OOM kill in days of baseline memory.
[[nodiscard]] double KillPriceDays(model::Objective objective);

// By how much the price rises for a container that was KilledAgain.
inline constexpr double kPriceWhenKilledAgain = 2;

// Whether kills of the last four weeks refuted two limits or more.
[[nodiscard]] bool KilledAgain(std::span<const history::LimitRefuted> refuted, history::Minute now);

struct Lease {
  double base = 0;
  int age = 0;                   // days since the peak that governs
  bool beyond_two_days = false;  // held by price, not by being fresh
};

// `usual` is the Baseline. base is 0 when no complete day has been seen.
[[nodiscard]] Lease LeasedPeak(const DayPeaks& days, std::span<const history::LimitRefuted> refuted,
                               history::Minute now, double usual, double price_days,
                               Ledger& ledger);

}  // namespace plimsoll::sizing
