// SPDX-License-Identifier: Apache-2.0
//
// Go: what a container needs by the collector's own figures, and the settings that belong to a
// limit (gc-tuning.md §1.1).
//   GOGC       = clamp(100 E* / (L + R), 50, 500)
//   demand M   = (kappa (L + E) + O + X) / 0.92,  E = (L + R) GOGC / 100, at least Go's 4 MiB GOGC
//   / 100 GOMEMLIMIT = min(0.90 M, M - X - max(0.05 M, 32 MiB)), down to a whole MiB runway rho =
//   (GOMEMLIMIT - O - 1 MiB - L) / L: from 1 good; below 0.5 the collector thrashes
//
//   L 100, O 20, X 10 MiB, g 100 MiB/s, s 2.8 GiB/s: E* 174 -> GOGC 173, M = (1.15 * 273 + 30) /
//   0.92 = 374 MiB; GOMEMLIMIT = min(336.5, 374 - 10 - 32) = 331 MiB; rho = (331 - 21 - 100) / 100
//   = 2.1
#pragma once

#include <optional>
#include <vector>

#include "advisor/history/container_history.h"
#include "advisor/history/slots.h"
#include "advisor/recommend/recommendation.h"
#include "advisor/runtime/square_root_rule.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::runtime {

struct GoFigures {
  double live = 0;      // L, the largest of a week
  double overhead = 0;  // O: stacks, metadata; the runtime's own beside its heap
  double outside = 0;   // X: what the container holds outside the runtime
  double processors = 1;
  // With both rates known; without, garbage and GOGC stay as they are.
  std::optional<Collector> collector{};
  bool accepts_tuning = false;
  std::optional<double> gc_percent{};  // now
  std::optional<double> soft_limit{};  // now
};

// Absent unless the container runs Go and told its live heap within the last 15 minutes.
[[nodiscard]] std::optional<GoFigures> ReadGo(const history::ContainerHistory& history,
                                              history::Minute now);

// GOGC by the square-root rule; absent while the rates are not known.
[[nodiscard]] std::optional<double> WorthwhileGogc(const GoFigures& go, sizing::Ledger& ledger);

// The limit that L, the garbage at this GOGC, overhead and outside memory ask for.
[[nodiscard]] double GoDemand(const GoFigures& go, double gogc, sizing::Ledger& ledger);

// The GOMEMLIMIT that belongs to a limit; may be negative for a limit that is far too small.
[[nodiscard]] double GoMemLimit(const GoFigures& go, double limit, sizing::Ledger& ledger);

[[nodiscard]] double Runway(const GoFigures& go, double go_mem_limit);
inline constexpr double kGoodRunway = 1;
inline constexpr double kLeastRunway = 0.5;

// The smallest limit whose GOMEMLIMIT has the good runway.
[[nodiscard]] double LimitForRunway(const GoFigures& go, sizing::Ledger& ledger);

// The settings for this limit: GOMEMLIMIT where the runway allows one, and GOGC. Close enough ones
// stay as they are (GOGC within 20 %, GOMEMLIMIT within 3 % and not above 90 % of the limit).
[[nodiscard]] std::vector<recommend::Setting> GoSettings(const GoFigures& go, double limit,
                                                         sizing::Ledger& ledger);

}  // namespace plimsoll::runtime
