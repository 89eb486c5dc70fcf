// SPDX-License-Identifier: Apache-2.0
//
// The loop of every controller: take a key, reconcile it, come back to what failed.
#pragma once

#include <stop_token>

#include "advisor/base/result.h"
#include "operator/controllers/heartbeat.h"
#include "operator/controllers/reconcile_stats.h"

namespace plimsoll::controllers {

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
    stats.Begin();
    const Status done = reconcile(*key);
    stats.End(done.has_value());
    if (done) {
      queue.Forget(*key);
      succeeded(*key);
    } else {
      failed(*key, done.error());
      queue.AddRateLimited(*key);
    }
    queue.Done(*key);
  }
}

}  // namespace plimsoll::controllers
