// SPDX-License-Identifier: Apache-2.0
//
// What repeats become, and that no reason's noise takes another's place. That a server takes the
// changed notes is shown by tests/cluster.
#include "operator/kube/event_recorder.h"

#include <doctest/doctest.h>

#include "operator/kube/transport.h"
#include "tests/support/event_log.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_clock.h"

namespace plimsoll::testing {
namespace {

using namespace kube;

[[maybe_unused]] const bool kHttpStackIsReady = (InitializeHttpStack(), true);

// A recorder on a clock that stands, and what it sent.
class Rig {
 public:
  explicit Rig(double burst = 25) {
    options_.controller = "kube.test/recorder";
    options_.instance = "one";
    options_.burst = burst;
    Start();
  }
  void Record(const std::string& reason, const std::string& note,
              const std::string& object = "web") {
    const auto handled = [&] {
      const EventCounters now = recorder_->counters();
      return now.merged + now.dropped + now.refused + log_.Events().size();
    };
    const auto before = handled();
    recorder_->Record(
        {.regarding = {.api_version = "v1", .kind = "Pod", .ns = "shop", .name = object},
         .reason = reason,
         .action = "Resize",
         .note = note});
    REQUIRE(Eventually([&] { return handled() > before; }));
  }
  // What was sent of a reason, once the recorder has ended and flushed what it held back.
  std::vector<SeenEvent> Ended(const std::string& reason) {
    recorder_.reset();
    std::vector<SeenEvent> found;
    for (const SeenEvent& event : log_.Events()) {
      if (event.reason == reason) found.push_back(event);
    }
    return found;
  }
  void DeleteAll() { log_.DeleteAll(); }
  [[nodiscard]] EventCounters counters() const { return recorder_->counters(); }

  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();

 private:
  void Start() {
    auto client = Client::Create({.server = server_.url()},
                                 {.timeout = std::chrono::seconds(60), .clock = clock});
    REQUIRE(client);
    client_ = *std::move(client);
    recorder_ = std::make_unique<EventRecorder>(*client_, options_);
  }

  EventLog log_;
  HttpServer server_{[this](const HttpRequest& request, HttpResponder& out) {
    if (!log_.Answer(request, out)) out.Send(404, "text/plain", "");
  }};
  EventRecorderOptions options_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<EventRecorder> recorder_;
};

TEST_CASE("EventRecorder: what differs in numbers alone is one series with the newest note") {
  Rig rig;
  for (int kills = 1; kills <= 40; ++kills) {
    rig.Record("OOMKillObserved", "kills in 24 hours: " + std::to_string(kills) + " at " +
                                      std::to_string(kills) + ".5Mi (" + std::to_string(kills) +
                                      " %)");
  }
  CHECK(rig.counters().dropped == 0);
  const auto sent = rig.Ended("OOMKillObserved");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].count == 40);
  CHECK(sent[0].note == "kills in 24 hours: 40 at 40.5Mi (40 %)");
}

TEST_CASE("EventRecorder: two pods, two containers or two words are two events") {
  Rig rig;
  for (const char* note : {"pod web-0: limit 64Mi", "pod web-1: limit 64Mi", "container app2: 64Mi",
                           "container app3: 64Mi", "cut"}) {
    rig.Record("Patched", note);
  }
  rig.Record("Patched", "cut", "another");
  CHECK(rig.counters().merged == 0);
  CHECK(rig.Ended("Patched").size() == 6);
}

TEST_CASE("EventRecorder: names that begin with a digit are names, amounts of any form are not") {
  Rig rig(/*burst=*/100);
  const auto series = [&rig](const std::string& reason, const std::vector<std::string>& notes) {
    const auto before = rig.counters().merged;
    for (const std::string& note : notes) rig.Record(reason, note);
    return notes.size() - (rig.counters().merged - before);
  };
  CHECK(series("Names", {"pod 7up-x2kf9: limit 64Mi", "pod 7up-b8qzc: limit 64Mi", "pod 10-0: cut",
                         "pod 10-1: cut", "pod 7: cut", "pod 8: cut", "container 3d: cut",
                         "container 4d: cut", "readings of node 10.0.0.5 are refused",
                         "readings of node 10.0.0.6 are refused", "Pod \"9-a\" is invalid",
                         "Pod \"9-b\" is invalid"}) == 12);
  CHECK(series("Amounts", {"limit 64Mi->128Mi: ok", "limit 128Mi->1.5Gi: ok"}) == 1);
  CHECK(series("Amounts", {"for 1m30s, 3/4 of it", "for 250ms, 1/4 of it"}) == 1);
  CHECK(series("Amounts", {"GOMEMLIMIT=57MiB GOGC=100.", "GOMEMLIMIT=115MiB GOGC=50."}) == 1);
}

TEST_CASE("EventRecorder: a reason that loops uses up its own budget and no other's") {
  Rig rig(/*burst=*/3);
  for (char letter = 'a'; letter <= 'j'; ++letter) {
    rig.Record("OOMKillObserved", std::string("container ") + letter);
  }
  CHECK(rig.counters().dropped == 7);
  rig.Record("Raised", "pod web-0: limit 64Mi->128Mi");
  rig.Record("OOMKillObserved", "container z", "another");
  CHECK(rig.counters().dropped == 7);
  CHECK(rig.Ended("Raised").size() == 1);
}

TEST_CASE("EventRecorder: a series that was deleted on the server is told anew") {
  Rig rig;
  rig.Record("Patched", "limit 64Mi");
  rig.DeleteAll();
  rig.Record("Patched", "limit 80Mi");
  const auto sent = rig.Ended("Patched");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].note == "limit 80Mi");
}

TEST_CASE("EventRecorder: after the window the next is an event of its own") {
  Rig rig;
  rig.Record("Patched", "limit 64Mi");
  rig.clock->Advance(std::chrono::minutes(7));
  rig.Record("Patched", "limit 80Mi");
  CHECK(rig.Ended("Patched").size() == 2);
}

}  // namespace
}  // namespace plimsoll::testing
