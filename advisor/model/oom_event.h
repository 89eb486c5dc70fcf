// SPDX-License-Identifier: Apache-2.0
//
// One out-of-memory kill, however many ways it was seen. The kind decides the answer: only
// kContainerOom and kChildOom raise a container's limit (sizing.md §C).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "advisor/base/time.h"
#include "advisor/base/units.h"

namespace plimsoll::model {

enum class OomKind {
  kContainerOom,  // the container's limit, and the container died
  kChildOom,      // the container's limit, PID 1 lives: pod status shows nothing
  kPodSliceOom,   // the pod cgroup's limit: raising the container does nothing
  kNodeOom,       // the node had no memory: answered on the request, not the limit
  kEvicted,       // the kubelet evicted the pod under memory pressure
  kRuntimeOom,    // the runtime's own, such as java.lang.OutOfMemoryError
};

struct OomEvent {
  std::string id{};  // stable across every way of seeing it: the key of de-duplication
  OomKind kind = OomKind::kContainerOom;
  TimePoint time{};
  std::optional<Bytes> limit{};             // in force at the kill; absent: unlimited or unknown
  std::optional<Bytes> peak{};              // the cgroup's highest usage up to the kill
  std::string victim{};                     // the killed process's name, when known
  std::optional<Duration> container_age{};  // how long the container had run, when known
  bool by_pod_status = false;  // told by the pod's status alone: no agent saw the kernel do it
};

}  // namespace plimsoll::model
