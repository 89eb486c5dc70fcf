// SPDX-License-Identifier: Apache-2.0
//
// What the estimators look at: the history at one moment, read out once.
#pragma once

#include "advisor/base/time.h"
#include "advisor/history/container_history.h"
#include "advisor/history/slots.h"
#include "advisor/model/policy.h"
#include "advisor/sizing/day_peaks.h"

namespace plimsoll::sizing {

struct Situation {
  const history::ContainerHistory& history;
  history::Minute minute;
  history::Hour hour;
  history::Day day;
  DayPeaks days;
  model::Objective objective;
  bool batch;  // a Job or CronJob: the request is by runs, not days
};

[[nodiscard]] inline Situation Look(const history::ContainerHistory& history, TimePoint now,
                                    model::Objective objective, bool batch) {
  const history::Day day = history::DayOf(now);
  return {.history = history,
          .minute = history::MinuteOf(now),
          .hour = history::HourOf(now),
          .day = day,
          .days = ReadDayPeaks(history, day),
          .objective = objective,
          .batch = batch};
}

}  // namespace plimsoll::sizing
