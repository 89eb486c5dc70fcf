// SPDX-License-Identifier: Apache-2.0
//
// Elections on a server that holds one Lease and time that is moved by hand.
#include "operator/kube/leader_elector.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "operator/kube/lease.h"
#include "tests/support/eventually.h"
#include "tests/support/http_server.h"
#include "tests/support/manual_clock.h"

namespace plimsoll::testing {
namespace {

using namespace kube;
using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

// One Lease with optimistic concurrency; can be made to fail.
class LeaseServer {
 public:
  LeaseServer() : server_([this](const HttpRequest& r, HttpResponder& out) { Handle(r, out); }) {}
  [[nodiscard]] std::string url() const { return server_.url(); }
  std::atomic<bool> failing = false;
  std::atomic<bool> mute = false;  // writes are taken, their answers kept back
  [[nodiscard]] Json lease() const {
    const std::lock_guard lock(mutex_);
    return lease_;
  }
  [[nodiscard]] int writes() const { return writes_; }
  [[nodiscard]] int reads() const { return reads_; }

 private:
  void Handle(const HttpRequest& request, HttpResponder& out) {
    std::unique_lock lock(mutex_);
    const auto refuse = [&](int code) { out.Send(code, "application/json", "{}"); };
    if (failing) return refuse(500);
    const bool keeps_answer = mute;
    if (request.method == "GET") {
      lease_.is_null() ? refuse(404) : Give(out);
      ++reads_;
      return;
    }
    Json body = Json::parse(request.body);
    if (request.method == "POST" && !lease_.is_null()) return refuse(409);
    if (request.method == "PUT" &&
        body["metadata"].value("resourceVersion", "") != lease_["metadata"]["resourceVersion"]) {
      return refuse(409);
    }
    ++writes_;
    body["metadata"]["resourceVersion"] = std::to_string(++version_);
    lease_ = std::move(body);
    if (keeps_answer) {
      lock.unlock();
      out.Sleep(seconds(30));
      return;
    }
    Give(out);
  }
  void Give(HttpResponder& out) { out.Send(200, "application/json", lease_.dump()); }

  mutable std::mutex mutex_;
  Json lease_;
  int version_ = 0;
  std::atomic<int> writes_ = 0;
  std::atomic<int> reads_ = 0;
  HttpServer server_;
};

// One replica: an elector with its own clock, running.
class Replica {
 public:
  Replica(const LeaseServer& server, const std::string& identity,
          std::shared_ptr<ManualClock> its_clock)
      : clock(std::move(its_clock)) {
    auto client =
        Client::Create({.server = server.url()}, {.timeout = seconds(60), .clock = clock});
    REQUIRE(client);
    auto made = LeaderElector::Create(std::move(*client), {.ns = "sys",
                                                           .name = "leader",
                                                           .identity = identity,
                                                           .on_leading = [this] { ++led; },
                                                           .on_lost = [this] { ++lost; }});
    REQUIRE(made);
    elector = std::move(*made);
    thread_ = std::jthread([this](std::stop_token stop) { result = elector->Run(stop); });
  }
  void Stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  // Whether it has done all that is due by its clock.
  [[nodiscard]] bool Asleep() const { return clock->Asleep(thread_.get_id()); }

  std::shared_ptr<ManualClock> clock;
  std::unique_ptr<LeaderElector> elector;
  std::atomic<int> led = 0;
  std::atomic<int> lost = 0;
  Status result;

