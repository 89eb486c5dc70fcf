// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/expected.h"

#include <doctest/doctest.h>

#include "tests/advisor/support/feed.h"

namespace plimsoll::sizing {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr double kMiB = 1 << 20;
// Hours are kept in steps of 1.1 %, rounded up.
doctest::Approx Mib(double mib) { return doctest::Approx(mib * kMiB).epsilon(0.012); }

TEST_CASE("ExpectedDemand: what was needed before this hour; the running hour is news") {
  history::ContainerHistory history;
  ReadDays(history, 0, 14, 400_MiB);
  const TimePoint today = kMonday + 14 * 24h;
  Read(history, today + 9h + 30min, 420_MiB);
  Read(history, today + 10h + 20min, 450_MiB);
  CHECK(ExpectedDemand(history, today + 10h + 20min)->AsDouble() == Mib(420));
  CHECK(ExpectedDemand(history, today + 11h)->AsDouble() == Mib(450));
}

TEST_CASE("ExpectedDemand: two weeks are looked back upon, and no more") {
  history::ContainerHistory history;
  ReadDays(history, 0, 1, 900_MiB);
  ReadDays(history, 1, 20, 400_MiB);
  CHECK(ExpectedDemand(history, kMonday + 14 * 24h)->AsDouble() == Mib(900));
  CHECK(ExpectedDemand(history, kMonday + 15 * 24h)->AsDouble() == Mib(400));
}

TEST_CASE("ExpectedDemand: a start counts once it is an hour old; a restart after a kill never") {
  history::ContainerHistory history;
  ReadDays(history, 0, 5, 400_MiB);
  const TimePoint start = kMonday + 5 * 24h;
  history.Observe("pod-1", Digest({.at = start + 2min, .hard = 700_MiB, .started = start}));
  CHECK(ExpectedDemand(history, start + 30min)->AsDouble() == Mib(400));
  CHECK(ExpectedDemand(history, start + 2h)->AsDouble() == Mib(700));

  const TimePoint killed = kMonday + 6 * 24h;
  history.Observe(Kill(killed - 1min, 800_MiB, "k"));
  history.Observe("pod-1", Digest({.at = killed + 2min, .hard = 780_MiB, .started = killed}));
  for (const history::StartRecord& each : history.starts().starts()) {
    if (each.FirstMinute() >= history::MinuteOf(killed) - 10) CHECK_FALSE(each.Clean());
  }
}

TEST_CASE("ExpectedDemand: without a reading nothing is expected, not zero") {
  history::ContainerHistory history;
  CHECK_FALSE(ExpectedDemand(history, kMonday).has_value());
  Read(history, kMonday + 20min, 100_MiB);
  CHECK_FALSE(ExpectedDemand(history, kMonday + 30min).has_value());
  CHECK(ExpectedDemand(history, kMonday + 61min)->AsDouble() == Mib(100));
}

}  // namespace
}  // namespace plimsoll::sizing
