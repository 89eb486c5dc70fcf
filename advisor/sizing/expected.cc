// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/expected.h"

#include <algorithm>

#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"

namespace plimsoll::sizing {

std::optional<Bytes> ExpectedDemand(const history::ContainerHistory& history, TimePoint now) {
  const history::Day today = history::DayOf(now);
  const history::Hour running = history::HourOf(now);
  history::LogCode peak = history.peaks().DayPeak(today - 1);
  for (history::Hour hour = today * 24; hour < running; ++hour) {
    peak = std::max(peak, history.peaks().HourPeak(hour));
  }
  if (peak == history::kNoData) return std::nullopt;
  return Bytes::FromDouble(history::Decode(peak));
}

}  // namespace plimsoll::sizing
