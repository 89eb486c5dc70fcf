// SPDX-License-Identifier: Apache-2.0
//
// Hands out keys of things to reconcile. A key is with one worker at a time; added again meanwhile
// it comes back once after Done, however often it was added. High before low: a user's change
// overtakes the ten thousand objects of a cold start.
//
//   WorkQueue<ObjectKey> queue(clock);
//   queue.Add(key);                                  // from an informer's handler
//   while (auto key = queue.Get(stop)) {             // in a worker
//     Reconcile(*key) ? queue.Forget(*key) : queue.AddRateLimited(*key);
//     queue.Done(*key);
//   }
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "advisor/base/time.h"
#include "operator/kube/clock.h"

namespace plimsoll::kube {

enum class Priority { kLow, kNormal };

struct WorkQueueOptions {
  Duration backoff_initial = std::chrono::milliseconds(5);  // doubles per failure of the same key
  Duration backoff_max = std::chrono::seconds(1000);
  // Told of each key that Get gives, how long it waited since it was added. Called under the
  // queue's lock: it must not call back.
  std::function<void(Duration)> waited{};
};

// Since start.
struct WorkQueueCounts {
  std::uint64_t added = 0;    // each key once until it is given out, however often it was added
  std::uint64_t retried = 0;  // by AddAfter and AddRateLimited, as client-go counts
};

template <class Key, class Hash = std::hash<Key>>
class WorkQueue {
 public:
  explicit WorkQueue(const Clock& clock, WorkQueueOptions options = {})
      : clock_(clock), options_(std::move(options)) {}

  // A key already waiting stays where it is, or moves up if the new priority is higher.
  void Add(const Key& key, Priority priority = Priority::kNormal);
  // Not before `delay` has passed; of several delays for one key the earliest counts.
  void AddAfter(const Key& key, Duration delay, Priority priority = Priority::kNormal);
  // AddAfter with the key's own back-off: 5 ms, 10 ms, 20 ms, … until Forget.
  void AddRateLimited(const Key& key, Priority priority = Priority::kNormal);
  // The key succeeded: its back-off starts anew.
  void Forget(const Key& key);

  // Blocks; nothing once `stop` is requested, the queue is shut down and empty, or `patience` (when
  // given) has passed without a key.
  [[nodiscard]] std::optional<Key> Get(std::stop_token stop,
                                       std::optional<Duration> patience = std::nullopt);
  // Every key that Get gave must be returned by Done.
  void Done(const Key& key);

  // No key is taken any more; Get hands out what waits and then nothing. Delayed keys are dropped.
  void ShutDown();

  [[nodiscard]] bool finished() const;        // shut down, and Get will give nothing any more
  [[nodiscard]] std::size_t size() const;     // ready now
  [[nodiscard]] std::size_t delayed() const;  // waiting for their time
  [[nodiscard]] std::size_t in_work() const;  // with workers
  [[nodiscard]] int failures(const Key& key) const;
  [[nodiscard]] WorkQueueCounts counts() const;

 private:
  struct Waiting {
    Priority priority;
    Instant since;
  };

  void AddLocked(const Key& key, Waiting added);
  void EraseDueLocked(Instant due, const Key& key);
  void ReleaseDueLocked(Instant now);
  std::optional<Key> PopLocked();

  struct Delayed {
    Instant due;
    Priority priority;
  };

  const Clock& clock_;
  const WorkQueueOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Key> normal_;
  std::deque<Key> low_;  // may hold keys since moved up: `waiting_` decides
  std::unordered_map<Key, Waiting, Hash> waiting_;
  std::unordered_map<Key, Waiting, Hash> again_;  // added while being worked on
  std::unordered_set<Key, Hash> processing_;
  std::unordered_map<Key, Delayed, Hash> delayed_;
  std::multimap<Instant, Key> due_;  // the same keys, by their time
  std::unordered_map<Key, int, Hash> failures_;
  WorkQueueCounts counts_;
  bool shut_down_ = false;
};

}  // namespace plimsoll::kube

#include "operator/kube/work_queue_impl.h"
