// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/leak_cap.h"

#include <algorithm>

#include "advisor/history/log_code.h"
#include "advisor/leak/leak_test.h"
#include "advisor/sizing/startup.h"

namespace plimsoll::sizing {
namespace {

constexpr double kTimesUsual = 2;

}  // namespace

Entry CapLeak(const Situation& situation, const LimitNeed& need, Entry limit,
              std::optional<Bytes> current_limit, Ledger& ledger) {
  if (situation.history.level().verdict() == leak::Verdict::kNone || need.usual <= 0) return limit;
  const double twice = ledger.Multiply("leak.twice_usual",
                                       {{"limit.usual_peak", need.usual}, {"times", kTimesUsual}});
  // Just after midnight today has hardly a reading yet: what is in use is yesterday's.
  const auto& ages = situation.days.by_age;
  const double recent = history::Decode(std::max(ages[0], ages[1]));
  const history::LogCode start = RunningStartPeak(situation.history.starts(), situation.minute);
  const double cap =
      ledger.Max("leak.cap", {{"leak.twice_usual", twice},
                              {"the limit in force", current_limit.value_or(Bytes(0)).AsDouble()},
                              {"peak of today and yesterday", recent},
                              {"peak of the start that goes on", history::Decode(start)}});
  return {"limit.leak_capped", ledger.Min("limit.leak_capped", {limit, {"leak.cap", cap}})};
}

}  // namespace plimsoll::sizing
