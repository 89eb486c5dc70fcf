// SPDX-License-Identifier: Apache-2.0
//
// Raise before the kill: urgent readings in, higher limits out. Decides on the thread that brings
// the reading; patches on threads and connections of its own, kept open, so that nothing else can
// stand in the way.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "advisor/rollout/urgent_raise.h"
#include "operator/config/log.h"
#include "operator/controllers/autopatch/patch_pace.h"
#include "operator/controllers/heartbeat.h"
#include "operator/fleet/fleet.h"
#include "operator/kube/client.h"
#include "operator/kube/event_recorder.h"
#include "operator/sources/agents/intake.h"

namespace plimsoll::autopatch {

struct GuardCounters {
  std::atomic<std::uint64_t> raised{0};
  std::atomic<std::uint64_t> refused{0};  // by a bound or by the server
  // From the reading's arrival to the server's answer.
  std::atomic<std::uint64_t> milliseconds_total{0};
  std::atomic<std::uint64_t> milliseconds_worst{0};
};

class Guard final : public agents::UrgentSink {
 public:
  // `client` must be the guard's own and fenced by the lease; it, `fleet` and `heartbeats`
  // must outlive the guard.
  Guard(kube::Client& client, fleet::Fleet& fleet, kube::EventRecorder& events, PatchPace& pace,
        const Log& log, std::function<bool()> active, controllers::Heartbeats& heartbeats);
  ~Guard() override;

  void OnUrgent(const std::string& container_id, const model::MemoryDigest& digest) override;

  [[nodiscard]] const GuardCounters& counters() const { return counters_; }

 private:
  struct Job {
    std::string container_id;
    fleet::UrgentCase urgent;
    Bytes from;
    Bytes to;
    recommend::Reason reason;
    Instant arrived{};
  };
  struct Case {
    rollout::UrgentHistory history{};
    bool in_flight = false;
    Bytes asked{};  // the newest limit asked for
    Instant asked_at{};
    Instant told{};  // when a refusal was last logged
  };
  // What has been promised of a node's free memory since its agent last told it.
  struct Promise {
    std::optional<TimePoint> report{};
    Bytes promised{};
  };

  void Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse);
  void Carry(Job job);
  // The job after somebody else has changed the pod. Errors: why there is nothing to send;
  // kConflict when the pod asks for as much by now.
  [[nodiscard]] Result<Job> TakenAnew(Job job);
  [[nodiscard]] Status Send(const Job& job, const rollout::ContainerResize& raise);
  // Before it is sent: the pod's change may reach auto-patch sooner than the answer reaches us, and
  // the answer may be lost. Gives the time it is remembered by.
  TimePoint NoteSending(const Job& job, const std::vector<rollout::Step>& steps);
  void NoteUnsent(const Job& job, const std::vector<rollout::Step>& steps, TimePoint sent);
  void NoteFailure(const Job& job, const std::vector<rollout::Step>& steps, TimePoint sent,
                   const Error& error);
  void Record(const Job& job, const std::vector<rollout::Step>& steps, TimePoint sent,
              std::uint64_t took);
  [[nodiscard]] static std::vector<rollout::Step> StepsOf(const Job& job);
  [[nodiscard]] Bytes PromisedLocked(const std::string& node);

  kube::Client& client_;
  fleet::Fleet& fleet_;
  kube::EventRecorder& events_;
  PatchPace& pace_;
  const Log& log_;
  std::function<bool()> active_;
  GuardCounters counters_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Case> cases_;        // by container ID
  std::map<std::string, Promise> promises_;  // by node
  std::deque<Job> jobs_;
  std::vector<std::jthread> workers_;
};

}  // namespace plimsoll::autopatch
