// SPDX-License-Identifier: Apache-2.0
//
// Each estimator by the worked example of its header, and where it must hold its tongue.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "advisor/recommend/recommend.h"
#include "advisor/sizing/baseline.h"
#include "advisor/sizing/cache_need.h"
#include "advisor/sizing/cheapest_hold.h"
#include "advisor/sizing/lease.h"
#include "advisor/sizing/margin.h"
#include "advisor/sizing/oom_search.h"
#include "advisor/sizing/request.h"
#include "advisor/sizing/run_peak.h"
#include "advisor/sizing/startup.h"
#include "advisor/sizing/trend.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::sizing {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr double kMiB = 1 << 20;
constexpr history::Minute kDay = 24 * 60;

// Peaks in MiB by age; index 0 is yesterday.
DayPeaks Days(const std::vector<double>& peaks) {
  DayPeaks days;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    days.by_age[i + 1] = history::EncodeUp(Bytes::FromDouble(peaks[i] * kMiB));
    days.highest = std::max(days.highest, days.by_age[i + 1]);
    ++days.complete_days;
  }
  return days;
}

doctest::Approx Mib(double mib) { return doctest::Approx(mib * kMiB).epsilon(0.002); }

struct Quiet {
  Ledger ledger{nullptr};
};

TEST_CASE_FIXTURE(Quiet, "Baseline: the median of seven days, which one wild day does not move") {
  CHECK(*Baseline(Days({300, 310, 305, 900, 302, 298, 307}), ledger) == Mib(305));
  CHECK(*Baseline(Days({100, 200}), ledger) == Mib(150));
  CHECK_FALSE(Baseline(Days({}), ledger).has_value());
}

std::vector<double> SpikeDaysAgo(std::size_t age, double spike) {
  std::vector<double> peaks(50, 100);
  peaks[age - 1] = spike;
  return peaks;
}

double Base(std::size_t age, double spike, double price, Ledger& ledger) {
  return LeasedPeak(Days(SpikeDaysAgo(age, spike)), {}, 100 * kDay, 100 * kMiB, price, ledger).base;
}

TEST_CASE_FIXTURE(Quiet, "LeasedPeak: a spike is held until its rent equals the price of a kill") {
  CHECK(Base(12, 220, 15, ledger) == Mib(220));  // 15 / 1.2 = 12.5 days
  CHECK(Base(13, 220, 15, ledger) == Mib(100));
  CHECK(Base(5, 398, 15, ledger) == Mib(398));
  CHECK(Base(6, 398, 15, ledger) == Mib(100));
  CHECK(Base(2, 5000, 5, ledger) == Mib(5000));  // two days whatever it costs
}

TEST_CASE_FIXTURE(Quiet, "LeasedPeak: a dearer kill holds longer, never shorter") {
  for (std::size_t age = 1; age < 50; ++age) {
    CHECK(Base(age, 180, 5, ledger) <= Base(age, 180, 15, ledger));
    CHECK(Base(age, 180, 15, ledger) <= Base(age, 180, 30, ledger));
  }
}

TEST_CASE_FIXTURE(Quiet, "LeasedPeak: a limit that killed counts until a reading says more") {
  const std::vector<history::LimitRefuted> kills = {
      {.pages = 160 * 256, .last = 95 * kDay}};  // 160 MiB, five days ago
  const auto base = [&](const DayPeaks& days) {
    return LeasedPeak(days, kills, 100 * kDay, 100 * kMiB, 15, ledger).base;
  };
  CHECK(base(Days(std::vector<double>(20, 100))) == Mib(184));
  CHECK(base(Days(SpikeDaysAgo(5, 170))) == Mib(170));
}

TEST_CASE_FIXTURE(Quiet, "LeasedPeak: kills at two limits within four weeks double the price") {
  const auto at = [](int day, history::Pages pages) {
    return history::LimitRefuted{.pages = pages, .last = day * kDay};
  };
  const auto again = [](const std::vector<history::LimitRefuted>& kills) {
    return KilledAgain(kills, 100 * kDay);
  };
  CHECK_FALSE(again({}));
  CHECK_FALSE(again({at(95, 100)}));
  CHECK(again({at(95, 100), at(72, 200)}));
  CHECK_FALSE(again({at(95, 100), at(71, 200)}));
  CHECK(Base(24, 220, 15 * kPriceWhenKilledAgain, ledger) == Mib(220));
  CHECK(Base(26, 220, 15 * kPriceWhenKilledAgain, ledger) == Mib(100));
}

