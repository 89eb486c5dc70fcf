// SPDX-License-Identifier: Apache-2.0
//
// The loop of every controller: take a key, reconcile it, come back to what failed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>

#include "advisor/base/result.h"
#include "operator/controllers/heartbeat.h"

namespace plimsoll::controllers {

// Since start; for metrics.
struct ReconcileStats {
  std::atomic<std::uint64_t> success{0};
  std::atomic<std::uint64_t> error{0};
  std::atomic<std::uint64_t> microseconds{0};
};

// `reconcile(key)` gives a Status; `failed(key, error)` is told before the key comes back with its
// own back-off; `succeeded(key)` may queue it again. Ticks before every key and while there is
// none; a key that may take long ticks by itself.
template <class Queue, class Reconcile, class Failed, class Succeeded>
void Work(Queue& queue, std::stop_token stop, Heartbeats::Pulse& pulse, ReconcileStats& stats,
          Reconcile reconcile, Failed failed, Succeeded succeeded) {
  while (!stop.stop_requested() && !queue.finished()) {
    pulse.Tick();
    const auto key = queue.Get(stop, Heartbeats::kIdle);
    if (!key) continue;
    pulse.Tick();
    const auto started = std::chrono::steady_clock::now();
    const Status done = reconcile(*key);
    const auto took = std::chrono::steady_clock::now() - started;
    stats.microseconds += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    if (done) {
      ++stats.success;
      queue.Forget(*key);
      succeeded(*key);
    } else {
      ++stats.error;
      failed(*key, done.error());
      queue.AddRateLimited(*key);
    }
    queue.Done(*key);
  }
}

}  // namespace plimsoll::controllers
