// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "advisor/replay/families.h"

namespace plimsoll::replay {
namespace {

TEST_CASE("Blind families: twelve with names of their own, found by name, in no other group") {
  CHECK(BlindFamilies().size() == 12);
  std::set<std::string_view> names;
  for (const auto group : {Families(), UnseenFamilies()}) {
    for (const auto& family : group) names.insert(family.name);
  }
  for (const auto& family : BlindFamilies()) {
    CAPTURE(family.name);
    CHECK(names.insert(family.name).second);
    CHECK(family.held_out);
    const auto found = FindFamily(family.name);
    REQUIRE(found.has_value());
    CHECK(*found == &family);
  }
}

TEST_CASE("Blind families: what they ask for is a number, above nothing and below a node") {
  for (const auto& family : BlindFamilies()) {
    CAPTURE(family.name);
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      CAPTURE(seed);
      const auto workload = Generate(family, seed, 14);
      const auto again = Generate(family, seed, 14);
      CHECK(workload.minutes.size() == 14 * 1440);
      CHECK(workload.traits.initial_limit > 0);
      bool sane = true;
      bool same = true;
      for (std::size_t t = 0; t < workload.minutes.size(); ++t) {
        const Minute& minute = workload.minutes[t];
        sane = sane && std::isfinite(minute.peak) && minute.level > 0 &&
               minute.peak >= minute.level && minute.peak < 64.0 * (1LL << 30);
        same =
            same && minute.level == again.minutes[t].level && minute.peak == again.minutes[t].peak;
      }
      CHECK(sane);
      CHECK(same);
    }
  }
}

}  // namespace
}  // namespace plimsoll::replay
