// SPDX-License-Identifier: Apache-2.0
//
// One container under watch: its cgroup, its pod's, the window being gathered, and how often it has
// to be looked at. Driven by NodeWatcher's thread; knows no clock and no stream.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/agent/cgroup/locator.h"
#include "operator/agent/cgroup/memory_group.h"
#include "operator/agent/watch/process.h"
#include "operator/agent/watch/window.h"
#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

// A pod's own cgroup, shared by its containers.
struct PodWatch {
  // Errors: as MemoryGroup::Open and ReadEvents.
  [[nodiscard]] static Result<std::shared_ptr<PodWatch>> Open(const Hierarchy& hierarchy,
                                                              const std::string& path,
                                                              TimePoint wall);

  // nullopt: unlimited, or gone together with the pod.
  [[nodiscard]] std::optional<Bytes> Limit() { return ReadLimit().value_or(std::nullopt); }
  // The same, and an error when it cannot be read.
  [[nodiscard]] Result<std::optional<Bytes>> ReadLimit() { return group->ReadLimit(); }
  // A window of one of its containers ends; the pod's own ends with it when it has lasted `length`.
  void EndWindow(TimePoint wall, Duration length);

  std::unique_ptr<MemoryGroup> group;  // never null
  // The counters that a kill's level is told from, as ContainerWatch::level_from.
  EventCounts level_from{};
  EventCounts window_events{};  // when the pod's window began
  TimePoint window_start{};
};

class ContainerWatch {
 public:
  // Errors: as MemoryGroup::Open and ReadEvents.
  [[nodiscard]] static Result<std::unique_ptr<ContainerWatch>> Open(const Hierarchy& hierarchy,
                                                                    v1::Container spec,
                                                                    const ContainerPlace& place,
                                                                    std::shared_ptr<PodWatch> pod,
                                                                    TimePoint wall);

  // A whole reading into the window. Errors: kGone when the container has ended, kInvalid when its
  // files make no sense just now; then nothing was added.
  [[nodiscard]] Status Read(TimePoint wall, Instant now);
  // The look of each second: usage, near the limit also the limit itself, and the rest only when
  // hard memory can have moved by 0.4 % of the limit (of usage, where there is none), or the last
  // whole reading is 5 s old. A look that finds nothing moved counts as a sample like the last one.
  // Errors as Read.
  [[nodiscard]] Status Sample(TimePoint wall, Instant now);
  // The look of each tenth of a second, while near: as Sample with 0.8 % or on becoming urgent, and
  // no sample when nothing moved. True when a whole reading was added.
  [[nodiscard]] Result<bool> Glance(TimePoint wall, Instant now);

  // True while it has to be glanced at ten times a second.
  [[nodiscard]] bool near() const { return near_; }

  // The reading to send at once, if the last one is urgent and differs enough from what was sent:
  // on becoming urgent, after each growth by 1 % of the limit, when the limit has changed, and
  // every 2 s; never twice within 90 ms.
  [[nodiscard]] std::optional<v1::Digest> TakeUrgent(TimePoint wall, Instant now);

  // The window's digest if it has lasted `length` or `last` is set; nullopt when nothing was read.
  [[nodiscard]] std::optional<v1::Digest> TakeWindow(TimePoint wall, Duration length, bool last);

  // What the operator says of it now; the container id stays.
  void Respecify(v1::Container spec) { spec_ = std::move(spec); }

  [[nodiscard]] const v1::Container& spec() const { return spec_; }
  [[nodiscard]] const std::string& id() const { return spec_.container_id(); }
  [[nodiscard]] MemoryGroup& group() { return *group_; }
  [[nodiscard]] PodWatch& pod() { return *pod_; }
  [[nodiscard]] const Window& window() const { return window_; }
  // The container's limit in the last reading; nullopt: none yet.
  [[nodiscard]] std::optional<std::optional<Bytes>> last_limit() const {
    return read_at_ ? std::optional(window_.last().limit) : std::nullopt;
  }
  // The pod's limit when the container's own was last read: what a kill at the pod's limit is laid
  // to depends on both, and one that is newer than the other tells nothing. nullopt: never read.
  [[nodiscard]] const std::optional<std::optional<Bytes>>& pod_limit_then() const {
    return pod_limit_then_;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

  // v1: the descriptor that wakes at the near mark; v2: at memory pressure while near. -1: none.
  [[nodiscard]] int wake_fd() const { return wake_fd_; }
  // True once after wake_fd has changed.
  [[nodiscard]] bool TakeWakeChange() { return std::exchange(wake_changed_, false); }

  // The container's PID 1, when processes may be looked at.
  std::optional<InitProcess> init;
  // The event counters when kills were last looked for.
  EventCounts counts_seen{};
  // The counters that a kill's level is told from: as they were at the last kill, or one to two
  // windows ago. Not those of the last look: the kernel counts the limit that was hit some
  // milliseconds before the kill, and a look may fall between the two.
  EventCounts level_from{};

 private:
  ContainerWatch(v1::Container spec, std::string path, std::unique_ptr<MemoryGroup> group,
                 std::shared_ptr<PodWatch> pod, Window window);
  // Whether hard memory may have moved by `step` since the last whole reading, given usage now.
  [[nodiscard]] bool MayHaveMoved(Bytes usage, Bytes step) const;
  // Whether hard memory, not urgent in the last whole reading, is by usage now.
  [[nodiscard]] bool CrossesMark(Bytes usage) const;
  [[nodiscard]] Status Read(TimePoint wall, Instant now, const Known& known);
  void Repace();
  void Name(v1::Digest& digest) const;

  v1::Container spec_;
  std::string path_;
  std::unique_ptr<MemoryGroup> group_;
  std::shared_ptr<PodWatch> pod_;
  Window window_;
  std::optional<Instant> read_at_{};  // of the last whole reading
  std::optional<std::optional<Bytes>> pod_limit_then_{};
  bool near_ = false;
  std::optional<Bytes> marked_limit_{};  // the limit that wake_fd was set for
  int wake_fd_ = -1;
  bool wake_changed_ = false;
  struct Sent {
    Instant at;
    Bytes hard;
    std::optional<Bytes> limit;
  };
  std::optional<Sent> sent_{};  // the last urgent reading, while urgent
};

}  // namespace plimsoll::agent
