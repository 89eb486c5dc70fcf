// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/confidence.h"

#include <doctest/doctest.h>

#include "advisor/recommend/recommend.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::recommend {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

double Asked(const history::ContainerHistory& history, TimePoint now) {
  return RecommendNumbers(history, {.now = now}).confidence.value();
}

history::ContainerHistory Weeks(const std::vector<Bytes>& weekly) {
  history::ContainerHistory history;
  for (std::size_t week = 0; week < weekly.size(); ++week) {
    ReadDays(history, static_cast<int>(week) * 7, 7, weekly[week]);
  }
  return history;
}

TimePoint AfterWeeks(int weeks) { return kMonday + weeks * 7 * 24h; }

TEST_CASE("Confidence: the worked example of five quiet weeks") {
  const auto history = Weeks(std::vector<Bytes>(5, 400_MiB));
  CHECK(Asked(history, AfterWeeks(5)) == doctest::Approx(0.951).epsilon(0.01));
}

TEST_CASE("Confidence: quiet weeks bring it, weeks that outdo all before take it away") {
  double before = 0;
  for (int weeks = 1; weeks <= 6; ++weeks) {
    const auto history = Weeks(std::vector<Bytes>(static_cast<std::size_t>(weeks), 400_MiB));
    const double now = Asked(history, AfterWeeks(weeks));
    CHECK(now >= before);
    before = now;
  }
  const auto one = Weeks({400_MiB, 400_MiB, 400_MiB, 500_MiB, 500_MiB, 500_MiB});
  const auto each = Weeks({400_MiB, 500_MiB, 600_MiB, 700_MiB, 800_MiB, 900_MiB});
  CHECK(Asked(one, AfterWeeks(6)) < before);
  // Where every week does so, the room that is held has learned it.
  CHECK(Asked(each, AfterWeeks(6)) < before);
}

TEST_CASE("Confidence: room held for a spike that is over is stated as slack") {
  auto history = Weeks(std::vector<Bytes>(6, 400_MiB));
  const auto quiet = RecommendNumbers(history, {.now = AfterWeeks(6)});
  CHECK(quiet.stated_slack.value() == 0.5);
  ReadDays(history, 33, 1, 1000_MiB);  // nine days ago, still held
  const auto held = RecommendNumbers(history, {.now = AfterWeeks(6)});
  REQUIRE(held.limit);
  CHECK(held.limit->AsDouble() > 2.2 * (400_MiB).AsDouble());
  const double usual = (400_MiB).AsDouble() / (1.1 * held.limit->AsDouble());
  CHECK(held.stated_slack.value() == doctest::Approx(1 - usual).epsilon(0.02));
  CHECK(held.confidence.value() < quiet.confidence.value());  // a week was outdone, once
}

TEST_CASE("Confidence: steady growth will not leave a limit right for a week") {
  history::ContainerHistory history;
  for (int day = 0; day < 30; ++day) {
    ReadDays(history, day, 1, Bytes::FromDouble(4e8 * (1 + 0.03 * day)));
  }
  CHECK(Asked(history, kMonday + 30 * 24h) < 0.3);
}

TEST_CASE("Confidence: none without a reading, hardly any after minutes, never certainty") {
  CHECK(Asked({}, kMonday) == 0);
  history::ContainerHistory history;
  for (int i = 0; i < 12; ++i) Read(history, kMonday + i * 15s, 60_MiB);
  CHECK(Asked(history, kMonday + 3min) < 0.1);
  CHECK(Asked(Weeks(std::vector<Bytes>(9, 400_MiB)), AfterWeeks(9)) <= 0.98);
}

}  // namespace
}  // namespace plimsoll::recommend
