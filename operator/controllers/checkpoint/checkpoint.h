// SPDX-License-Identifier: Apache-2.0
//
// One MemoryCheckpoint per workload, so that a restart forgets nothing. Everything is loaded before
// the first write. Written only when the bytes change: at once after a kill or a patch, otherwise
// at most once a minute, within a budget of writes per second. A write that failed is tried again
// after a pause of its own that grows to a minute, so that one object that the server refuses takes
// no budget from the others. An agent's reports are acknowledged when they are stored here, so what
// a killed operator had not stored comes again. What keeps a workload's history from being stored
// is told to the fleet, for the condition HistoryKept.
#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <stop_token>
#include <string>

#include "operator/config/log.h"
#include "operator/controllers/heartbeat.h"
#include "operator/fleet/fleet.h"
#include "operator/kube/applier.h"
#include "operator/kube/client.h"

namespace plimsoll::checkpoint {

struct Options {
  Duration interval = std::chrono::seconds(60);  // between two writes of one workload
  double writes_per_second = 10;
};

class Checkpoints {
 public:
  // `client` must be fenced by the lease; it and `fleet` must outlive the checkpoints.
  Checkpoints(kube::Client& client, fleet::Fleet& fleet, const Log& log, Options options = {});

  // Reads all of them into the fleet. One of a newer version is never written; of one that is
  // damaged the containers that can be read are kept. A failed list is an error: nothing may be
  // written or acknowledged before it succeeds.
  [[nodiscard]] Status Load(std::stop_token stop);

  // A kill or a patch must not wait for the interval.
  void Enqueue(const model::WorkloadKey& key, fleet::Change change);
  // Stores what is known of one workload now, if it changed; when it returns it is there. Errors:
  // the API server's; then it is tried again like any other. kConflict: a newer operator's is left
  // as it is, so nothing is kept.
  [[nodiscard]] Status Store(const model::WorkloadKey& key);
  // The fleet has forgotten the workload.
  void Forget(const model::WorkloadKey& key);
  // Writes what changed until stopped, then what is left, for a few seconds at most.
  void Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse);

  // Age of the oldest intake that is not stored; for metrics. Zero: all is.
  [[nodiscard]] Duration OldestUnstored() const;

 private:
  struct Written {
    std::size_t hash = 0;  // of containers and rollout, as written
    Instant at{};
    bool made = false;              // metadata and spec are there
    std::size_t pods_left_out = 0;  // see RememberedText
  };
  // Something of the workload is not stored.
  struct Waiting {
    Instant since{};
    bool urgent = false;
    Instant not_before{};  // after a write that failed
    Duration pause{};      // until then
  };

  // Reads one object into the fleet; false when it is not understood at all.
  bool Restore(const nlohmann::json& item);
  void Pass(bool all, controllers::Heartbeats::Pulse& pulse);
  [[nodiscard]] bool DueLocked(const model::WorkloadKey& key, Instant now);
  [[nodiscard]] bool TakeToken();
  [[nodiscard]] Status Write(const fleet::Workload& workload, Written& written);
  void NoteFailure(const model::WorkloadKey& key, bool urgent, const Error& error);

  kube::Client& client_;
  fleet::Fleet& fleet_;
  const Log& log_;
  Options options_;
  kube::Applier spec_applier_;
  kube::Applier status_applier_;
  std::mutex storing_;  // one write at a time: an older state must not follow a newer one
  mutable std::mutex mutex_;
  std::map<model::WorkloadKey, Waiting> waiting_;
  std::map<model::WorkloadKey, Written> written_;
  std::set<model::WorkloadKey> untouchable_;  // written by a newer version
  double tokens_ = 0;
  Instant refilled_{};
};

}  // namespace plimsoll::checkpoint