TEST_CASE("UnguardedLimit: what was killed at two limits holds a spike for longer") {
  const auto limit = [](const std::vector<Bytes>& killed_at) {
    history::ContainerHistory history;
    ReadDays(history, 0, 15, 100_MiB);
    ReadDays(history, 15, 1, 220_MiB);
    ReadDays(history, 16, 18, 100_MiB);  // the spike is 18 days old
    for (const Bytes at : killed_at)
      history.Observe(Kill(kMonday + 15 * 24h, at, std::to_string(at.count())));
    return recommend::RecommendNumbers(history, {.now = kMonday + 34 * 24h}).limit->AsDouble();
  };
  CHECK(limit({150_MiB}) < 150 * kMiB);
  CHECK(limit({150_MiB, 180_MiB}) > 220 * kMiB);
}

TEST_CASE("HighestOf: the highest of every window of days, whatever the window's length") {
  DayPeaks days;
  for (std::size_t age = 0; age < days.by_age.size(); ++age) {
    days.by_age[age] = static_cast<history::LogCode>(age % 7 == 3 ? 0 : 100 + age * 37 % 23);
  }
  const auto check = [&](const auto& windows, std::size_t length) {
    for (std::size_t age = 0; age < windows.size(); ++age) {
      const auto first = days.by_age.begin() + static_cast<std::ptrdiff_t>(age);
      CHECK(windows[age] == *std::max_element(first, first + static_cast<std::ptrdiff_t>(length)));
    }
  };
  check(HighestOf<1, 60>(days), 1);
  check(HighestOf<2, 59>(days), 2);
  check(HighestOf<7, 30>(days), 7);
  check(HighestOf<14, 47>(days), 14);
}

TEST_CASE_FIXTURE(Quiet, "Margin: days that never outdo the ones before need hardly any") {
  std::vector<double> two_levels;
  for (int i = 0; i < 27; ++i) two_levels.push_back(i % 2 == 0 ? 100 : 60);
  CHECK(Margin(Days(two_levels), 15, ledger) == doctest::Approx((27 * 0.03 + 0.48) / 31));
}

TEST_CASE_FIXTURE(Quiet, "Margin: a surprise is covered when that is cheaper than its kills") {
  // 10 % above everything before, ten days ago: 28 * 0.095 < 15.
  std::vector<double> peaks(45, 100);
  for (std::size_t i = 0; i < 10; ++i) peaks[i] = 110;
  const double covered = Margin(Days(peaks), 15, ledger);
  CHECK(covered == doctest::Approx((45 * 1.1 * 0.0953 + 0.48) / 49).epsilon(0.01));
  // Doubled: 28 * 0.69 > 15, so this kill is the cheaper one.
  for (std::size_t i = 0; i < 10; ++i) peaks[i] = 200;
  CHECK(Margin(Days(peaks), 15, ledger) < covered);
  CHECK(Margin(Days(peaks), 30, ledger) > 0.3);
}

std::vector<double> Weekly(double spike, std::size_t phase = 6) {
  std::vector<double> peaks(42, 100);
  for (std::size_t i = phase; i < peaks.size(); i += 7) peaks[i] = spike;
  return peaks;
}

TEST_CASE("CheapestHold: a weekly spike is held for a week once a raise costs more than the room") {
  CHECK(CheapestHold(Days(Weekly(220)), 100 * kMiB, 3) == 1);  // a week costs 1240 against 1540
  CHECK(CheapestHold(Days(Weekly(220)), 100 * kMiB, 7) == 7);  // 1640 against 1540
  CHECK(CheapestHold(Days(Weekly(150)), 100 * kMiB, 3) == 7);  // 1100 against 1050
}

TEST_CASE("CheapestHold: nothing to come down from is held for a day, and so is nothing known") {
  CHECK(CheapestHold(Days(std::vector<double>(42, 100)), 100 * kMiB, 3) == 1);
  CHECK(CheapestHold(Days({100}), 100 * kMiB, 3) == 1);
  CHECK(CheapestHold(Days({}), 0, 3) == 1);
}

