// SPDX-License-Identifier: Apache-2.0
#include "advisor/runtime/go.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "advisor/recommend/recommend.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::runtime {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr double kMiB = 1 << 20;
constexpr Collector kBusy{
    .allocation_rate = 100 * kMiB, .marked = 100 * kMiB, .mark_speed = 2.8 * 1024 * kMiB};
const GoFigures kGo{.live = 100 * kMiB,
                    .overhead = 20 * kMiB,
                    .outside = 10 * kMiB,
                    .processors = 2,
                    .collector = kBusy,
                    .accepts_tuning = true,
                    .gc_percent = 100,
                    .soft_limit = std::nullopt};

const recommend::Setting* Find(const std::vector<recommend::Setting>& settings,
                               std::string_view name) {
  const auto found = std::ranges::find(settings, name, &recommend::Setting::name);
  return found == settings.end() ? nullptr : &*found;
}

TEST_CASE("Square root rule: the worked example, and twice the garbage for four times the load") {
  CHECK(GarbageWorthKeeping(kBusy) == doctest::Approx(174 * kMiB).epsilon(0.01));
  Collector four = kBusy;
  four.allocation_rate *= 4;
  CHECK(GarbageWorthKeeping(four) == doctest::Approx(2 * GarbageWorthKeeping(kBusy)));
  CHECK(GarbageWorthKeeping({}) == 0);
}

TEST_CASE("Go: GOGC, demand and GOMEMLIMIT of the worked example") {
  sizing::Ledger ledger(nullptr);
  const double gogc = *WorthwhileGogc(kGo, ledger);
  CHECK(gogc == 173);
  const double demand = GoDemand(kGo, gogc, ledger);
  CHECK(demand == doctest::Approx(374 * kMiB).epsilon(0.01));
  const double soft = GoMemLimit(kGo, demand, ledger);
  CHECK(soft == doctest::Approx(331 * kMiB).epsilon(0.01));
  CHECK(Runway(kGo, soft) == doctest::Approx(2.1).epsilon(0.01));
}

TEST_CASE("Go: the limit for a runway has that runway") {
  sizing::Ledger ledger(nullptr);
  for (const double live : {4.0, 30.0, 100.0, 1000.0, 8000.0}) {
    GoFigures go = kGo;
    go.live = live * kMiB;
    const double limit = LimitForRunway(go, ledger);
    CAPTURE(live);
    CHECK(Runway(go, GoMemLimit(go, limit, ledger)) >= kGoodRunway);
    CHECK(Runway(go, GoMemLimit(go, limit * 0.9, ledger)) < kGoodRunway);
  }
}

TEST_CASE("Go: without room above the live heap no GOMEMLIMIT is advised, but a low GOGC") {
  sizing::Ledger ledger(nullptr);
  const auto settings = GoSettings(kGo, 150 * kMiB, ledger);
  CHECK(Find(settings, "GOMEMLIMIT") == nullptr);
  REQUIRE(Find(settings, "GOGC") != nullptr);
  CHECK(Find(settings, "GOGC")->recommended == 50);
}

TEST_CASE("Go: settings close enough stay as they are") {
  sizing::Ledger ledger(nullptr);
  GoFigures go = kGo;
  go.gc_percent = 170;
  go.soft_limit = 340 * kMiB;
  const auto settings = GoSettings(go, 385 * kMiB, ledger);
  CHECK(Find(settings, "GOGC")->recommended == 170);
  CHECK(Find(settings, "GOMEMLIMIT")->recommended == 340 * kMiB);
}

model::RuntimeStats StatsAt(int minute) {
  const double seconds = minute * 60.0;
  return {.kind = model::RuntimeKind::kGo,
          .process_start = kMonday - 1h,
          .time = kMonday + std::chrono::minutes(minute),
          .live = 100_MiB,
          .live_gc = static_cast<std::uint64_t>(minute),
          .heap_used = 150_MiB,
          .heap_free = 10_MiB,
          .runtime_total = 180_MiB,
          .scan_total = 100_MiB,
          .gc_percent = 100,
          .processors = 2,
          .allocated_total = Bytes::FromDouble(100 * kMiB * (seconds + 1)),
          .gc_cycles_total = static_cast<std::uint64_t>(60 * minute),
          .gc_cpu_seconds_total = 60.0 * minute * 100 / (2.8 * 1024),
          .accepts_tuning = true};
}

TEST_CASE("Go: from what the app reports to a limit and settings that go together") {
  history::ContainerHistory history;
  ReadDays(history, -10, 10, 800_MiB);
  for (int minute = 0; minute < 180; ++minute) {
    Read(history, kMonday + std::chrono::minutes(minute), 190_MiB);
    history.Observe("pod-1", StatsAt(minute));
  }
  const auto advice = recommend::Recommend(
      history, {.now = kMonday + 180min, .current = {.request = 800_MiB, .limit = 900_MiB}});
  CHECK(*advice.limit >= 370_MiB);
  CHECK(*advice.limit <= 420_MiB);
  CHECK(recommend::Verify(advice.explanation).has_value());
  const auto* soft = Find(advice.settings, "GOMEMLIMIT");
  REQUIRE(soft != nullptr);
  CHECK(soft->delivery == recommend::Delivery::kLive);
  CHECK(soft->recommended <= 0.9 * advice.limit->AsDouble());
  CHECK(Find(advice.settings, "GOGC")->recommended == doctest::Approx(173).epsilon(0.02));
  // Silent for a quarter of an hour: the readings decide again.
  CHECK(*recommend::Recommend(history, {.now = kMonday + 200min}).limit >= 800_MiB);
}

TEST_CASE("Go: the limit of an app that is tuned live holds what its start has taken so far") {
  history::ContainerHistory history;
  ReadDays(history, -10, 10, 190_MiB);
  for (int minute = 0; minute < 180; ++minute) history.Observe("pod-1", StatsAt(minute));
  const TimePoint now = kMonday + 180min;
  Read(history, now - 10min, 190_MiB);
  const recommend::Question question{.now = now, .guard = {.active = true}};
  REQUIRE(recommend::RecommendNumbers(history, question).limit < 800_MiB);
  history.Observe("pod-2", Digest({.at = now, .hard = 800_MiB, .started = now - 5min}));
  const recommend::Numbers advice = recommend::RecommendNumbers(history, question);
  REQUIRE(advice.reasons.Has(recommend::ReasonCode::kRuntimeModel));
  CHECK(*advice.limit >= 800_MiB);
}

TEST_CASE("Go: counters that went back or never moved give no rate, hence no GOGC") {
  history::ContainerHistory history;
  for (const int minute : {100, 50, 120}) {
    model::RuntimeStats stats = StatsAt(minute);
    stats.time = kMonday + std::chrono::minutes(minute == 50 ? 110 : minute);
    stats.allocated_total = Bytes(minute == 100 ? 1000 : 5);
    stats.gc_cycles_total = 7;
    history.Observe("pod-1", stats);
  }
  const auto go = ReadGo(history, history::MinuteOf(kMonday + 121min));
  REQUIRE(go.has_value());
  CHECK_FALSE(go->collector.has_value());
}

}  // namespace
}  // namespace plimsoll::runtime
