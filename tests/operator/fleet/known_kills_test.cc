// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/known_kills.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/operator/fleet/pods.h"

namespace plimsoll::fleet {
namespace {

std::string Id(const std::string& owner, int which) { return owner + "/" + std::to_string(which); }

TEST_CASE("KnownKills: a thousand kills of one container are one run, and no other's") {
  KnownKills known;
  for (int i = 1; i <= 1000; ++i) known.Add(Id("c", i), kNow);

  CHECK(known.runs().size() == 1);
  for (int i = 1; i <= 1000; ++i) CHECK(known.Contains(Id("c", i)));
  CHECK_FALSE(known.Contains("c/1001"));
  CHECK_FALSE(known.Contains("d/7"));
  CHECK_FALSE(known.Contains("c"));
}

TEST_CASE("KnownKills: in whatever order they come, none is taken for another") {
  KnownKills known;
  for (const int i : {5, 1, 9, 3, 2, 9}) known.Add(Id("c", i), kNow);

  for (const int i : {1, 2, 3, 5, 9}) CHECK(known.Contains(Id("c", i)));
  for (const int i : {4, 6, 7, 8, 10}) CHECK_FALSE(known.Contains(Id("c", i)));
  CHECK(known.runs().size() == 3);
  known.Add("c/4", kNow);
  CHECK(known.Contains("c/4"));
  CHECK(known.runs().size() == 2);
}

TEST_CASE("KnownKills: an id without a number is known by itself, none is known by none") {
  KnownKills known;
  for (const char* id : {"uid/evicted", "c/0", "plain", "c/99999999999999999999", "c/7x"}) {
    CHECK_FALSE(known.Contains(id));
    known.Add(id, kNow);
    CHECK(known.Contains(id));
  }
  known.Add("", kNow);
  CHECK_FALSE(known.Contains(""));
  CHECK_FALSE(known.Contains("c/1"));
  CHECK_FALSE(known.Contains("c/7"));
  CHECK_FALSE(known.Contains("uid/1"));
  CHECK(known.runs().size() == 5);
}

TEST_CASE("KnownKills: a day's kills are known, and of evictions all") {
  KnownKills known;
  known.Add("uid/evicted", kNow - 24h);
  known.Add("a/1", kNow - 24h - 1min);
  known.Add("b/1", kNow - 23h);
  known.Add("c/1", kNow - 24h - 1min);
  known.Add("c/2", kNow);

  CHECK_FALSE(known.Contains("a/1"));
  CHECK(known.Contains("b/1"));
  CHECK(known.Contains("c/1"));  // its container is still being killed
  CHECK(known.Contains("uid/evicted"));
}

TEST_CASE("KnownKills: of very many containers the last killed are known") {
  KnownKills known;
  for (int i = 0; i < 5000; ++i) {
    known.Add(Id("c" + std::to_string(i), 1), kNow + std::chrono::milliseconds(100 * i));
  }

  CHECK(known.runs().size() == KnownKills::kMost);
  CHECK(known.Contains("c4999/1"));
  CHECK(known.Contains("c4400/1"));
  CHECK_FALSE(known.Contains("c3000/1"));
}

TEST_CASE("Fleet: kills are known again after a restart with the history that has them, only") {
  Fleet before;
  before.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  const auto tell = [](Fleet& fleet) {
    int fresh = 0;
    for (int i = 1; i <= 30; ++i) {
      const model::OomEvent kill = AKill(Id(IdOf("a"), i), kNow, 64_MiB);
      fresh += fleet.TakeOom(IdOf("a"), "uid-a", kill) == Fleet::Taken::kYes ? 1 : 0;
    }
    return fresh;
  };
  CHECK(tell(before) == 30);
  CHECK(tell(before) == 0);
  const Workload stored = before.Snapshot(kShopWeb).value();

  Fleet after;
  after.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  SUBCASE("restored") {
    after.Restore(kShopWeb, stored.histories, stored.kills, stored.progress);
    CHECK(tell(after) == 0);
  }
  SUBCASE("the history was damaged") {
    after.Restore(kShopWeb, {}, stored.kills, stored.progress);
    CHECK(tell(after) == 30);
  }
  SUBCASE("some were told before it was restored") {
    const model::OomEvent next = AKill(Id(IdOf("a"), 31), kNow, 64_MiB);
    CHECK(after.TakeOom(IdOf("a"), "uid-a", next) == Fleet::Taken::kYes);
    after.Restore(kShopWeb, stored.histories, stored.kills, stored.progress);
    CHECK(tell(after) == 0);
    CHECK(after.TakeOom(IdOf("a"), "uid-a", next) == Fleet::Taken::kDuplicate);
  }
}

}  // namespace
}  // namespace plimsoll::fleet
