// SPDX-License-Identifier: Apache-2.0
//
// Every reason code is given by some situation, told here by name: a code that nothing reaches
// would be documented for nothing.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>

#include "advisor/recommend/recommend.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::recommend {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

TimePoint Day(int day) { return kMonday + day * 24h; }

// A container to be told about, and what is asked of it. Unless something happens: twelve days at
// 400 MiB and the question at the end of the last.
struct Told {
  history::ContainerHistory history;
  Question question{.now = Day(12) - 25min};

  Told() = default;
  explicit Told(Bytes level) { ReadDays(history, 0, 12, level); }
  [[nodiscard]] bool Gives(ReasonCode code) const {
    return RecommendNumbers(history, question).reasons.Has(code);
  }
};

using Tell = std::function<void(Told&)>;

model::OomEvent Event(model::OomKind kind, Bytes limit) {
  return {.id = "k", .kind = kind, .time = Day(12) - 1h, .limit = limit};
}

Tell Killed(model::OomKind kind, Bytes limit = 410_MiB) {
  return [=](Told& told) { told.history.Observe(Event(kind, limit)); };
}

// The last hours again, each with something more to it.
Tell Seen(std::function<void(model::MemoryDigest&)> more) {
  return [more = std::move(more)](Told& told) {
    for (int hour = 12 * 24 - 30; hour < 12 * 24; ++hour) {
      model::MemoryDigest digest =
          Digest({.at = kMonday + std::chrono::hours(hour) + 30min, .hard = 400_MiB});
      more(digest);
      told.history.Observe("pod-1", digest);
    }
  };
}

void Leak(Told& told, int hours) {
  told = Told();
  for (int hour = 0; hour < hours; ++hour) {
    const Bytes level = Bytes::FromDouble(200e6 * (1 + 0.6 * hour / 24.0));
    const TimePoint at = kMonday + std::chrono::hours(hour) + 30min;
    told.history.Observe("pod-1", Digest({.at = at, .hard = level, .started = kMonday - 1h}));
  }
  told.question.now = kMonday + std::chrono::hours(hours);
}

void Fall(Told& told) {
  told = Told();
  told.history.ObserveRelease(Day(0), "v1");
  ReadDays(told.history, 0, 14, 800_MiB);
  told.history.ObserveRelease(Day(14), "v2");
  ReadDays(told.history, 14, 4, 400_MiB);
  Read(told.history, Day(18) + 1h, 400_MiB);
  told.question.now = Day(18) + 1h;
}

void GoTold(Told& told, double live, bool tunable) {
  constexpr double kMiB = 1 << 20;
  for (int minute = 0; minute < 180; ++minute) {
    const TimePoint at = Day(12) - 205min + std::chrono::minutes(minute);
    model::RuntimeStats stats;
    stats.kind = model::RuntimeKind::kGo;
    stats.version = "go1.23";
    stats.process_start = Day(0);
    stats.time = at;
    stats.live = Bytes::FromDouble(live * kMiB);
    stats.runtime_total = Bytes::FromDouble(live * 1.2 * kMiB);
    stats.heap_goal = Bytes::FromDouble(live * 1.3 * kMiB);
    stats.heap_used = stats.live;
    stats.scan_total = stats.live;
    stats.gc_percent = 100;
    stats.processors = 2;
    const double seconds = 60.0 * minute;
    stats.allocated_total = Bytes::FromDouble(100 * kMiB * (seconds + 1));
    stats.gc_cycles_total = static_cast<std::uint64_t>(60 * minute);
    stats.gc_cpu_seconds_total = 60.0 * minute * 100 / (2.8 * 1024);
    stats.accepts_tuning = tunable;
    told.history.Observe("pod-1", stats);
    told.question.now = at + 1min;
  }
}

Tell Asked(std::function<void(Question&)> change) {
  return [change = std::move(change)](Told& told) { change(told.question); };
}

Tell Grown(double percent) {
  return [percent](Told& told) {
    told = Told();
    for (int day = 0; day < 12; ++day) {
      ReadDays(told.history, day, 1, Bytes::FromDouble(4e8 * (1 + percent / 100 * day)));
    }
  };
}