TEST_CASE("CheapestHold: a dearer raise never holds shorter, and scale does not matter") {
  for (const double spike : {105.0, 120.0, 150.0, 220.0, 400.0}) {
    for (std::size_t phase = 0; phase < 7; ++phase) {
      int before = 0;
      for (const auto objective : {model::Objective::kSavings, model::Objective::kBalanced,
                                   model::Objective::kReliability}) {
        const int hold =
            CheapestHold(Days(Weekly(spike, phase)), 100 * kMiB, RaisePriceDays(objective));
        CHECK(hold >= before);
        before = hold;
      }
    }
  }
}

TEST_CASE_FIXTURE(Quiet,
                  "SteadyGrowth: prepares for the next day of a steady rise, and for no other") {
  const auto trend = SteadyGrowth(Days({115, 112, 109, 106, 103, 100}), ledger);
  REQUIRE(trend.has_value());
  CHECK(trend->slope == doctest::Approx(3 * kMiB).epsilon(0.05));
  CHECK(trend->ahead == doctest::Approx(125.1 * kMiB).epsilon(0.005));
  CHECK_FALSE(SteadyGrowth(Days({115, 100, 109, 106, 103, 100}), ledger).has_value());
  CHECK_FALSE(SteadyGrowth(Days({106, 103, 100}), ledger).has_value());
  CHECK_FALSE(SteadyGrowth(Days(std::vector<double>(6, 100)), ledger).has_value());
  // One step of the stored logarithm, which rounding makes of nothing.
  const double step = std::exp2(1.0 / history::kStepsPerOctave);
  CHECK_FALSE(SteadyGrowth(Days({115 * step, 115, 112 * step, 112}), ledger).has_value());
}

history::LimitRefuted Refuted(history::Pages mib, history::Minute last) {
  return {.pages = mib * 256, .last = last};
}

TEST_CASE_FIXTURE(Quiet, "OomFloor: four times the largest limit that was refuted") {
  const history::Minute now = 100 * kDay;
  CHECK(*OomFloor(std::vector{Refuted(64, now)}, now, ledger) == Mib(256));
  CHECK(*OomFloor(std::vector{Refuted(64, now - 5), Refuted(256, now)}, now, ledger) == Mib(1024));
  // Which of them was refuted last does not matter.
  CHECK(*OomFloor(std::vector{Refuted(64, now), Refuted(256, now - 5)}, now, ledger) == Mib(1024));
}

TEST_CASE_FIXTURE(Quiet,
                  "OomFloor: is given up a day after the last kill, and believes no far future") {
  const history::Minute now = 100 * kDay;
  CHECK(OomFloor(std::vector{Refuted(64, now - kDay)}, now, ledger).has_value());
  CHECK_FALSE(OomFloor(std::vector{Refuted(64, now - kDay - 1)}, now, ledger).has_value());
  CHECK_FALSE(OomFloor(std::vector{Refuted(64, now + kDay)}, now, ledger).has_value());
}

TEST_CASE("StartPeak: the highest of three healthy starts, restarts after a kill left out") {
  history::ContainerHistory history;
  const auto start = [&](int day, Bytes peak) {
    const TimePoint at = kMonday + day * 24h;
    ReadDays(history, day - 4, 4, 100_MiB);
    history.Observe("pod-1", Digest({.at = at + 2min, .hard = peak, .started = at}));
  };
  start(4, 400_MiB);
  start(8, 630_MiB);
  start(12, 500_MiB);
  CHECK(history::Decode(StartPeak(history)) == Mib(630));
  history.Observe(Kill(kMonday + 16 * 24h - 5min, 650_MiB, "outlier"));
  start(16, 900_MiB);
  CHECK(history::Decode(StartPeak(history)) == Mib(630));
  start(20, 300_MiB);
  start(24, 300_MiB);
  CHECK(history::Decode(StartPeak(history)) == Mib(500));
}

TEST_CASE("NeededByRuns: the highest run with a margin by how much runs differ") {
  history::ContainerHistory history;
  int hour = 0;
  for (const Bytes peak : {300_MiB, 320_MiB, 310_MiB, 900_MiB, 305_MiB}) {
    const TimePoint at = kMonday + std::chrono::hours(++hour);
    history.Observe("job", Digest({.at = at + 5min, .hard = peak, .started = at}));
  }
  Ledger ledger(nullptr);
  const auto need = NeededByRuns(
      Look(history, kMonday + 8h, model::Objective::kBalanced, /*batch=*/true), ledger);
  REQUIRE(need.has_value());
  CHECK(need->limit == Mib(990));
  CHECK(need->request == Mib(310));
}

