// SPDX-License-Identifier: Apache-2.0
//
// What users are told of readings that cannot be understood, and whose word is taken for what.
#include "operator/sources/agents/intake.h"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "tests/operator/fleet/pods.h"

namespace plimsoll::agents {
namespace {

using namespace plimsoll::literals;

using fleet::APod;
using fleet::IdOf;
using fleet::kShopWeb;

struct CountUrgent final : UrgentSink {
  void OnUrgent(const std::string&, const model::MemoryDigest&) override { ++count; }
  int count = 0;
};

v1::Report Reading(const std::string& container, std::uint32_t samples) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto end =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  v1::Report report;
  v1::Digest& digest = *report.mutable_digest();
  digest.set_container_id(container);
  digest.set_window_start_unix_nano(end - 15'000'000'000);
  digest.set_window_end_unix_nano(end);
  digest.set_samples(samples);
  digest.set_hard_peak(1 << 20);
  return report;
}

TEST_CASE("Intake: why one container's readings are refused is not taken back by another's") {
  fleet::Fleet fleet;
  for (const char* name : {"a", "b"}) {
    fleet.PutPod(kShopWeb, fleet::kWebIdentity, fleet::Shared(APod(name, 64_MiB, 128_MiB)));
  }
  CountUrgent urgent;
  TuneDesk desk("test");
  const Log log;
  Intake intake(fleet, urgent, desk, log);
  const auto refused = [&](const char* uid) {
    return fleet.Snapshot(kShopWeb)->pods.at(uid).Refused();
  };

  intake.OnReport("n1", Reading(IdOf("a"), 0));
  CHECK(refused("uid-a").find("digest.samples is 0") != std::string::npos);
  CHECK(refused("uid-b").empty());
  CHECK(intake.counters().refused == 1);
  intake.OnReport("n1", Reading(IdOf("b"), 15));
  CHECK_FALSE(refused("uid-a").empty());
  intake.OnReport("n1", Reading(IdOf("a"), 15));
  CHECK(refused("uid-a").empty());
}

v1::Report Kill(const std::string& container, const std::string& pod_uid) {
  v1::Report report;
  v1::Oom& oom = *report.mutable_oom();
  oom.set_id(container + "/1");
  oom.set_kind(v1::Oom::POD_SLICE);
  oom.set_container_id(container);
  oom.set_pod_uid(pod_uid);
  oom.set_time_unix_nano(1'700'000'000'000'000'000);
  return report;
}

TEST_CASE("Intake: an agent is not believed about another node's containers") {
  fleet::Fleet fleet;
  fleet.PutPod(kShopWeb, fleet::kWebIdentity, fleet::Shared(APod("a", 64_MiB, 128_MiB)));
  kube::Pod there = APod("b", 64_MiB, 128_MiB);
  there.node = "n2";
  fleet.PutPod(kShopWeb, fleet::kWebIdentity, fleet::Shared(there));
  CountUrgent urgent;
  TuneDesk desk("test");
  const Log log;
  Intake intake(fleet, urgent, desk, log);

  v1::Report reading = Reading(IdOf("a"), 15);
  reading.mutable_digest()->set_urgent(true);
  v1::Report runtime;
  runtime.mutable_runtime()->set_container_id(IdOf("a"));
  runtime.mutable_runtime()->set_problem("no such socket");
  const std::vector<v1::Report> told{
      reading,           Reading(IdOf("a"), 0),    Kill(IdOf("a"), "uid-a"),
      Kill("", "uid-a"), Kill(IdOf("b"), "uid-a"), runtime};
  for (const v1::Report& report : told) intake.OnReport("n2", report);
  CHECK(urgent.count == 0);
  const fleet::Workload before = *fleet.Snapshot(kShopWeb);
  CHECK(before.histories.at("app").last_minute() == 0);
  CHECK(before.kills.empty());
  CHECK_FALSE(before.pods.at("uid-a").pod_oom);
  CHECK(before.pods.at("uid-a").instances.empty());
  CHECK(intake.counters().unknown_container == told.size());
  CHECK(intake.counters().digests == 0);

  for (const v1::Report& report : told) {
    if (report.oom().container_id() != IdOf("b")) intake.OnReport("n1", report);
  }
  CHECK(urgent.count == 1);
  const fleet::Workload after = *fleet.Snapshot(kShopWeb);
  CHECK(after.histories.at("app").last_minute() != 0);
  CHECK(after.pods.at("uid-a").pod_oom);
  CHECK_FALSE(after.pods.at("uid-a").Refused().empty());
  CHECK(after.pods.at("uid-a").instances.at("app").runtime_problem == "no such socket");
  CHECK(intake.counters().unknown_container == told.size());
}

TEST_CASE("Intake: kills told again after a broken stream count once, however many they are") {
  fleet::Fleet fleet;
  fleet.PutPod(kShopWeb, fleet::kWebIdentity, fleet::Shared(APod("a", 64_MiB, 128_MiB)));
  CountUrgent urgent;
  TuneDesk desk("test");
  const Log log;
  Intake intake(fleet, urgent, desk, log);
  v1::Welcome welcome;
  welcome.set_agent_instance("i");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_nano =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  constexpr std::uint64_t kKills = 100;
  AgentPool nobody(PoolOptions(), intake);
  const auto settle = [&] {
    intake.Settle(nobody, std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
  };
  const auto connect_and_tell = [&](const std::string& container) {
    intake.OnConnected("n1", welcome);
    for (std::uint64_t i = 1; i <= kKills; ++i) {
      v1::Report report;
      report.set_cursor(i);
      v1::Oom& oom = *report.mutable_oom();
      oom.set_id(IdOf(container) + "/" + std::to_string(i));
      oom.set_kind(v1::Oom::CHILD);
      oom.set_container_id(IdOf(container));
      oom.set_pod_uid("uid-" + container);
      oom.set_time_unix_nano(now_nano - (kKills - i) * 1'000'000);
      intake.OnReport("n1", report);
    }
  };
  SUBCASE("of a known container") {
    connect_and_tell("a");
    intake.OnDisconnected("n1", "connection reset");
    connect_and_tell("a");
  }
  SUBCASE("of one that is known only when they are told again") {
    connect_and_tell("b");
    CHECK(intake.counters().ooms == 0);
    intake.OnDisconnected("n1", "connection reset");
    fleet.PutPod(kShopWeb, fleet::kWebIdentity, fleet::Shared(APod("b", 64_MiB, 128_MiB)));
    connect_and_tell("b");
    settle();
  }
  CHECK(intake.counters().ooms == kKills);

  welcome.set_agent_instance("j");  // the agent began anew, and its numbers with it
  connect_and_tell("c");
  fleet.PutPod(kShopWeb, fleet::kWebIdentity, fleet::Shared(APod("c", 64_MiB, 128_MiB)));
  settle();
  CHECK(intake.counters().ooms == 2 * kKills);
}

TEST_CASE("Intake: kills that an earlier operator stored count once, by a new agent process too") {
  constexpr int kKills = 100;
  CountUrgent urgent;
  TuneDesk desk("test");
  const Log log;
  fleet::Fleet earlier;
  fleet::Fleet fleet;
  for (fleet::Fleet* each : {&earlier, &fleet}) {
    each->PutPod(kShopWeb, fleet::kWebIdentity, fleet::Shared(APod("a", 64_MiB, 128_MiB)));
  }
  Intake before(earlier, urgent, desk, log);
  Intake after(fleet, urgent, desk, log);
  const auto tell = [](Intake& intake, const char* agent, int from, int to) {
    v1::Welcome welcome;
    welcome.set_agent_instance(agent);
    intake.OnConnected("n1", welcome);
    for (int i = from; i <= to; ++i) {
      v1::Report report = Kill(IdOf("a"), "uid-a");
      report.set_cursor(static_cast<std::uint64_t>(i - from + 1));
      report.mutable_oom()->set_id(IdOf("a") + "/" + std::to_string(i));
      intake.OnReport("n1", report);
    }
  };
  tell(before, "i", 1, kKills);
  const fleet::Workload stored = *earlier.Snapshot(kShopWeb);
  fleet.Restore(kShopWeb, stored.histories, stored.kills, stored.progress);

  // The first half was acknowledged; behind what was not comes what nobody has heard yet.
  tell(after, "j", kKills / 2, kKills + 3);
  CHECK(after.counters().ooms == 3);
  CHECK(after.counters().duplicate_ooms == kKills / 2 + 1);
}

}  // namespace
}  // namespace plimsoll::agents
