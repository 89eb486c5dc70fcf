// SPDX-License-Identifier: Apache-2.0
//
// What users are told of readings that cannot be understood.
#include "operator/sources/agents/intake.h"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/operator/fleet/pods.h"

namespace plimsoll::agents {
namespace {

using namespace plimsoll::literals;

using fleet::APod;
using fleet::IdOf;
using fleet::kShopWeb;

struct NobodyUrgent final : UrgentSink {
  void OnUrgent(const std::string&, const model::MemoryDigest&) override {}
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
  NobodyUrgent urgent;
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

}  // namespace
}  // namespace plimsoll::agents