TEST_CASE("NeededCache: what is read again and again is needed, what merely fills up is not") {
  history::ContainerHistory history;
  model::MemoryDigest digest = Digest({.at = kMonday + 1h, .hard = 1000_MiB});
  digest.soft_mean = 2048_MiB;
  digest.working_set = 1300_MiB;
  digest.usage = 3048_MiB;
  history.Observe("pod-1", digest);
  Ledger ledger(nullptr);
  const auto need = [&] {
    return NeededCache(Look(history, kMonday + 2h, model::Objective::kBalanced, false), ledger);
  };
  CHECK(need()->bytes == Mib(50));
  CHECK_FALSE(need()->proven);
  digest.refaults = 100'000;  // 390 MiB in 15 s
  history.Observe("pod-1", digest);
  CHECK(need()->bytes == Mib(2560));
  CHECK(need()->proven);
}

// Peaks that grow by `step` MiB a day, as hours that all reach them.
history::ContainerHistory Growing(int days, double step) {
  history::ContainerHistory history;
  for (int day = 0; day < days; ++day) {
    ReadDays(history, day, 1, Bytes::FromDouble((400 + step * day) * kMiB));
  }
  return history;
}

double Request(const history::ContainerHistory& history, TimePoint now) {
  Ledger ledger(nullptr);
  recommend::ReasonSet reasons;
  const Situation situation = Look(history, now, model::Objective::kBalanced, /*batch=*/false);
  const auto need = UnguardedLimit(situation, ledger, reasons);
  return WantedRequest(situation, *need, ledger, reasons);
}

TEST_CASE("WantedRequest: steady growth is followed two days ahead of yesterday's peak") {
  // Day 9 peaked at 490 MiB and a day adds 10: 490 + 10 + 10.
  CHECK(Request(Growing(10, 10), kMonday + 10 * 24h) == Mib(510));
  CHECK(Request(Growing(10, 0), kMonday + 10 * 24h) < 410 * kMiB);
}

TEST_CASE("WantedRequest: growth that is gone, as after a restart, is not followed") {
  history::ContainerHistory history = Growing(10, 10);
  const TimePoint today = kMonday + 10 * 24h;
  Read(history, today + 30min, 200_MiB);
  Read(history, today + 90min, 200_MiB);
  CHECK(Request(history, today + 100min) < 495 * kMiB);
}

TEST_CASE("WantedRequest: a leak's request keeps two days of it free") {
  history::ContainerHistory history;
  for (int hour = 0; hour < 96; ++hour) {
    const Bytes level = Bytes::FromDouble((400 + 2.0 * hour) * kMiB);
    const TimePoint at = kMonday + std::chrono::hours(hour) + 30min;
    history.Observe("pod-1", Digest({.at = at, .hard = level, .started = kMonday - 1h}));
  }
  // 590 MiB in the last hour, 48 more a day.
  CHECK(Request(history, kMonday + 96h) == doctest::Approx((590 + 2 * 48) * kMiB).epsilon(0.03));
}

TEST_CASE("NeededCache: a cache that was missed once and grows is followed by 1 % a day") {
  history::ContainerHistory history;
  const auto read = [&](int day, double cache_mib, std::uint64_t refaults) {
    model::MemoryDigest digest = Digest({.at = kMonday + day * 24h + 12h, .hard = 1000_MiB});
    digest.soft_mean = Bytes::FromDouble(cache_mib * kMiB);
    digest.working_set = digest.hard_mean + *digest.soft_mean;
    digest.usage = *digest.working_set;
    digest.refaults = refaults;
    history.Observe("pod-1", digest);
  };
  read(0, 1000, 100'000);
  Ledger ledger(nullptr);
  const auto need = [&](int day) {
    return NeededCache(Look(history, kMonday + (day + 1) * 24h, model::Objective::kBalanced, false),
                       ledger)
        ->bytes;
  };
  for (int day = 1; day <= 20; ++day) {
    for (int i = 0; i < 5; ++i) read(day, 1000 * (1 + 0.008 * day), 0);
  }
  CHECK(need(20) == doctest::Approx(1.25 * 1160 * kMiB).epsilon(0.02));
  // What jumps has merely found room: not more than 1 % of it is believed in a day.
  for (int i = 0; i < 5; ++i) read(21, 5000, 0);
  CHECK(need(21) == doctest::Approx(1.25 * 1172 * kMiB).epsilon(0.02));
}

}  // namespace
}  // namespace plimsoll::sizing