 private:
  std::jthread thread_;
};

// Waits until each has done what is due by its clock; they are of one clock.
using Replicas = std::vector<const Replica*>;
bool AllAsleep(const Replicas& replicas) {
  return Eventually([&] { return std::ranges::all_of(replicas, &Replica::Asleep); });
}

// Moves their time in steps until the condition holds, and never under a replica that still has
// something to do.
bool AdvanceUntil(const Replicas& replicas, Duration step, int steps,
                  const std::function<bool()>& done) {
  for (int i = 0;; ++i) {
    const bool waits =
        Eventually([&] { return done() || std::ranges::all_of(replicas, &Replica::Asleep); });
    if (done()) return true;
    if (!waits || i == steps) return false;
    replicas.front()->clock->Advance(step);
  }
}

TEST_CASE("LeaderElector: the first leads, renews and releases; the next leads at once") {
  LeaseServer server;
  const auto clock = std::make_shared<ManualClock>();
  Replica first(server, "first", clock);
  REQUIRE(Eventually([&] { return first.led == 1; }));
  CHECK(first.elector->IsLeader());
  CHECK(first.elector->leader() == "first");
  CHECK(first.elector->Fence()());
  const int before = server.writes();
  CHECK(AdvanceUntil({&first}, seconds(1), 10, [&] { return server.writes() > before; }));

  first.Stop();
  CHECK(first.result);
  CHECK(first.lost == 1);
  CHECK_FALSE(first.elector->Fence()());
  CHECK(server.lease()["spec"]["holderIdentity"] == "");

  Replica second(server, "second", clock);
  REQUIRE(Eventually([&] { return second.led == 1; }));
  CHECK(server.lease()["spec"]["leaseTransitions"] == 1);
  second.Stop();
}

TEST_CASE(
    "LeaderElector: stopped while a renewal waits for its answer, it still gives the lease up") {
  LeaseServer server;
  const auto clock = std::make_shared<ManualClock>();
  Replica replica(server, "only", clock);
  REQUIRE(Eventually([&] { return replica.led == 1; }));
  const int before = server.writes();
  server.mute = true;
  REQUIRE(AdvanceUntil({&replica}, seconds(1), 10, [&] { return server.writes() > before; }));
  server.mute = false;
  replica.Stop();
  CHECK(replica.result);
  CHECK(server.lease()["spec"]["holderIdentity"] == "");
}

TEST_CASE("LeaderElector: a holder that stops renewing is replaced after the lease, not before") {
  LeaseServer server;
  const auto paused_clock = std::make_shared<ManualClock>();
  Replica paused(server, "paused", paused_clock);  // its time stands still: it never renews
  REQUIRE(Eventually([&] { return paused.led == 1; }));

  const auto clock = std::make_shared<ManualClock>();
  Replica other(server, "other", clock);
  REQUIRE(Eventually([&] { return other.elector->leader() == "paused"; }));
  for (int i = 0; i < 17; ++i) {
    REQUIRE(AllAsleep({&other}));
    clock->Advance(seconds(1));
  }
  REQUIRE(AllAsleep({&other}));
  CHECK(other.led == 0);
  CHECK(AdvanceUntil({&other}, seconds(1), 1, [&] { return other.led == 1; }));  // 15 + 2.4 s

  // The paused one wakes: its fence is shut before it has heard anything.
  paused_clock->Advance(seconds(60));
  CHECK_FALSE(paused.elector->Fence()());
  CHECK(Eventually([&] { return paused.lost == 1; }));
  paused.Join();
  CHECK(paused.result.error().code() == ErrorCode::kCanceled);
  other.Stop();
}

TEST_CASE("LeaderElector: the standby takes over when the lease ends, before one that came later") {
  LeaseServer server;
  const auto leaders_clock = std::make_shared<ManualClock>();
  Replica leader(server, "leader", leaders_clock);
  REQUIRE(Eventually([&] { return leader.led == 1; }));
  const auto clock = std::make_shared<ManualClock>();
  Replica standby(server, "standby", clock);
  REQUIRE(Eventually([&] { return standby.elector->leader() == "leader"; }));

  // One renewal that the standby sees; from then on the leader's time stands still.
  const int writes = server.writes();
  REQUIRE(AdvanceUntil({&leader}, seconds(1), 10, [&] { return server.writes() > writes; }));
  const int reads = server.reads();
  REQUIRE(AdvanceUntil({&standby}, seconds(1), 10, [&] { return server.reads() > reads; }));
  REQUIRE(AllAsleep({&standby}));  // it has noted what it read
  Replica newcomer(server, "newcomer", clock);
  REQUIRE(Eventually([&] { return newcomer.elector->leader() == "leader"; }));

  REQUIRE(AdvanceUntil({&standby, &newcomer}, seconds(1), 15, [&] { return standby.led == 1; }));
  CHECK(newcomer.led == 0);
  for (Replica* replica : {&newcomer, &standby, &leader}) replica->Stop();
}

TEST_CASE("LeaderElector: a process that starts after the holder's death takes the lease in time") {
  LeaseServer server;
  const auto dead_clock = std::make_shared<ManualClock>();
  Replica dead(server, "dead", dead_clock);
  REQUIRE(Eventually([&] { return dead.led == 1; }));

  const auto clock = std::make_shared<ManualClock>();
  Replica newcomer(server, "newcomer", clock);
  REQUIRE(Eventually([&] { return newcomer.elector->leader() == "dead"; }));
  REQUIRE(AllAsleep({&newcomer}));
  clock->Advance(seconds(17));
  REQUIRE(AllAsleep({&newcomer}));
  CHECK(newcomer.led == 0);
  clock->Advance(milliseconds(401));
  CHECK(Eventually([&] { return newcomer.led == 1; }));
  newcomer.Stop();
  dead.Stop();
}

TEST_CASE("LeaderElector: a leader that cannot reach the server gives up by its deadline") {
  LeaseServer server;
  const auto clock = std::make_shared<ManualClock>();
  Replica replica(server, "only", clock);
  REQUIRE(Eventually([&] { return replica.led == 1; }));
  server.failing = true;
  CHECK(AdvanceUntil({&replica}, seconds(1), 12, [&] { return replica.lost == 1; }));
  replica.Join();
  CHECK_FALSE(replica.result);
}

TEST_CASE("LeaderElector: of many that start together exactly one leads") {
  LeaseServer server;
  const auto clock = std::make_shared<ManualClock>();
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < 6; ++i) {
    replicas.push_back(std::make_unique<Replica>(server, "r" + std::to_string(i), clock));
  }
  const auto leaders = [&] {
    int count = 0;
    for (const auto& replica : replicas) count += replica->elector->IsLeader() ? 1 : 0;
    return count;
  };
  Replicas all;
  for (const auto& replica : replicas) all.push_back(replica.get());
  REQUIRE(Eventually([&] { return leaders() == 1; }));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(AllAsleep(all));
    CHECK(leaders() == 1);
    clock->Advance(seconds(1));
  }
  for (const auto& replica : replicas) replica->Stop();
}

