// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/heartbeat.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>

#include "operator/controllers/worker.h"
#include "operator/kube/work_queue.h"
#include "tests/support/eventually.h"

namespace plimsoll::controllers {
namespace {

using namespace std::chrono_literals;
using testing::Eventually;

TEST_CASE("Heartbeats: a loop that reconciles for too long is stuck, by its name, until it ends") {
  const kube::SystemClock clock;
  Heartbeats heartbeats(clock, 100ms);
  kube::WorkQueue<std::string> queue(clock);
  ReconcileStats stats;
  std::atomic<bool> release{false};
  std::jthread loop([&](std::stop_token stop) {
    Heartbeats::Pulse pulse = heartbeats.Start("recommendation");
    Work(
        queue, stop, pulse, stats,
        [&](const std::string&) -> Status {
          while (!release) std::this_thread::sleep_for(1ms);
          return {};
        },
        [](const auto&, const Error&) {}, [](const auto&) {});
  });

  queue.Add("shop/web");
  REQUIRE(Eventually([&] { return !heartbeats.Problem().empty(); }));
  CHECK(heartbeats.Problem().starts_with("recommendation has not ticked for "));

  release = true;
  CHECK(Eventually([&] { return stats.good() == 1; }));
  loop.request_stop();
  loop.join();
  // A loop that has ended is not a stuck one.
  CHECK(heartbeats.Problem().empty());
}

TEST_CASE("Heartbeats: a loop without work, and one that sleeps, tick on") {
  const kube::SystemClock clock;
  Heartbeats heartbeats(clock);
  CHECK(Heartbeats::kIdle * 2 < Heartbeats::kPatience);
  std::stop_source stop;
  Heartbeats::Pulse pulse = heartbeats.Start("housekeeping");
  CHECK(pulse.Sleep(clock, 5ms, stop.get_token()));
  CHECK(heartbeats.Problem().empty());
  stop.request_stop();
  CHECK_FALSE(pulse.Sleep(clock, 1h, stop.get_token()));
}

TEST_CASE("WorkQueue: Get gives up after its patience, and says when nothing will come any more") {
  const kube::SystemClock clock;
  kube::WorkQueue<std::string> queue(clock);
  const std::stop_source stop;
  CHECK_FALSE(queue.Get(stop.get_token(), 1ms).has_value());
  CHECK_FALSE(queue.finished());
  queue.AddAfter("later", 1h);
  CHECK_FALSE(queue.Get(stop.get_token(), 1ms).has_value());
  queue.ShutDown();
  CHECK(queue.finished());
}

}  // namespace
}  // namespace plimsoll::controllers
