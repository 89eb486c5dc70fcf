// SPDX-License-Identifier: Apache-2.0
//
// What a controller's loop counts since its start, for metrics: the figures that controller-runtime
// and client-go's workqueue have, in their buckets, so that boards made for those fit.
#pragma once

#include <prometheus/histogram.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "operator/kube/work_queue.h"

namespace plimsoll::controllers {

// Of one loop, which has one key at a time. Read from any thread.
class ReconcileStats {
 public:
  ReconcileStats();

  // Around each key.
  void Begin();
  void End(bool good);
  // For the loop's queue, which must not outlive this.
  [[nodiscard]] kube::WorkQueueOptions QueueOptions();

  [[nodiscard]] std::uint64_t good() const { return good_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  // Seconds that the key in work has taken by now; 0 when there is none.
  [[nodiscard]] double Unfinished() const;
  [[nodiscard]] const prometheus::Histogram& reconciled() const { return reconciled_; }
  [[nodiscard]] const prometheus::Histogram& worked() const { return worked_; }
  [[nodiscard]] const prometheus::Histogram& queued() const { return queued_; }

 private:
  std::atomic<std::uint64_t> good_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::chrono::steady_clock::time_point> began_{};  // the epoch: no key is in work
  // Seconds.
  prometheus::Histogram reconciled_;  // controller-runtime's buckets
  prometheus::Histogram worked_;      // the same times in the workqueue's
  prometheus::Histogram queued_;      // from a key's Add until the loop has it
};

}  // namespace plimsoll::controllers
