// SPDX-License-Identifier: Apache-2.0
//
// One running container as its node's agent sees it: the newest reading, the last hour's peak, what
// its runtime says. Gone with the container; what lasts goes into the workload's history.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "advisor/model/container_key.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/runtime_stats.h"
#include "advisor/rollout/observed.h"
#include "operator/kube/objects/pod.h"

namespace plimsoll::fleet {

// The highest hard memory of the last hour, in twelve slots of five minutes.
class HourPeak {
 public:
  void Observe(TimePoint time, Bytes hard);
  // Absent: nothing seen within the hour before `now`.
  [[nodiscard]] std::optional<Bytes> Highest(TimePoint now) const;

 private:
  struct Slot {
    std::int64_t number = -1;  // five-minute slots since 1970
    Bytes highest{};
  };
  std::array<Slot, 12> slots_{};
};

// Where a container ID belongs.
struct ContainerRef {
  model::ContainerKey key;
  std::string pod_uid;
  std::string pod_name;
  std::string node;
  kube::ContainerKind kind = kube::ContainerKind::kApp;
};

struct Instance {
  std::optional<model::MemoryDigest> newest{};
  std::optional<TimePoint> watched_since{};  // end of the first window of it that came to us
  HourPeak hour_peak{};
  std::optional<model::RuntimeStats> runtime{};
  bool runtime_read_only = false;          // its stats came over TCP, where nothing can be set
  std::optional<double> gc_cpu_percent{};  // between its last two reports; see GcCpuPercent
  std::string runtime_problem;             // why there are no stats, in the agent's words
  std::string refused;  // why its newest digest was not understood; empty: it was
};

// Stalls above 0.1 % of the window mean that memory is short (sizing.md §D). Unknown is no
// pressure: where there is no PSI, usage alone decides.
[[nodiscard]] bool UnderPressure(const model::MemoryDigest& digest);

// What rollout wants to know; absent until a digest came.
[[nodiscard]] std::optional<rollout::Reading> ReadingOf(const Instance& instance, TimePoint now);
[[nodiscard]] std::optional<rollout::RuntimeState> RuntimeOf(const Instance& instance);

// Of the CPU that a runtime may use (Go: GOMAXPROCS), what collecting took between two reports of
// one process: 1.5 s of 60 s on 2 processors are 1.25. Absent where one of these is not known.
[[nodiscard]] std::optional<double> GcCpuPercent(const model::RuntimeStats& before,
                                                 const model::RuntimeStats& now);

// "containerd://3f…" -> "3f…"; empty stays empty.
[[nodiscard]] std::string BareContainerId(std::string_view id);

}  // namespace plimsoll::fleet
