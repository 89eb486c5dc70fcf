// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/window.h"

#include <algorithm>
#include <chrono>

#include "advisor/base/unix_nano.h"

namespace plimsoll::agent {
namespace {

using std::chrono::seconds;

std::uint64_t Wire(Bytes bytes) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes.count()));
}

// A counter that went back began again.
std::uint64_t Moved(std::uint64_t from, std::uint64_t to) { return to >= from ? to - from : to; }

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

void Describe(const MemoryReading& reading, std::optional<Bytes> pod_limit, v1::Digest& digest) {
  digest.set_usage(Wire(reading.usage));
  digest.set_working_set(Wire(reading.usage - reading.inactive_file));
  if (reading.swap) digest.set_swap(Wire(*reading.swap));
  if (reading.limit) digest.set_limit(Wire(*reading.limit));
  if (reading.high) digest.set_high(Wire(*reading.high));
  if (pod_limit) digest.set_pod_limit(Wire(*pod_limit));
}

}  // namespace

bool AtTheLimit(const MemoryReading& reading) {
  constexpr Ratio kNear(0.995);
  return (reading.limit && reading.hard >= *reading.limit * kNear) ||
         (reading.high && reading.hard >= *reading.high * kNear);
}

void Window::Add(TimePoint wall, Instant now, const MemoryReading& reading) {
  // The first reading of a window stands for the time since the window began.
  const Duration since = recent_.empty() ? Duration(1000) : now - recent_.back().at;
  // (A clock set back since then leaves no such time: the window ends with this reading.)
  const double since_start = std::max(0.0, Seconds(wall - start_));
  const double weight = std::clamp(Seconds(since), 0.001, since_start + 1.0);
  hard_sum_ += reading.hard.AsDouble() * weight;
  soft_sum_ += reading.soft.AsDouble() * weight;
  seconds_ += weight;
  if (samples_ == 0) refaults_start_ = last_.refaults ? last_.refaults : reading.refaults;
  ++samples_;
  hard_peak_ = std::max(hard_peak_, reading.hard);
  censored_ = censored_ || AtTheLimit(reading);
  if (!recent_.empty() && (reading.limit != last_.limit || reading.high != last_.high)) {
    boundary_moved_ = true;
  }
  last_ = reading;
  recent_.push_back({now, reading.hard});
  while (recent_.front().at < now - seconds(5)) recent_.pop_front();
  rise_ = std::max(rise_, RecentRise());
}

Bytes Window::RecentRise() const {
  if (recent_.empty()) return Bytes(0);
  const auto lowest = std::ranges::min_element(recent_, {}, &Point::hard);
  return recent_.back().hard - lowest->hard;
}

std::optional<BytesPerSecond> Window::RecentRate() const {
  constexpr Duration kShortest(40);
  constexpr Duration kSpan(300);
  if (recent_.empty()) return std::nullopt;
  const Point& newest = recent_.back();
  const Point* from = nullptr;
  for (auto point = recent_.rbegin(); point != recent_.rend(); ++point) {
    if (newest.at - point->at < kShortest) continue;
    from = &*point;
    if (newest.at - point->at >= kSpan) break;
  }
  if (from == nullptr || newest.hard <= from->hard) return std::nullopt;
  return BytesPerSecond((newest.hard - from->hard).AsDouble() / Seconds(newest.at - from->at));
}

v1::Digest Window::Take(TimePoint end, const WindowEnd& at_end) {
  v1::Digest digest;
  const TimePoint observed =
      end - std::chrono::ceil<Duration>(std::chrono::duration<double>(seconds_));
  digest.set_window_start_unix_nano(UnixNano(start_ <= end ? start_ : observed));
  digest.set_window_end_unix_nano(UnixNano(end));
  digest.set_samples(samples_);
  digest.set_hard_peak(Wire(hard_peak_));
  digest.set_hard_mean(Wire(Bytes::FromDouble(hard_sum_ / seconds_)));
  digest.set_soft_mean(Wire(Bytes::FromDouble(soft_sum_ / seconds_)));
  Describe(last_, at_end.pod_limit, digest);
  if (at_end.kernel_peak) digest.set_kernel_peak(Wire(*at_end.kernel_peak));
  digest.set_rise(Wire(rise_));
  if (refaults_start_ && last_.refaults) {
    digest.set_refaults(Moved(*refaults_start_, *last_.refaults));
  }
  if (pressure_ && at_end.pressure) {
    v1::Pressure& pressure = *digest.mutable_pressure();
    pressure.set_some_usec(Moved(pressure_->some_usec, at_end.pressure->some_usec));
    pressure.set_full_usec(Moved(pressure_->full_usec, at_end.pressure->full_usec));
  }
  v1::EventsDelta& events = *digest.mutable_events();
  events.set_high(Moved(events_.high, at_end.events.high));
  events.set_max(Moved(events_.max, at_end.events.max));
  events.set_oom(Moved(events_.oom, at_end.events.oom));
  events.set_oom_kill(Moved(events_.oom_kill, at_end.events.oom_kill));
  events.set_oom_group_kill(Moved(events_.oom_group_kill, at_end.events.oom_group_kill));
  // A kill by the pod's limit or the node's says nothing of this one. cgroup v1 does not count the
  // kills at a limit apart, but the times that it was hit.
  const bool killed_here = events.oom() > 0 || (events.oom_kill() > 0 && events.max() > 0);
  // Killed at 64 MiB and raised to 256 a moment later, it did not come to 256.
  digest.set_censored((censored_ || killed_here) && !boundary_moved_);

  start_ = end;
  events_ = at_end.events;
  pressure_ = at_end.pressure;
  samples_ = 0;
  hard_peak_ = rise_ = Bytes(0);
  hard_sum_ = soft_sum_ = seconds_ = 0;
  censored_ = boundary_moved_ = false;
  return digest;
}

v1::Digest Window::Urgent(TimePoint wall, std::optional<Bytes> pod_limit) const {
  v1::Digest digest;
  digest.set_window_start_unix_nano(UnixNano(wall));
  digest.set_window_end_unix_nano(UnixNano(wall));
  digest.set_samples(1);
  digest.set_urgent(true);
  digest.set_hard_peak(Wire(last_.hard));
  digest.set_hard_mean(Wire(last_.hard));
  digest.set_soft_mean(Wire(last_.soft));
  Describe(last_, pod_limit, digest);
  digest.set_rise(Wire(RecentRise()));
  if (const auto rate = RecentRate()) digest.set_rate(Wire(Bytes::FromDouble(rate->value())));
  digest.set_censored(AtTheLimit(last_));
  return digest;
}

}  // namespace plimsoll::agent
