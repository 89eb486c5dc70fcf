// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/bootstrap.h"

#include <doctest/doctest.h>
#include <array>

#include "advisor/replay/packing.h"

namespace plimsoll::replay {
namespace {

TEST_CASE("Bootstrap: the interval holds the mean and closes where nothing varies") {
  const std::array<double, 5> spread = {1, 2, 3, 4, 5};
  const auto wide = MeanInterval(spread);
  CHECK(wide.value == doctest::Approx(3));
  CHECK(wide.low < 3);
  CHECK(wide.low >= 1);
  CHECK(wide.high > 3);
  CHECK(wide.high <= 5);
  const std::array<double, 4> same = {2, 2, 2, 2};
  const auto closed = MeanInterval(same);
  CHECK(closed.low == 2);
  CHECK(closed.high == 2);
}

TEST_CASE("Bootstrap: a ratio is of sums, in pairs, and of nothing there is none") {
  const std::array<double, 3> ours = {1, 2, 3};
  const std::array<double, 3> theirs = {10, 20, 30};
  const auto ratio = RatioInterval(ours, theirs);
  REQUIRE(ratio.has_value());
  CHECK(ratio->value == doctest::Approx(0.1));
  // Each pair has the same ratio, so drawing other pairs changes nothing.
  CHECK(ratio->low == doctest::Approx(0.1));
  CHECK(ratio->high == doctest::Approx(0.1));
  const std::array<double, 3> none = {0, 0, 0};
  CHECK_FALSE(RatioInterval(ours, none));
}

Timeline Constant(float demand, float request, std::size_t minutes) {
  return Timeline(
      minutes,
      TimelinePoint{.peak = demand, .demand = demand, .limit = request, .request = request});
}

TEST_CASE("Packing: requests above demand keep nodes whole, below it they overfill them") {
  const std::array<Timeline, 4> honest = {Constant(40, 50, 1440), Constant(40, 50, 1440),
                                          Constant(40, 50, 1440), Constant(40, 50, 1440)};
  const auto whole = PackAndReplay(honest, 100, 3);
  CHECK(whole.mean_nodes == 2);
  CHECK(whole.overfull_node_days == 0);
  const std::array<Timeline, 4> greedy = {Constant(40, 25, 1440), Constant(40, 25, 1440),
                                          Constant(40, 25, 1440), Constant(40, 25, 1440)};
  const auto full = PackAndReplay(greedy, 100, 3);
  CHECK(full.mean_nodes == 1);
  CHECK(full.OverfullPer1000NodeDays() == 1000);
  CHECK(full.overfull_minutes == 1440);
}

}  // namespace
}  // namespace plimsoll::replay
