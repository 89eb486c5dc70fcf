// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/window.h"

#include <doctest/doctest.h>

namespace plimsoll::rollout {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::hours kMon{0}, kThu{72}, kFri{96}, kSat{120}, kSun{144};

const Window kOffice{.days = std::bitset<7>("0001111"), .start = 9h, .end = 16h};  // Mon to Thu

TEST_CASE("Window: open from the first minute to before the last, on its days alone") {
  CHECK_FALSE(IsOpen(kOffice, kMon + 9h - 1min));
  CHECK(IsOpen(kOffice, kMon + 9h));
  CHECK(IsOpen(kOffice, kThu + 16h - 1min));
  CHECK_FALSE(IsOpen(kOffice, kThu + 16h));
  CHECK_FALSE(IsOpen(kOffice, kFri + 10h));
  CHECK_FALSE(IsOpen(kOffice, kSun + 10h));
}

TEST_CASE("Window: over midnight it belongs to the day on which it opens, Sunday's to Monday too") {
  const Window nights{.days = std::bitset<7>("1010000"), .start = 22h, .end = 6h};  // Fri, Sun
  CHECK_FALSE(IsOpen(nights, kFri + 5h));
  CHECK(IsOpen(nights, kFri + 22h));
  CHECK(IsOpen(nights, kSat + 6h - 1min));
  CHECK_FALSE(IsOpen(nights, kSat + 6h));
  CHECK_FALSE(IsOpen(nights, kSat + 23h));
  CHECK(IsOpen(nights, kSun + 23h));
  CHECK(IsOpen(nights, kMon + 5h));
  CHECK_FALSE(IsOpen(nights, kMon + 6h));
}

TEST_CASE("Window: an end that is the start is a day later") {
  const Window weekend{.days = std::bitset<7>("1100000"), .start = 0h, .end = 0h};
  CHECK_FALSE(IsOpen(weekend, kSat - 1min));
  CHECK(IsOpen(weekend, kSat));
  CHECK(IsOpen(weekend, kSun + 24h - 1min));
  CHECK_FALSE(IsOpen(weekend, kMon));
}

TEST_CASE("Window: without days it opens on every day") {
  const Window daily{.start = 3h, .end = 4h};
  for (int day = 0; day < 7; ++day) {
    CAPTURE(day);
    CHECK(IsOpen(daily, day * 24h + 3h));
    CHECK_FALSE(IsOpen(daily, day * 24h + 4h));
    CHECK(UntilOpening(daily, day * 24h + 4h) == 23h);
  }
}

TEST_CASE("Window: the next opening is the soonest ahead, around the end of the week too") {
  CHECK(UntilOpening(kOffice, kMon) == 9h);
  CHECK(UntilOpening(kOffice, kMon + 16h) == 17h);
  CHECK(UntilOpening(kOffice, kThu + 16h) == 89h);
  CHECK(UntilOpening(kOffice, kSun + 23h + 59min) == 9h + 1min);
  const Window once{.days = std::bitset<7>("0000001"), .start = 9h, .end = 16h};
  CHECK(UntilOpening(once, kMon + 16h) == 161h);
}

}  // namespace
}  // namespace plimsoll::rollout
