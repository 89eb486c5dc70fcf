// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/work_queue.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/manual_clock.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Queue = WorkQueue<std::string>;
using namespace std::chrono_literals;

TEST_CASE("WorkQueue: a key added many times is handed out once") {
  const testing::ManualClock clock;
  Queue queue(clock);
  for (int i = 0; i < 5; ++i) queue.Add("a");
  CHECK(queue.size() == 1);
  CHECK(queue.Get({}) == "a");
  queue.Done("a");
  CHECK(queue.size() == 0);
}

TEST_CASE("WorkQueue: a key added while it is worked on comes back once, after Done") {
  const testing::ManualClock clock;
  Queue queue(clock);
  queue.Add("a");
  REQUIRE(queue.Get({}) == "a");
  queue.Add("a");
  queue.Add("a");
  CHECK(queue.size() == 0);
  queue.Done("a");
  CHECK(queue.size() == 1);
  CHECK(queue.Get({}) == "a");
}

TEST_CASE("WorkQueue: normal keys overtake low ones, and a low key can be moved up") {
  const testing::ManualClock clock;
  Queue queue(clock);
  for (const char* key : {"x", "y", "z"}) queue.Add(key, Priority::kLow);
  queue.Add("user");
  queue.Add("z");
  CHECK(queue.Get({}) == "user");
  CHECK(queue.Get({}) == "z");
  CHECK(queue.Get({}) == "x");
  CHECK(queue.Get({}) == "y");
  CHECK(queue.size() == 0);
}

TEST_CASE("WorkQueue: a delayed key comes when its time has come, the earliest of several") {
  testing::ManualClock clock;
  Queue queue(clock);
  queue.AddAfter("a", seconds(10));
  queue.AddAfter("a", seconds(3));
  queue.AddAfter("a", seconds(20));
  queue.Add("now");
  CHECK(queue.Get({}) == "now");
  CHECK(queue.delayed() == 1);
  clock.Advance(seconds(3));
  CHECK(queue.Get({}) == "a");
  queue.Done("a");
  clock.Advance(seconds(60));
  queue.Add("end");
  CHECK(queue.Get({}) == "end");  // the other two delays were folded in
}

TEST_CASE("WorkQueue: what is looked at often while its time is far off waits once") {
  testing::ManualClock clock;
  Queue queue(clock);
  for (int round = 0; round < 100; ++round) {
    queue.AddAfter("a", std::chrono::hours(89));
    queue.AddAfter("b", std::chrono::hours(89));
    queue.AddAfter("a", milliseconds(200));
    clock.Advance(milliseconds(200));
    REQUIRE(queue.Get({}) == "a");
    queue.Done("a");
    REQUIRE(queue.delayed() == 1);
  }
}

TEST_CASE("WorkQueue: failures of a key double its own pause until it is forgotten") {
  testing::ManualClock clock;
  Queue queue(clock, {.backoff_initial = milliseconds(5), .backoff_max = milliseconds(18)});
  for (const int pause : {5, 10, 18, 18}) {
    CAPTURE(pause);
    queue.AddRateLimited("bad");
    clock.Advance(milliseconds(pause - 1));
    queue.Add("other");
    REQUIRE(queue.Get({}) == "other");
    queue.Done("other");
    clock.Advance(milliseconds(1));
    REQUIRE(queue.Get({}) == "bad");
    queue.Done("bad");
  }
  CHECK(queue.failures("bad") == 4);
  queue.Forget("bad");
  CHECK(queue.failures("bad") == 0);
}

TEST_CASE("WorkQueue: waiting workers wake for keys, for stop and for shut-down") {
  const testing::ManualClock clock;
  Queue queue(clock);
  std::stop_source stop;
  std::optional<std::string> stopped = "unset";
  std::jthread waiter([&] { stopped = queue.Get(stop.get_token()); });
  stop.request_stop();
  waiter.join();
  CHECK_FALSE(stopped);

  queue.Add("a");
  queue.ShutDown();
  queue.Add("late");
  CHECK(queue.Get({}) == "a");
  CHECK_FALSE(queue.Get({}));
}

TEST_CASE(
    "WorkQueue: it counts what is added once, what is tried again, and how long a key waited") {
  testing::ManualClock clock;
  std::vector<Duration> waited;
  Queue queue(clock, {.waited = [&](Duration each) { waited.push_back(each); }});
  queue.Add("a");
  clock.Advance(3s);
  queue.Add("a");  // it waits already
  CHECK(queue.Get({}) == "a");
  queue.Add("a");  // while it is worked on: it waits from now on
  clock.Advance(2s);
  queue.AddRateLimited("b");
  queue.Done("a");
  CHECK(queue.Get({}) == "a");
  queue.Done("a");
  clock.Advance(1s);
  CHECK(queue.Get({}) == "b");
  queue.Done("b");
  queue.AddAfter("c", 1h);

  CHECK(waited == std::vector<Duration>{3s, 2s, 0s});
  CHECK(queue.counts().added == 3);
  CHECK(queue.counts().retried == 2);
}

TEST_CASE("WorkQueue: no key is with two workers at once, and none is lost") {
  const SystemClock clock;
  Queue queue(clock);
  constexpr int kKeys = 20;
  std::atomic<int> inside[kKeys] = {};
  std::atomic<int> handled = 0;
  std::atomic<bool> twice = false;
  std::vector<std::jthread> workers;
  for (int w = 0; w < 4; ++w) {
    workers.emplace_back([&] {
      while (const auto key = queue.Get({})) {
        auto& here = inside[std::stoi(*key)];
        if (++here != 1) twice = true;
        --here;
        ++handled;
        queue.Done(*key);
      }
    });
  }
  for (int i = 0; i < 4000; ++i) queue.Add(std::to_string(i % kKeys));
  queue.ShutDown();
  workers.clear();
  CHECK_FALSE(twice);
  CHECK(handled >= kKeys);
  CHECK(queue.size() == 0);
  CHECK(queue.in_work() == 0);
}

}  // namespace
}  // namespace plimsoll::kube
