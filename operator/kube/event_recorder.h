// SPDX-License-Identifier: Apache-2.0
//
// Tells users what happened to an object (kubectl describe, kubectl get events), in
// events.k8s.io/v1. Never blocks the caller: events wait in a bounded queue and one thread sends
// them. The same event (object, type, reason, action, and a note that differs in numbers at most)
// within the window becomes a counted series that shows the newest note; the events of one reason
// about one object have a budget, so that a reason that loops cannot silence another. Losing an
// event is acceptable, blocking a reconciler is not.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "operator/kube/client.h"
#include "operator/kube/object_key.h"

namespace plimsoll::kube {

struct ObjectReference {
  std::string api_version = {};  // "apps/v1"
  std::string kind = {};
  std::string ns = {};
  std::string name = {};
  std::string uid = {};
};

enum class EventType { kNormal, kWarning };

struct Event {
  ObjectReference regarding = {};
  EventType type = EventType::kNormal;
  std::string reason = {};  // UpperCamel, at most 128 bytes: "LimitRaised"
  std::string action = {};  // what the controller did or tried, at most 128 bytes: "Resize"
  std::string note = {};    // for people; cut at 1024 bytes
};

struct EventRecorderOptions {
  std::string controller = {};                       // "plimsoll.dev/operator": qualified name
  std::string instance = {};                         // this process: identity of the replica
  std::size_t queue_size = 1000;                     // beyond it new events are dropped and counted
  Duration series_window = std::chrono::minutes(6);  // a series ends after so long without repeat
  Duration series_refresh = std::chrono::minutes(1);  // at most one update of a series per
  double burst = 25;  // new events of one reason about one object; then one per `refill`
  Duration refill = std::chrono::minutes(5);
};

struct EventCounters {
  std::uint64_t sent = 0;     // created or updated on the server
  std::uint64_t merged = 0;   // folded into a series
  std::uint64_t dropped = 0;  // queue full or over budget
  std::uint64_t refused = 0;  // the server said no
};

class EventRecorder {
 public:
  // `client` must outlive the recorder.
  EventRecorder(Client& client, EventRecorderOptions options);
  // Sends what waits, for at most a second.
  ~EventRecorder();

  void Record(Event event);
  [[nodiscard]] EventCounters counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::kube
