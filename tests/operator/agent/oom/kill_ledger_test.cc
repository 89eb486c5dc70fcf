// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/kill_ledger.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <set>

namespace plimsoll::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const KillOwner kOwner{"pod-1", "container-1"};

TimePoint Wall(int ms) { return TimePoint(milliseconds(1'000'000 + ms)); }
Instant Mono(int ms) { return Instant(milliseconds(ms)); }

void Count(KillLedger& ledger, std::uint64_t kills, int ms,
           std::optional<TimePoint> earliest = std::nullopt) {
  KillLedger::Count count;
  count.kills = kills;
  count.source = "memory.events";
  count.wall = Wall(ms);
  count.now = Mono(ms);
  count.earliest = earliest;
  ledger.Counted(kOwner, count);
}

// The line of a kill at `ms`, read then or at `read_ms`, by a clock that is `skew` ms ahead;
// `counted`: after the counter.
struct Line {
  int ms = 0;
  int skew = 0;
  int read_ms = ms;
  bool counted = false;
};
void Log(KillLedger& ledger, const Line& line) {
  KernelKill kill;
  kill.usec = static_cast<std::uint64_t>(line.ms) * 1000 + 1;
  kill.victim = "app";
  ledger.Logged(kOwner, kill, Wall(line.ms + line.skew), Mono(line.read_ms), line.counted);
}
void Log(KillLedger& ledger, int ms) { Log(ledger, Line{.ms = ms}); }

std::vector<PendingKill> TakeAll(KillLedger& ledger) {
  std::vector<PendingKill> kills;
  while (!ledger.pending().empty()) kills.push_back(ledger.Take(0));
  return kills;
}

KillLedger Restarted(const KillLedger& ledger) {
  v1::AgentState state;
  ledger.Save(state);
  KillLedger next;
  next.Restore(state);
  return next;
}

TEST_CASE("KillLedger: counter and log are one kill, whichever comes first") {
  for (const bool counter_first : {true, false}) {
    CAPTURE(counter_first);
    KillLedger ledger;
    counter_first ? Count(ledger, 1, 10) : Log(ledger, 8);
    counter_first ? Log(ledger, 8) : Count(ledger, 1, 10);
    const auto kills = TakeAll(ledger);
    REQUIRE(kills.size() == 1);
    CHECK(kills[0].Id() == "container-1/1");
    CHECK(kills[0].time == Wall(8));
    CHECK(kills[0].sources.size() == 2);
    REQUIRE(kills[0].log);
    CHECK(kills[0].log->victim == "app");
    CHECK_FALSE(kills[0].earliest.has_value());
  }
}

TEST_CASE("KillLedger: the log's line may come after the kill was told of") {
  KillLedger ledger;
  Count(ledger, 1, 10);
  CHECK(TakeAll(ledger).size() == 1);
  Log(ledger, 8);
  CHECK(ledger.pending().empty());
  Log(ledger, 900);  // this one is new
  Count(ledger, 2, 910);
  const auto kills = TakeAll(ledger);
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].Id() == "container-1/2");
}

TEST_CASE("KillLedger: kills of which the log kept silent are counted all the same") {
  KillLedger ledger;
  Log(ledger, 1);
  Log(ledger, 2);
  Count(ledger, 5, 5);
  CHECK(TakeAll(ledger).size() == 5);
  Log(ledger, 60'000);  // much later: no line of those
  Count(ledger, 6, 60'001);
  const auto kills = TakeAll(ledger);
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].ordinal == 6);
}

