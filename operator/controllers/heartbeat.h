// SPDX-License-Identifier: Apache-2.0
//
// Every loop of the operator ticks; one that has not for two minutes is stuck (a lock, a call that
// never ends), and /healthz says which, so that the kubelet starts the process anew. A slow API
// server is no reason: its longest answer is a request's time-out, half a minute.
//
//   Heartbeats::Pulse pulse = heartbeats.Start("housekeeping");
//   do { Work(); } while (pulse.Sleep(clock, kInterval, stop));   // gone with `pulse`
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

#include "advisor/base/time.h"
#include "operator/kube/clock.h"

namespace plimsoll::controllers {

class Heartbeats {
 private:
  struct Loop {
    std::string name;
    Instant last{};
  };

 public:
  inline static constexpr Duration kPatience = std::chrono::minutes(2);
  // A loop without work ticks this often.
  inline static constexpr Duration kIdle = std::chrono::seconds(10);

  explicit Heartbeats(const kube::Clock& clock, Duration patience = kPatience)
      : clock_(clock), patience_(patience) {}

  // One loop, from Start to the end of its scope. Must not outlive the Heartbeats.
  class Pulse {
   public:
    Pulse(Pulse&&) = default;
    Pulse& operator=(Pulse&&) = delete;
    ~Pulse();

    void Tick();
    // Sleeps, ticking. False when `stop` ended the sleep.
    [[nodiscard]] bool Sleep(const kube::Clock& clock, Duration duration, std::stop_token stop);

   private:
    friend Heartbeats;
    Pulse(Heartbeats& beats, std::shared_ptr<Loop> loop) : beats_(&beats), loop_(std::move(loop)) {}
    Heartbeats* beats_;
    std::shared_ptr<Loop> loop_;
  };
  [[nodiscard]] Pulse Start(std::string name);

  // Empty: all tick. Otherwise which loop does not, and for how long.
  [[nodiscard]] std::string Problem() const;

 private:
  const kube::Clock& clock_;
  const Duration patience_;
  mutable std::mutex mutex_;
  std::set<std::shared_ptr<Loop>> loops_;
};

}  // namespace plimsoll::controllers
