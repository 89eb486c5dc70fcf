// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/heartbeat.h"

#include <algorithm>

namespace plimsoll::controllers {

Heartbeats::Pulse::~Pulse() {
  if (!loop_) return;
  const std::lock_guard lock(beats_->mutex_);
  beats_->loops_.erase(loop_);
}

void Heartbeats::Pulse::Tick() {
  const std::lock_guard lock(beats_->mutex_);
  loop_->last = beats_->clock_.Monotonic();
}

bool Heartbeats::Pulse::Sleep(const kube::Clock& clock, Duration duration, std::stop_token stop) {
  while (true) {
    Tick();
    const Duration slice = std::min(duration, kIdle);
    if (!clock.SleepFor(slice, stop)) return false;
    duration -= slice;
    if (duration <= Duration::zero()) break;
  }
  Tick();
  return true;
}

Heartbeats::Pulse Heartbeats::Start(std::string name) {
  auto loop = std::make_shared<Loop>(Loop{std::move(name), clock_.Monotonic()});
  const std::lock_guard lock(mutex_);
  loops_.insert(loop);
  return {*this, std::move(loop)};
}

std::string Heartbeats::Problem() const {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.Monotonic();
  std::string problem;
  for (const std::shared_ptr<Loop>& loop : loops_) {
    const auto silent = now - loop->last;
    if (silent <= patience_) continue;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent).count();
    problem += (problem.empty() ? "" : ", ") + loop->name + " has not ticked for " +
               std::to_string(seconds) + " s";
  }
  return problem;
}

}  // namespace plimsoll::controllers
