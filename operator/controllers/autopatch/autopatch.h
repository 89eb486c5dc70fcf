// SPDX-License-Identifier: Apache-2.0
//
// Carries out what rollout decides, in namespaces and workloads whose mode allows it: resizes pods
// in place, tunes runtimes, and says what became of it.
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "advisor/rollout/next_steps.h"
#include "operator/config/log.h"
#include "operator/controllers/autopatch/patch_pace.h"
#include "operator/controllers/autopatch/server_ability.h"
#include "operator/controllers/autopatch/tunes_under_way.h"
#include "operator/controllers/worker.h"
#include "operator/fleet/fleet.h"
#include "operator/fleet/key_hash.h"
#include "operator/kube/client.h"
#include "operator/kube/event_recorder.h"
#include "operator/kube/work_queue.h"

namespace plimsoll::autopatch {

struct PatchCounters {
  std::atomic<std::uint64_t> applied{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> rolled_back{0};
  std::atomic<std::uint64_t> tuned{0};
};

struct Collaborators {
  kube::Client& client;  // fenced by the lease
  fleet::Fleet& fleet;
  kube::EventRecorder& events;
  PatchPace& pace;  // shared with the guard
  const Log& log;
  ServerAbility& server;
  // Returns at once. `answered` is called once, on any thread, maybe before this returns: kInvalid
  // with the app's words when it refused, kConflict when it was sent and nobody knows what became
  // of it. After an error here nothing was sent and `answered` is never called.
  std::function<Status(const std::string& node, const std::string& container_id,
                       const std::vector<rollout::SettingValue>& settings,
                       std::function<void(const Status&)> answered)>
      tune;
  // Stores what is known of a workload where a successor of this process finds it; blocks until it
  // is there.
  std::function<Status(const model::WorkloadKey& key)> store;
};

// Must outlive every Tune: all have their answers before it goes (TuneDesk::Close).
class Autopatch {
 public:
  explicit Autopatch(Collaborators with);

  void Enqueue(const model::WorkloadKey& key, fleet::Change change);
  // A worker; only the leader runs it.
  void Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse);

  [[nodiscard]] const kube::WorkQueue<model::WorkloadKey, fleet::KeyHash>& queue() const {
    return queue_;
  }
  [[nodiscard]] const controllers::ReconcileStats& stats() const { return stats_; }
  [[nodiscard]] const PatchCounters& counters() const { return counters_; }

 private:
  // A Tune that was sent, and what its answer is told by.
  struct TuneCall {
    model::WorkloadKey key;
    fleet::Identity identity;
    rollout::Step step;
    rollout::Rules rules;
    TimePoint sent;
  };

  [[nodiscard]] Status Reconcile(const model::WorkloadKey& key,
                                 controllers::Heartbeats::Pulse& pulse);
  [[nodiscard]] Status CarryOut(const fleet::Workload& workload, const rollout::Step& step,
                                const rollout::Rules& rules, std::optional<api::LastPatch>& patch);
  // What is remembered, with the resizes whose answers were lost and which the pods now show.
  [[nodiscard]] rollout::Progress CatchUp(const fleet::Workload& workload,
                                          const rollout::WorkloadState& state,
                                          const rollout::Rules& rules,
                                          std::optional<api::LastPatch>& patch);
  // Writes down a cut before it is sent: a process that is killed in between leaves somebody who
  // knows of it. An error when it could not be stored; then it must not be sent.
  [[nodiscard]] Status Intend(const model::WorkloadKey& key, const rollout::Step& step,
                              TimePoint sent);
  // What to remember of a step that failed with `error`, beyond a refusal.
  void NoteFailure(const model::WorkloadKey& key, const rollout::Step& step, TimePoint sent,
                   const Error& error);
  void Count(const rollout::Step& step);
  // False when the pace holds the step back; the workload is looked at again in its turn.
  [[nodiscard]] bool MayGo(const model::WorkloadKey& key, const rollout::Step& step);
  struct Times {
    TimePoint sent, answered;
  };
  void Remember(const fleet::Workload& workload, const rollout::Step& step,
                const rollout::Rules& rules, const Status& done, Times times);
  [[nodiscard]] Status Resize(const fleet::Workload& workload, const rollout::Step& step);
  // After a resize was answered with 404: the pod is gone, or the server knows no resizes.
  [[nodiscard]] Status NotFound(const model::WorkloadKey& key, const std::string& pod_uid);
  // Sends it; nobody waits for the answer. An error when it was not sent.
  [[nodiscard]] Status Tune(const fleet::Workload& workload, const rollout::Step& step,
                            const rollout::Rules& rules);
  // On whichever thread brings the answer.
  void TuneAnswered(const TuneCall& call, const Status& done);
  void Announce(const model::WorkloadKey& key, const fleet::Identity& identity,
                const rollout::Step& step, const Status& done);

  Collaborators with_;
  controllers::ReconcileStats stats_;  // before the queue, which tells it how long keys waited
  kube::WorkQueue<model::WorkloadKey, fleet::KeyHash> queue_;
  PatchCounters counters_;
  TunesUnderWay tunes_;
};

}  // namespace plimsoll::autopatch
