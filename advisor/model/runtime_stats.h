// SPDX-License-Identifier: Apache-2.0
//
// What a language runtime or allocator says of itself (gc-tuning.md §3), the part the advisor uses.
// Every field is optional: an absent one was not reported and must not be taken for zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"
#include "advisor/base/units.h"

namespace plimsoll::model {

enum class RuntimeKind { kUnknown, kGo, kJvm, kV8, kDotnet, kCpython, kNative };

struct PoolStats {
  std::string name{};
  std::optional<std::uint64_t> capacity{};
  std::optional<std::uint64_t> in_use{};
  std::optional<std::uint64_t> idle{};
  std::optional<std::uint64_t> in_use_peak{};
  std::optional<std::uint64_t> acquires_total{};
  std::optional<std::uint64_t> wait_count_total{};
  std::optional<double> wait_seconds_total{};
  std::optional<Bytes> item_bytes{};
};

struct RuntimeStats {
  RuntimeKind kind = RuntimeKind::kUnknown;
  std::string version{};
  TimePoint process_start{};  // counters are cumulative since then
  TimePoint time{};

  std::optional<Bytes> live{};             // heap that survived the last full collection
  std::optional<std::uint64_t> live_gc{};  // the collection that `live` belongs to
  std::optional<Bytes> heap_goal{};
  std::optional<Bytes> heap_used{};
  std::optional<Bytes> heap_free{};          // free, not returned to the kernel
  std::optional<Bytes> runtime_total{};      // all that the runtime has mapped and not released
  std::optional<Bytes> scan_total{};         // heap, stacks and globals the collector marks
  std::optional<Bytes> soft_limit{};         // Go: GOMEMLIMIT; absent: none set
  std::optional<std::int64_t> gc_percent{};  // Go: GOGC; -1: off
  std::optional<double> processors{};        // Go: GOMAXPROCS
  std::optional<Bytes> allocated_total{};    // counter
  std::optional<std::uint64_t> gc_cycles_total{};
  std::optional<double> gc_cpu_seconds_total{};  // counter, idle marking excluded
  bool accepts_tuning = false;                   // the app allows live settings
  // The settings in the app's environment or flags for which an app that allows tuning is not tuned
  // all the same: "GOGC and GOMEMLIMIT". Empty: none.
  std::string set_by_user{};
  std::vector<PoolStats> pools{};
};

}  // namespace plimsoll::model
