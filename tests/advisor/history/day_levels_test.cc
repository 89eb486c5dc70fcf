// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/day_levels.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>

#include "advisor/base/units.h"

namespace plimsoll::history {
namespace {
using namespace std::chrono_literals;
using namespace literals;

constexpr Day kFirst = 20'000;
constexpr Minute kSlot = 10;

LogCode Code(Bytes bytes) { return EncodeUp(bytes); }

// One reading of ten minutes for each slot of the day; `odd`: those that are not at `level`.
void Fill(DayLevels& levels, Day day, Bytes level, const std::map<int, Bytes>& odd = {},
          int slots = 144) {
  for (int slot = 0; slot < slots; ++slot) {
    const auto found = odd.find(slot);
    const Minute end = static_cast<Minute>(day) * 1440 + static_cast<Minute>(slot + 1) * kSlot;
    levels.Observe(end, Code(found == odd.end() ? level : found->second), 10min);
  }
}

std::map<int, Bytes> FirstSlots(int count, Bytes bytes) {
  std::map<int, Bytes> slots;
  for (int slot = 0; slot < count; ++slot) slots[slot * 3] = bytes;
  return slots;
}

TEST_CASE("DayLevels: spikes in six times ten minutes are passed over, in a seventh they count") {
  DayLevels six;
  Fill(six, kFirst, 100_MiB, FirstSlots(6, 180_MiB));
  CHECK(six.SecondHighest(kFirst) == Code(100_MiB));
  DayLevels seven;
  Fill(seven, kFirst, 100_MiB, FirstSlots(7, 180_MiB));
  CHECK(seven.SecondHighest(kFirst) == Code(180_MiB));
}

TEST_CASE("DayLevels: many readings within the same ten minutes are one") {
  DayLevels levels;
  Fill(levels, kFirst, 100_MiB);
  for (int i = 0; i < 50; ++i) {
    levels.Observe(static_cast<Minute>(kFirst) * 1440 + 725, Code(180_MiB), 15s);
  }
  CHECK(levels.SecondHighest(kFirst) == Code(100_MiB));
}

TEST_CASE("DayLevels: one odd day of eight is passed over, a second one is not") {
  DayLevels levels;
  for (Day day = kFirst; day < kFirst + 7; ++day) {
    Fill(levels, day, day == kFirst + 3 ? 300_MiB : 100_MiB);
  }
  Fill(levels, kFirst + 7, 100_MiB);
  CHECK(levels.SecondHighest(kFirst + 7) == Code(100_MiB));
  Fill(levels, kFirst + 8, 250_MiB);
  CHECK(levels.SecondHighest(kFirst + 8) == Code(250_MiB));
  // The day of 300 MiB is eight days ago by then, that of 250 MiB the only odd one.
  Fill(levels, kFirst + 9, 100_MiB);
  Fill(levels, kFirst + 10, 100_MiB);
  Fill(levels, kFirst + 11, 100_MiB);
  CHECK(levels.SecondHighest(kFirst + 11) == Code(100_MiB));
}

TEST_CASE("DayLevels: a day seen for less than twelve hours tells nothing, nor does silence") {
  DayLevels levels;
  CHECK(levels.SecondHighest(kFirst) == kNoData);
  Fill(levels, kFirst, 100_MiB, {}, 71);
  CHECK(levels.SecondHighest(kFirst) == kNoData);
  Fill(levels, kFirst + 1, 100_MiB);
  CHECK(levels.SecondHighest(kFirst + 1) == Code(100_MiB));
  CHECK(levels.SecondHighest(kFirst + 9) == kNoData);
}

TEST_CASE("DayLevels: a window that ends at midnight belongs to the day before") {
  DayLevels levels;
  Fill(levels, kFirst, 100_MiB);
  DayLevels same = levels;
  levels.Observe(static_cast<Minute>(kFirst + 1) * 1440, Code(100_MiB), 15s);
  CHECK(levels.SecondHighest(kFirst) == same.SecondHighest(kFirst));
}

TEST_CASE(
    "DayLevels: the order within a day does not matter, nor which half is merged into which") {
  const auto odd = FirstSlots(9, 180_MiB);
  DayLevels forward;
  Fill(forward, kFirst, 100_MiB, odd);
  DayLevels backward;
  for (int slot = 143; slot >= 0; --slot) {
    backward.Observe(static_cast<Minute>(kFirst) * 1440 + static_cast<Minute>(slot + 1) * kSlot,
                     Code(odd.contains(slot) ? 180_MiB : 100_MiB), 10min);
  }
  // Of nine equals seven are kept, which ones depends on the order; what follows must not.
  for (int slot = 0; slot < 27; slot += 3) {
    DayLevels one = forward;
    DayLevels other = backward;
    for (int raised = slot; raised < 27; raised += 3) {
      const Minute at =
          static_cast<Minute>(kFirst) * 1440 + static_cast<Minute>(raised + 1) * kSlot;
      one.Observe(at, Code(200_MiB), 15s);
      other.Observe(at, Code(200_MiB), 15s);
      CHECK(one.SecondHighest(kFirst) == other.SecondHighest(kFirst));
    }
  }

  DayLevels one;
  DayLevels other;
  Fill(one, kFirst, 100_MiB, FirstSlots(4, 180_MiB));
  Fill(other, kFirst, 90_MiB, {{50, 200_MiB}, {51, 200_MiB}, {52, 200_MiB}});
  DayLevels left = one;
  left.Merge(other);
  DayLevels right = other;
  right.Merge(one);
  CHECK(left == right);
  CHECK(left.SecondHighest(kFirst) == Code(180_MiB));  // seven slots of the two together
}

}  // namespace
}  // namespace plimsoll::history