TEST_CASE("KillLedger: a counter seen late knows only since when; the log tells the moment") {
  KillLedger ledger;
  Count(ledger, 2, 50'000, Wall(0));
  Log(ledger, 20'000);
  const auto kills = TakeAll(ledger);
  REQUIRE(kills.size() == 2);
  CHECK(kills[0].time == Wall(20'000));
  CHECK_FALSE(kills[0].earliest.has_value());
  CHECK(kills[1].time == Wall(50'000));
  CHECK(kills[1].earliest == Wall(0));
}

TEST_CASE("KillLedger: counters that stand still or start anew tell of nothing") {
  KillLedger ledger;
  Count(ledger, 0, 1);
  CHECK(ledger.pending().empty());
  Count(ledger, 2, 2);
  Count(ledger, 2, 3);
  Count(ledger, 1, 4);
  CHECK(TakeAll(ledger).size() == 2);
}

TEST_CASE(
    "KillLedger: after a restart what was settled stays settled, what was pending comes again") {
  KillLedger ledger;
  Count(ledger, 1, 10);
  Log(ledger, 9);
  CHECK(TakeAll(ledger).size() == 1);
  Log(ledger, 500);  // pending at the kill -9
  KillLedger next = Restarted(ledger);
  Log(next, 9);
  CHECK(next.pending().empty());
  Log(next, 500);
  Count(next, 2, 700);
  const auto kills = TakeAll(next);
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].Id() == "container-1/2");
}

TEST_CASE("KillLedger: owners are forgotten only when unwanted and old, never while pending") {
  KillLedger ledger;
  Log(ledger, 0);
  ledger.Prune(Wall(1'000'000), [](const std::string&) { return false; });
  CHECK(TakeAll(ledger).size() == 1);
  ledger.Prune(Wall(1'000'000), [](const std::string&) { return true; });
  Log(ledger, 0);
  CHECK(ledger.pending().empty());
  ledger.Prune(Wall(1'000'000), [](const std::string&) { return false; });
  v1::AgentState state;
  ledger.Save(state);
  CHECK(state.kills().empty());
}

TEST_CASE("KillLedger: a pod's own kills have ids of their own, after a reboot as well") {
  const auto kill_at = [](KillLedger& ledger, std::uint64_t usec) {
    KernelKill kill;
    kill.usec = usec;
    ledger.Logged({"pod-1", ""}, kill, Wall(0), Mono(0), false);
  };
  KillLedger ledger;
  kill_at(ledger, 7'000'001);
  kill_at(ledger, 9'000'001);
  const auto kills = TakeAll(ledger);
  REQUIRE(kills.size() == 2);
  CHECK(kills[0].Id() == "pod-1/7000001");
  CHECK(kills[1].Id() == "pod-1/9000001");

  // The same line once more, by an agent that lost its state: the same kill.
  KillLedger forgetful;
  kill_at(forgetful, 7'000'001);
  CHECK(TakeAll(forgetful).front().Id() == kills[0].Id());
  // The first one of another boot, or a day later, when the pod was forgotten: another kill.
  KillLedger rebooted;
  kill_at(rebooted, 8'000'001);
  CHECK(TakeAll(rebooted).front().Id() == "pod-1/8000001");
}

TEST_CASE("KillLedger: a line whose clock has drifted is of the kill that the counter told of") {
  for (const int skew : {-600'000, -2'100, 2'100, 600'000}) {
    for (const bool told : {false, true}) {
      CAPTURE(skew);
      CAPTURE(told);
      KillLedger ledger;
      Count(ledger, 0, 1'000'000);
      Count(ledger, 1, 1'000'010);
      if (told) CHECK(TakeAll(ledger).size() == 1);
      // Long after the kill was told, as by an agent that had no processor.
      Log(ledger, {.ms = 1'000'008, .skew = skew, .read_ms = 1'060'000, .counted = true});
      const auto kills = TakeAll(ledger);
      REQUIRE(kills.size() == (told ? 0 : 1));
      if (told) continue;
      CHECK(kills[0].log.has_value());
      // The counter's looks bound it.
      CHECK(kills[0].time <= Wall(1'000'010));
      CHECK(kills[0].time >= Wall(1'000'010 - 2000));
    }
  }
}

TEST_CASE("KillLedger: without the counter, a line that comes with the kill is of it") {
  KillLedger ledger;
  Count(ledger, 1, 10);
  CHECK(TakeAll(ledger).size() == 1);
  Log(ledger, {.ms = 8, .skew = -30'000, .read_ms = 900});
  CHECK(ledger.pending().empty());
  // Neither by the log's clock nor by when it came: another.
  Count(ledger, 2, 2'000);
  CHECK(TakeAll(ledger).size() == 1);
  Log(ledger, {.ms = 40'000, .skew = -30'000});
  CHECK(TakeAll(ledger).size() == 1);
}

TEST_CASE("KillLedger: a line goes to the nearest kill, not to one whose line was lost long ago") {
  KillLedger ledger;
  Count(ledger, 1, 10);
  CHECK(TakeAll(ledger).size() == 1);
  Count(ledger, 2, 3'600'000);
  Log(ledger, {.ms = 3'600'000, .skew = -30'000, .counted = true});
  const auto kills = TakeAll(ledger);
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].log.has_value());
}

TEST_CASE("KillLedger: any order of signals, any loss of log lines, any restarts: each kill once") {
  std::mt19937 random(20261121);
  const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
  for (int run = 0; run < 500; ++run) {
    CAPTURE(run);
    KillLedger ledger;
    std::multiset<std::string> told;
    std::vector<int> log_waiting;  // lines written, not yet read
    std::vector<int> log_all;
    const bool has_log = chance(80);
    // The log's clock, -30 s to +30 s off: then lines are read with the counter, which may lag by
    // the last kill of them, as a whole group's does.
    const bool drifts = chance(50);
    const int skew = drifts ? static_cast<int>(random() % 60'001) - 30'000 : 0;
    const int kills = 1 + static_cast<int>(random() % 12);
    int now = 0;
    const auto settle = [&] {
      while (!ledger.pending().empty()) told.insert(ledger.Take(0).Id());
    };
    // The first look knows of nothing before it, the next ones follow closely.
    bool first = true;
    const auto count = [&](int counted) {
      const bool since_ever = std::exchange(first, false);
      Count(ledger, static_cast<std::uint64_t>(counted), now,
            since_ever ? std::optional(Wall(0)) : std::nullopt);
    };
    const auto read = [&](const std::vector<int>& lines, int counted) {
      for (const int line : lines) {
        if (drifts) count(counted);
        Log(ledger, {.ms = line, .skew = skew, .read_ms = now, .counted = drifts});
      }
    };
    for (int kill = 1; kill <= kills; ++kill) {
      now += 1 + static_cast<int>(random() % 3000);
      if (has_log && chance(85)) {
        log_waiting.push_back(now);
        log_all.push_back(now);
      }
      if (chance(50)) {
        read(std::exchange(log_waiting, {}), kill - (chance(30) ? 1 : 0));
      }
      if (chance(50)) count(kill);
      if (chance(40)) settle();
      if (chance(15)) {
        // kill -9: what was pending is forgotten, the log is read again from the start, after the
        // counter.
        ledger = Restarted(ledger);
        log_waiting.clear();
        first = true;
        count(kill);
        read(log_all, kill);
      }
    }
    read(log_waiting, kills);
    Count(ledger, static_cast<std::uint64_t>(kills), now + 1);
    settle();
    const std::set<std::string> ids(told.begin(), told.end());
    CAPTURE(skew);
    CHECK(ids.size() == static_cast<std::size_t>(kills));
    CHECK(ids.contains("container-1/" + std::to_string(kills)));
  }
}

}  // namespace
}  // namespace plimsoll::agent
