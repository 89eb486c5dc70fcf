// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/baseline.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace plimsoll::sizing {
namespace {

constexpr std::array<std::string_view, kBaselineDays> kDayNames = {
    "day -1 peak", "day -2 peak", "day -3 peak", "day -4 peak",
    "day -5 peak", "day -6 peak", "day -7 peak"};

}  // namespace

std::optional<double> Baseline(const DayPeaks& days, Ledger& ledger) {
  std::array<history::LogCode, kBaselineDays> codes{};
  std::array<Entry, kBaselineDays> terms;
  std::size_t count = 0;
  for (std::size_t age = 1; age <= kBaselineDays; ++age) {
    const history::LogCode code = days.by_age[age];
    if (code == history::kNoData) continue;
    if (ledger.on()) terms[count] = {kDayNames[age - 1], history::Decode(code)};
    // In its place among those before it: there are too few for a sort to be worth its call.
    std::size_t place = count++;
    for (; place > 0 && codes[place - 1] > code; --place) codes[place] = codes[place - 1];
    codes[place] = code;
  }
  if (count == 0) return std::nullopt;
  const double upper = history::Decode(codes[count / 2]);
  const double median =
      count % 2 == 1 ? upper : (history::Decode(codes[count / 2 - 1]) + upper) / 2;
  return ledger.Median("limit.usual_peak", {terms.data(), count}, median);
}

}  // namespace plimsoll::sizing
