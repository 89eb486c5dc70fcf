// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/expected.h"

#include <algorithm>

#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"

namespace plimsoll::sizing {
namespace {

constexpr int kDays = 14;
constexpr history::Minute kStartIsOver = 60;

}  // namespace

std::optional<Bytes> ExpectedDemand(const history::ContainerHistory& history, TimePoint now) {
  const history::Day today = history::DayOf(now);
  const history::Hour running = history::HourOf(now);
  history::LogCode peak = history::kNoData;
  for (int age = 1; age <= kDays; ++age) {
    peak = std::max(peak, history.peaks().DayPeak(today - age));
  }
  for (history::Hour hour = today * 24; hour < running; ++hour) {
    peak = std::max(peak, history.peaks().HourPeak(hour));
  }
  if (peak == history::kNoData) return std::nullopt;
  const history::Minute minute = history::MinuteOf(now);
  for (const history::StartRecord& start : history.starts().starts()) {
    const bool over = start.FirstMinute() + kStartIsOver <= minute;
    if (start.Clean() && over) peak = std::max(peak, start.start_peak);
  }
  return Bytes::FromDouble(history::Decode(peak));
}

}  // namespace plimsoll::sizing
