// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "advisor/replay/families.h"
#include "advisor/replay/random.h"

namespace plimsoll::replay {
namespace {

constexpr double kMiB = 1 << 20;
constexpr float kNode = 64.0F * (1LL << 30);
constexpr int kDays = 42;
constexpr std::uint64_t kSeeds = 8;

bool Same(const Workload& a, const Workload& b) {
  const auto same = [](const Minute& x, const Minute& y) {
    return x.level == y.level && x.peak == y.peak && x.rise_s == y.rise_s && x.cache == y.cache &&
           x.needed_cache == y.needed_cache;
  };
  return a.traits.base == b.traits.base && a.traits.initial_limit == b.traits.initial_limit &&
         a.release_minutes == b.release_minutes && a.start_minutes == b.start_minutes &&
         std::ranges::equal(a.minutes, b.minutes, same);
}

std::vector<const Family*> UnseenAndBlind() {
  std::vector<const Family*> families;
  for (const auto group : {UnseenFamilies(), BlindFamilies()}) {
    for (const auto& family : group) families.push_back(&family);
  }
  return families;
}

template <class Check>
void ForEachWorkload(Check check) {
  for (const Family* family : UnseenAndBlind()) {
    CAPTURE(family->name);
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      CAPTURE(seed);
      check(Generate(*family, seed, kDays));
    }
  }
}

TEST_CASE("Unseen and blind families: names of their own, found by name, in one group only") {
  CHECK(UnseenFamilies().size() == 26);
  CHECK(BlindFamilies().size() == 10);
  std::set<std::string_view> names;
  for (const auto& family : Families()) names.insert(family.name);
  for (const Family* family : UnseenAndBlind()) {
    CAPTURE(family->name);
    CHECK(names.insert(family->name).second);
    CHECK_FALSE(family->late);
    const auto found = FindFamily(family->name);
    REQUIRE(found.has_value());
    CHECK(*found == family);
  }
  const auto error = FindFamily("no such").error();
  CHECK(error.message().find("queue-consumer") != std::string::npos);
  CHECK(error.message().find("log-shipper") != std::string::npos);
}

TEST_CASE(
    "Unseen and blind families: the same seed gives the same workload, another seed another") {
  for (const Family* family : UnseenAndBlind()) {
    CAPTURE(family->name);
    const auto first = Generate(*family, 5, 10);
    CHECK(Same(first, Generate(*family, 5, 10)));
    const auto other = Generate(*family, 6, 10);
    CHECK(first.traits.base != other.traits.base);
    CHECK(!Same(first, other));
  }
}

TEST_CASE(
    "Unseen and blind families: sizes lie in the family's range and fill it, 30 MiB to 16 GiB in "
    "all") {
  for (const Family* family : UnseenAndBlind()) {
    CAPTURE(family->name);
    REQUIRE(family->smallest_mib >= 30);
    REQUIRE(family->largest_mib <= 16384);
    double least = INFINITY;
    double most = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const double base = Generate(*family, seed, 1).traits.base;
      least = std::min(least, base);
      most = std::max(most, base);
    }
    CHECK(least >= family->smallest_mib * kMiB);
    CHECK(most <= family->largest_mib * kMiB);
    // Forty draws that all miss the lowest or highest fifth on a log scale: once in 7500 families.
    const double range = std::log(family->largest_mib / family->smallest_mib);
    CHECK(std::log(least / kMiB / family->smallest_mib) < 0.2 * range);
    CHECK(std::log(family->largest_mib * kMiB / most) < 0.2 * range);
  }
}

TEST_CASE(
    "Unseen and blind families: every minute has a finite demand, a twenty-fifth to nine times the "
    "base and within a node") {
  ForEachWorkload([](const Workload& w) {
    REQUIRE(w.minutes.size() == kDays * 1440);
    const auto base = static_cast<float>(w.traits.base);
    const auto sane = [base](const Minute& m) {
      return std::isfinite(m.peak) && std::isfinite(m.cache) && m.level >= 0.04F * base &&
             m.peak >= m.level && m.peak <= 9 * base && m.peak + m.needed_cache < kNode &&
             m.rise_s >= 1 && m.rise_s <= 60 && m.needed_cache >= 0 && m.needed_cache <= m.cache;
    };
    CHECK(std::ranges::all_of(w.minutes, sane));
    CHECK(std::isfinite(w.traits.initial_limit));
    CHECK(w.traits.initial_limit >=
          static_cast<double>(w.minutes.front().needed_cache) + base / 20);
  });
}

TEST_CASE(
    "Unseen and blind families: restarts come in order and within the time, as the simulator "
    "needs") {
  ForEachWorkload([](const Workload& w) {
    for (const auto* events : {&w.release_minutes, &w.start_minutes}) {
      CHECK(std::ranges::is_sorted(*events));
      CHECK(std::ranges::all_of(*events, [](std::int64_t t) { return t > 0 && t < kDays * 1440; }));
    }
    CHECK(w.restart_every_minutes >= 0);
    CHECK(w.traits.startup.factor >= 1);
    CHECK(w.traits.startup.factor <= 1.6);
    CHECK(w.traits.leak_per_day <= 0.8);
  });
}

TEST_CASE("Unseen and blind families: the median change from minute to minute is below a quarter") {
  ForEachWorkload([](const Workload& w) {
    std::vector<double> changes;
    for (std::size_t t = 1; t < w.minutes.size(); ++t) {
      changes.push_back(std::abs(w.minutes[t].level / w.minutes[t - 1].level - 1));
    }
    const auto middle = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
    std::ranges::nth_element(changes, middle);
    CHECK(*middle > 0);
    CHECK(*middle < 0.25);
  });
}

TEST_CASE(
    "Unseen and blind families: demand moves by itself, by age or by leak in every workload") {
  ForEachWorkload([](const Workload& w) {
    const auto [least, most] = std::ranges::minmax_element(w.minutes, {}, &Minute::level);
    const bool moves = most->level > 1.03F * least->level;
    CHECK((moves || w.traits.startup.from < 1 || w.traits.leak_per_day > 0));
  });
}

}  // namespace
}  // namespace plimsoll::replay
