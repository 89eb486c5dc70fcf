// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/container_watch.h"

#include <chrono>
#include <utility>

#include "advisor/base/unix_nano.h"
#include "operator/agent/watch/urgency.h"

namespace plimsoll::agent {

Result<std::shared_ptr<PodWatch>> PodWatch::Open(const Hierarchy& hierarchy,
                                                 const std::string& path, TimePoint wall) {
  Result<std::unique_ptr<MemoryGroup>> group = MemoryGroup::Open(hierarchy, path);
  if (!group) return std::unexpected(group.error());
  const Result<EventCounts> events = (*group)->ReadEvents();
  if (!events) return std::unexpected(events.error());
  return std::make_shared<PodWatch>(PodWatch{.group = *std::move(group),
                                             .level_from = *events,
                                             .window_events = *events,
                                             .window_start = wall});
}

void PodWatch::EndWindow(TimePoint wall, Duration length) {
  // A clock that was set back ends it, too: a hit of long ago explains no kill of today.
  if (wall >= window_start && wall - window_start < length) return;
  level_from = Newer(level_from, window_events);
  window_events = group->ReadEvents().value_or(window_events);
  window_start = wall;
}

Result<std::unique_ptr<ContainerWatch>> ContainerWatch::Open(const Hierarchy& hierarchy,
                                                             v1::Container spec,
                                                             const ContainerPlace& place,
                                                             std::shared_ptr<PodWatch> pod,
                                                             TimePoint wall) {
  Result<std::unique_ptr<MemoryGroup>> group = MemoryGroup::Open(hierarchy, place.container);
  if (!group) return std::unexpected(group.error());
  const Result<EventCounts> events = (*group)->ReadEvents();
  if (!events) return std::unexpected(events.error());
  const Result<std::optional<PressureTotals>> pressure = (*group)->ReadPressure();
  if (!pressure) return std::unexpected(pressure.error());
  std::unique_ptr<ContainerWatch> watch(new ContainerWatch(std::move(spec), place.container,
                                                           *std::move(group), std::move(pod),
                                                           Window(wall, *events, *pressure)));
  watch->counts_seen = *events;
  watch->level_from = *events;
  return watch;
}

ContainerWatch::ContainerWatch(v1::Container spec, std::string path,
                               std::unique_ptr<MemoryGroup> group, std::shared_ptr<PodWatch> pod,
                               Window window)
    : spec_(std::move(spec)),
      path_(std::move(path)),
      group_(std::move(group)),
      pod_(std::move(pod)),
      window_(std::move(window)) {}

Status ContainerWatch::Read(TimePoint wall, Instant now) { return Read(wall, now, Known{}); }

Status ContainerWatch::Read(TimePoint wall, Instant now, const Known& known) {
  const Result<MemoryReading> reading = group_->Read(known);
  if (!reading) return std::unexpected(reading.error());
  window_.Add(wall, now, *reading);
  if (!known.limits) {
    read_at_ = now;
    const Result<std::optional<Bytes>> pod = pod_->ReadLimit();
    if (pod) pod_limit_then_ = *pod;
  }
  Repace();
  return {};
}

bool ContainerWatch::MayHaveMoved(Bytes usage, Bytes step) const {
  const MemoryReading& last = window_.last();
  // Under an unmoved usage hard memory can grow only by pushing out cache: with less of that than a
  // step there is nothing to hide behind.
  return usage - last.usage >= step || last.usage - usage >= step || last.soft > step + step;
}

// A step of 1 GiB is 8 MiB, which 20 MiB/s take 0.4 s for: the mark itself is not waited past.
bool ContainerWatch::CrossesMark(Bytes usage) const {
  const MemoryReading& last = window_.last();
  if (!last.limit) return false;
  const Bytes mark = *last.limit * kUrgentShare;
  return last.hard < mark && usage - last.soft >= mark;
}

Status ContainerWatch::Sample(TimePoint wall, Instant now) {
  constexpr Duration kOldest(5000);
  if (!read_at_ || now - *read_at_ >= kOldest) return Read(wall, now);
  const MemoryReading last = window_.last();
  const Result<Bytes> usage = group_->ReadUsage();
  if (!usage) return std::unexpected(usage.error());
  if (near_) {
    // Near its limit a container's limit is what somebody waits for, and no usage moves with it.
    const Result<std::optional<Bytes>> limit = group_->ReadLimit();
    if (!limit) return std::unexpected(limit.error());
    if (*limit != last.limit) return Read(wall, now);
  }
  const Bytes step(last.limit.value_or(last.usage).count() / 256);
  if (MayHaveMoved(*usage, step)) return Read(wall, now, {.usage = *usage, .limits = &last});
  window_.Add(wall, now, last);
  return {};
}

Result<bool> ContainerWatch::Glance(TimePoint wall, Instant now) {
  const MemoryReading& last = window_.last();
  const Bytes step(last.limit.value_or(Bytes(0)).count() / 128);
  const Result<Bytes> usage = group_->ReadUsage();
  if (!usage) return std::unexpected(usage.error());
  // Well below the mark cache does not matter yet: the look of each second will do.
  const bool low = *usage < last.limit.value_or(Bytes::Max()) * kNearShare;
  const bool moved = low ? *usage - last.usage >= step : MayHaveMoved(*usage, step);
  if (!moved && !CrossesMark(*usage)) return false;
  const Status read = Read(wall, now, {.usage = *usage});
  if (!read) return std::unexpected(read.error());
  return true;
}

void ContainerWatch::Repace() {
  const MemoryReading& last = window_.last();
  if (last.limit != marked_limit_) {
    marked_limit_ = last.limit;
    if (last.limit && group_->abilities().threshold) {
      wake_fd_ = group_->WatchThreshold(*last.limit * kNearShare);
      wake_changed_ = true;
    }
  }
  const bool woken = group_->abilities().threshold && wake_fd_ >= 0;
  near_ = IsNear(last, woken);
  if (group_->abilities().pressure && wake_fd_ < 0 && last.limit &&
      last.hard >= *last.limit * kUrgentShare) {
    wake_fd_ = group_->WatchPressure();
    wake_changed_ = wake_fd_ >= 0;
  }
}

std::optional<v1::Digest> ContainerWatch::TakeUrgent(TimePoint wall, Instant now) {
  constexpr Duration kShortest(90);
  constexpr Duration kLongest(2000);
  const MemoryReading& last = window_.last();
  if (window_.empty() || !IsUrgent(last, window_.RecentRate())) {
    sent_.reset();
    return std::nullopt;
  }
  if (sent_) {
    const Duration since = now - sent_->at;
    const bool moved =
        last.limit != sent_->limit || last.hard >= sent_->hard + *last.limit * Ratio(0.01);
    if (since < kShortest || (!moved && since < kLongest)) return std::nullopt;
  }
  sent_ = Sent{now, last.hard, last.limit};
  v1::Digest digest = window_.Urgent(wall, pod_->Limit());
  Name(digest);
  return digest;
}

std::optional<v1::Digest> ContainerWatch::TakeWindow(TimePoint wall, Duration length, bool last) {
  // A clock that was set back ends the window, too: its readings must not wait until it is there.
  const bool whole = wall < window_.start() || wall - window_.start() >= length;
  if (window_.empty() || (!last && !whole)) return std::nullopt;
  WindowEnd end;
  // A container that is gone cannot be asked any more: its counters stay where they were.
  const Result<EventCounts> events = group_->ReadEvents();
  if (!events && !last) return std::nullopt;
  end.events = events.value_or(window_.events());
  end.pressure = group_->ReadPressure().value_or(std::nullopt);
  end.kernel_peak = group_->TakePeak().value_or(std::nullopt);
  end.pod_limit = pod_->Limit();
  pod_->EndWindow(wall, length);
  level_from = Newer(level_from, window_.events());
  v1::Digest digest = window_.Take(wall, end);
  Name(digest);
  return digest;
}

void ContainerWatch::Name(v1::Digest& digest) const {
  digest.set_pod_uid(spec_.pod_uid());
  digest.set_container_id(spec_.container_id());
  if (init) digest.set_container_start_unix_nano(UnixNano(init->started));
}

}  // namespace plimsoll::agent
