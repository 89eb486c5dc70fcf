// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/level_series.h"

#include <doctest/doctest.h>

#include <initializer_list>

namespace plimsoll::history {
namespace {

constexpr Minute kBegin = 600 * 24 * 60;
constexpr std::uint32_t kOlder = 7;
constexpr std::uint32_t kYounger = 5;

struct Told {
  std::uint32_t pod;
  Minute start;
  LevelKind kind;
  bool grows;
};

LevelSeries Lived(std::initializer_list<Told> order) {
  LevelSeries series;
  for (int hour = 1; hour <= 48; ++hour) {
    for (const Told& each : order) {
      const double level = each.grows ? 200e6 * (1 + 0.6 * hour / 24.0) : 200e6;
      series.Observe(each.pod, each.start, kBegin + static_cast<Minute>(hour) * 60 + 30, each.kind,
                     EncodeUp(Bytes::FromDouble(level)));
    }
  }
  return series;
}

TEST_CASE("LevelSeries: a process that began after its container's stands for all in every order") {
  // By its container it is older than the other, by its process younger.
  const Told hard{kOlder, kBegin - 10, LevelKind::kHard, false};
  const Told live{kOlder, kBegin - 5, LevelKind::kLive, true};
  const Told other{kYounger, kBegin - 7, LevelKind::kHard, false};
  const LevelSeries first = Lived({hard, live, other});
  CHECK(first == Lived({other, hard, live}));
  CHECK(first == Lived({hard, other, live}));
  CHECK(first.verdict() != leak::Verdict::kNone);
}

TEST_CASE("LevelSeries: an unknown start is no early one") {
  const Told unknown{kYounger, 0, LevelKind::kHard, false};
  const Told known{kOlder, kBegin - 10, LevelKind::kHard, true};
  CHECK(Lived({unknown, known}) == Lived({known, unknown}));
  CHECK(Lived({unknown, known}).verdict() != leak::Verdict::kNone);
}

}  // namespace
}  // namespace plimsoll::history
