// SPDX-License-Identifier: Apache-2.0
//
// Golden numbers of VPA 1.7.1 (peers.md §2.9). That the port equals VPA's own code to the byte on
// random traces is the business of rung 50-oracle; these say in plain words what VPA does.
#include "advisor/replay/baselines/vpa.h"

#include <doctest/doctest.h>

namespace plimsoll::replay {
namespace {

using namespace literals;
using std::chrono::minutes;

constexpr TimePoint kStart{Duration(1'790'000'000'000)};

double InMiB(Bytes bytes) { return bytes.AsDouble() / (1 << 20); }

// One poll a minute for `days`; usage of each minute by `usage`.
template <class Usage>
VpaRecommendation AfterDays(int days, Bytes floor, Usage usage) {
  VpaAggregate aggregate;
  VpaContainer container;
  for (int minute = 0; minute < days * 1440; ++minute) {
    container.AddUsage(aggregate, kStart + minutes(minute), usage(minute));
  }
  return aggregate.Recommend(floor);
}

TEST_CASE("VPA: a flat load is overstated by bucket end and margin") {
  const auto small = AfterDays(1, VpaFloor(1), [](int) { return 100_MiB; });
  CHECK(InMiB(small.target) == doctest::Approx(250));
  const auto day = AfterDays(1, VpaFloor(1), [](int) { return 500_MiB; });
  CHECK(InMiB(day.lower) == doctest::Approx(598.4).epsilon(0.0002));
  CHECK(InMiB(day.target) == doctest::Approx(599.6).epsilon(0.0002));
  CHECK(InMiB(day.upper) == doctest::Approx(1199.6).epsilon(0.001));
  const auto week = AfterDays(8, VpaFloor(1), [](int) { return 500_MiB; });
  CHECK(InMiB(week.upper) == doctest::Approx(674.5).epsilon(0.0002));
}

TEST_CASE("VPA: a spike is forgotten after about three days") {
  const auto spike_on = [](int day) {
    return AfterDays(8, VpaFloor(1), [day](int minute) {
      return minute == (day - 1) * 1440 + 600 ? 2048_MiB : 500_MiB;
    });
  };
  CHECK(InMiB(spike_on(4).target) == doctest::Approx(599.6).epsilon(0.0002));
  CHECK(InMiB(spike_on(5).target) == doctest::Approx(599.6).epsilon(0.0002));
  CHECK(InMiB(spike_on(6).target) == doctest::Approx(2421.7).epsilon(0.0002));
}

TEST_CASE("VPA: the bump after an OOM starts from the request, not from the limit") {
  VpaAggregate aggregate;
  VpaContainer container;
  for (int minute = 0; minute < 8 * 1440; ++minute) {
    container.AddUsage(aggregate, kStart + minutes(minute), 500_MiB);
  }
  container.AddOom(aggregate, kStart + minutes(8 * 1440 - 1), 512_MiB);
  CHECK(InMiB(aggregate.Recommend(VpaFloor(1)).target) == doctest::Approx(728.7).epsilon(0.0002));
}

TEST_CASE("VPA: the updater acts outside the bounds, after a quick OOM, or on old pods") {
  const VpaRecommendation answer{.lower = 90_MiB, .target = 100_MiB, .upper = 200_MiB};
  const auto acts = [&answer](Bytes request, int hours, bool quick) {
    return VpaShouldUpdate(answer, {request, std::chrono::hours(hours), quick});
  };
  CHECK(acts(89_MiB, 0, false));
  CHECK(acts(201_MiB, 0, false));
  CHECK_FALSE(acts(150_MiB, 11, false));
  CHECK(acts(150_MiB, 12, false));
  CHECK_FALSE(acts(105_MiB, 12, false));
  CHECK(acts(105_MiB, 0, true));
  CHECK_FALSE(acts(100_MiB, 24, true));
}

TEST_CASE("VPA: the floor is one pod's, divided by its containers") {
  CHECK(VpaFloor(1) == 250_MiB);
  CHECK(VpaFloor(2) == 125_MiB);
  CHECK(VpaAggregate().Recommend(VpaFloor(1)).target == 250_MiB);
  CHECK(VpaAggregate().Recommend(0_B) == VpaRecommendation{});
}

}  // namespace
}  // namespace plimsoll::replay
