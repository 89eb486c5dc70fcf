// SPDX-License-Identifier: Apache-2.0
//
// What starting up takes: the highest of the last three healthy starts (their first ten minutes).
// They expire by newer starts, not by time: after a month of uptime the next start still needs it.
// Restarts after a kill do not count, or one outlier would be held for ever.
//   floor = 1.05 * highest start;  starts of 400, 630, 500 MiB -> 661.5 MiB
#pragma once

#include "advisor/history/container_history.h"
#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"
#include "advisor/history/start_log.h"

namespace plimsoll::sizing {

inline constexpr double kStartupMargin = 1.05;

// kNoData when no healthy start was seen. Starts before a fall of the level are scaled to the new
// one.
[[nodiscard]] history::LogCode StartPeak(const history::ContainerHistory& history);

// The highest of the healthy starts that go on, as far as they have come: it is in use, and in no
// day's peak. kNoData when none goes on. When one began is known to ten minutes: it counts for up
// to ten longer than its first ten.
[[nodiscard]] history::LogCode RunningStartPeak(const history::StartLog& starts,
                                                history::Minute now);

}  // namespace plimsoll::sizing
