// SPDX-License-Identifier: Apache-2.0
//
// One leader among replicas, by a coordination.k8s.io Lease. Whether a lease is still held is
// judged by our own monotonic clock since its record last changed, never by the other side's wall
// clock. A standby that saw the holder renew takes a dead one's lease the moment it ends, at most
// lease_duration + 1.2 * retry_period (17.4 s) after the death; a process that came later, such as
// the dead one's successor in its pod, waits 1.2 * retry_period more, so that the warm standby
// leads and not the cold newcomer. Fence() must guard every write: a leader that was paused, or
// could not renew in time, is refused before its next write leaves the process.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/kube/client.h"
#include "operator/kube/clock.h"

namespace plimsoll::kube {

struct LeaderElectionOptions {
  std::string ns = {};        // of the Lease
  std::string name = {};      // of the Lease
  std::string identity = {};  // unique per process: hostname plus a random suffix
  Duration lease_duration = std::chrono::seconds(15);  // others wait so long before taking over
  Duration renew_deadline = std::chrono::seconds(10);  // the leader gives up after so long
  Duration retry_period = std::chrono::seconds(2);     // between tries; lengthened up to 20 %
  bool release_on_stop = true;                         // give the lease up at once when stopped
  // All on the Run thread. `on_lost` must stop all writers or end the process.
  std::function<void()> on_leading = {};
  std::function<void()> on_lost = {};
  std::function<void(const std::string& identity)> on_new_leader = {};  // also when it is us
  std::function<void(const Error&)> on_error = {};                      // for logs
};

class LeaderElector {
 public:
  // `client` must be the elector's own (bulk traffic must never delay a renewal), without a write
  // fence. kInvalid unless lease_duration > renew_deadline > 1.2 * retry_period.
  [[nodiscard]] static Result<std::unique_ptr<LeaderElector>> Create(std::unique_ptr<Client> client,
                                                                     LeaderElectionOptions options);
  ~LeaderElector();

  // Blocks: competes, leads, and returns when the lease was lost (kCanceled) or `stop` was asked
  // for (ok; the lease is released first if options say so).
  [[nodiscard]] Status Run(std::stop_token stop);

  [[nodiscard]] bool IsLeader() const;
  // Identity of the last known holder; "" when nobody holds it.
  [[nodiscard]] std::string leader() const;
  // For ClientOptions::write_fence; may outlive the elector.
  [[nodiscard]] WriteFence Fence() const;

 private:
  class Impl;
  explicit LeaderElector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "<hostname>_<random>".
[[nodiscard]] std::string MakeIdentity();

}  // namespace plimsoll::kube