const std::map<ReasonCode, Tell>& Tellings() {
  using enum ReasonCode;
  using model::OomKind;
  static const std::map<ReasonCode, Tell> kTellings = {
      {kNoData, [](Told& told) { told = Told(); }},
      {kColdStart,
       [](Told& told) {
         told = Told();
         Read(told.history, Day(12) - 1h, 400_MiB);
       }},
      {kHeldPeak, [](Told& told) { ReadDays(told.history, 6, 1, 600_MiB); }},
      {kTrend, Grown(6)},
      {kStartupPeak,
       [](Told& told) {
         told.history.Observe("pod-1",
                              Digest({.at = Day(11) + 2min, .hard = 900_MiB, .started = Day(11)}));
       }},
      {kEmergencyRaise, [](Told& told) { Read(told.history, Day(12) - 40min, 600_MiB); }},
      {kOomFloor, Killed(OomKind::kContainerOom)},
      {kStarvedAtBoundary, Seen([](auto& digest) {
         digest.limit = 500_MiB;
         digest.high = 404_MiB;
         digest.events.high = 50;
         digest.pressure = {.some = 3s, .full = 1s};
       })},
      {kCacheNeeded, Seen([](auto& digest) {
         digest.soft_mean = 2048_MiB;
         digest.working_set = 700_MiB;
         digest.usage = 2448_MiB;
         digest.refaults = 100'000;
       })},
      {kSwapCounted, Seen([](auto& digest) { digest.swap = 100_MiB; })},
      {kNodeOom, Killed(OomKind::kNodeOom)},
      {kEvicted, Killed(OomKind::kEvicted)},
      {kPodSliceOom, Killed(OomKind::kPodSliceOom)},
      {kRuntimeOom, Killed(OomKind::kRuntimeOom)},
      {kLeakSuspected, [](Told& told) { Leak(told, 36); }},
      {kLeakConfirmed, [](Told& told) { Leak(told, 72); }},
      {kSkewedReplicas,
       [](Told& told) {
         for (int pod = 2; pod < 7; ++pod) {
           Read(told.history, Day(12) - 1h, pod == 2 ? 900_MiB : 400_MiB,
                "pod-" + std::to_string(pod));
         }
       }},
      {kUnobservedPeaks, Killed(OomKind::kContainerOom, 600_MiB)},
      {kReleaseChange, Fall},
      {kDrifted,
       [](Told& told) {
         told = Told();
         ReadDays(told.history, 0, 18, 400_MiB);
         ReadDays(told.history, 18, 7, 800_MiB);
         Read(told.history, Day(25) + 1h, 800_MiB);
         told.question.now = Day(25) + 1h;
       }},
      {kBatchRuns, Asked([](auto& question) { question.batch = true; })},
      {kGuarded, Asked([](auto& question) { question.guard.active = true; })},
      {kGuardSettling, Asked([](auto& question) {
         question.guard = {.active = true, .since = question.now - 5min};
       })},
      {kRuntimeModel, [](Told& told) { GoTold(told, 100, true); }},
      {kRunwayShort, [](Told& told) { GoTold(told, 380, false); }},
      {kObservationTooShort,
       [](Told& told) {
         told = Told();
         Read(told.history, Day(12) - 1h, 400_MiB);
       }},
      {kTelemetryStale, Asked([](auto& question) { question.now += 16min; })},
      {kPressureOn, Seen([](auto& digest) { digest.pressure = {.some = 1s, .full = 1s}; })},
      {kRecentOom, Killed(OomKind::kChildOom)},
      {kRaisedToPolicyMinimum, Asked([](auto& question) { question.policy.min_allowed = 1_GiB; })},
      {kCappedByPolicyMaximum,
       Asked([](auto& question) { question.policy.max_allowed = 100_MiB; })},
      {kRaisedToLimitRangeMinimum,
       Asked([](auto& question) { question.constraints.limit_range_min = 1_GiB; })},
      {kCappedByLimitRangeMaximum,
       Asked([](auto& question) { question.constraints.limit_range_max = 100_MiB; })},
      {kLimitRangeRatio,
       [](Told& told) {
         Read(told.history, Day(12) - 40min, 1_GiB);
         told.question.constraints.limit_range_max_ratio = Ratio(1.5);
       }},
      {kExceedsNodeAllocatable,
       Asked([](auto& question) { question.constraints.node_allocatable = 100_MiB; })},
      {kQuotaExceeded, Asked([](auto& question) {
         question.constraints.quota_share = 150_MiB;
         question.current = {.request = 100_MiB, .limit = 500_MiB};
       })},
      {kKeptGuaranteed, Asked([](auto& question) { question.constraints.guaranteed = true; })},
      {kNotControlled, Asked([](auto& question) {
         question.policy.controlled = model::Controlled::kRequestsOnly;
         question.current = {.request = 100_MiB, .limit = 1_GiB};
       })},
      {kKeptPrevious,
       [](Told& told) {
         const Numbers now = RecommendNumbers(told.history, told.question);
         told.question.previous = {.request = now.request, .limit = *now.limit + 8_MiB};
       }},
  };
  return kTellings;
}

TEST_CASE("Reasons: every code is given by the situation that it names, and not without it") {
  for (int i = 0; i < static_cast<int>(ReasonCode::kCount); ++i) {
    const auto code = static_cast<ReasonCode>(i);
    CAPTURE(std::string(Name(code)));
    const auto tell = Tellings().find(code);
    REQUIRE_MESSAGE(tell != Tellings().end(), "no situation gives this code");
    Told told(400_MiB);
    CHECK_FALSE(told.Gives(code));
    tell->second(told);
    CHECK(told.Gives(code));
  }
}

}  // namespace
}  // namespace plimsoll::recommend