TEST_CASE("LeaderElector: times that cannot work are refused") {
  const auto create = [](Duration lease, Duration renew, Duration retry) {
    auto client = Client::Create({.server = "http://127.0.0.1:1"});
    REQUIRE(client);
    return LeaderElector::Create(std::move(*client), {.ns = "n",
                                                      .name = "l",
                                                      .identity = "i",
                                                      .lease_duration = lease,
                                                      .renew_deadline = renew,
                                                      .retry_period = retry})
        .has_value();
  };
  CHECK(create(seconds(15), seconds(10), seconds(2)));
  CHECK_FALSE(create(seconds(10), seconds(10), seconds(2)));
  CHECK_FALSE(create(seconds(15), seconds(2), seconds(2)));
  CHECK_FALSE(create(seconds(15), seconds(10), seconds(0)));
}

TEST_CASE("Lease: what others wrote into it is bounded, not trusted") {
  const auto record = LeaseFromJson({{"metadata", {{"resourceVersion", "1"}}},
                                     {"spec",
                                      {{"holderIdentity", 7},
                                       {"leaseDurationSeconds", 9000000000000000000},
                                       {"leaseTransitions", nullptr}}}});
  REQUIRE(record);
  CHECK(record->holder.empty());
  CHECK(record->duration == std::chrono::hours(24));
  CHECK_FALSE(LeaseFromJson(Json::array()));
}

}  // namespace
}  // namespace plimsoll::testing
