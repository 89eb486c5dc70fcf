// SPDX-License-Identifier: Apache-2.0
//
// The words of what `advise` reads: fields and events. docs/advise.md explains them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "operator/cli/advise_event.h"

namespace plimsoll::cli {

// Amounts in bytes from kHardPeak to kPeak, other numbers from there to before kCensored.
enum class Field {
  kTime,
  kContainer,
  kPod,
  kEvent,
  kKind,
  kId,
  kRelease,
  kStats,
  kHardPeak,
  kHardMean,
  kSoftMean,
  kRise,
  kSwap,
  kUsage,
  kWorkingSet,
  kKernelPeak,
  kLimit,
  kRequest,
  kHigh,
  kPodLimit,
  kPeak,
  kWindowSeconds,
  kSamples,
  kRefaults,
  kPressureSome,
  kPressureFull,
  kContainerAge,
  kCensored,
  kBatch,
  kCount
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Field::kCount)> kFieldNames =
    {"time",
     "container",
     "pod",
     "event",
     "kind",
     "id",
     "release",
     "stats",
     "hard_peak",
     "hard_mean",
     "soft_mean",
     "rise",
     "swap",
     "usage",
     "working_set",
     "kernel_peak",
     "limit",
     "request",
     "high",
     "pod_limit",
     "peak",
     "window_seconds",
     "samples",
     "refaults",
     "pressure_some_ms",
     "pressure_full_ms",
     "container_age_seconds",
     "censored",
     "batch"};

inline constexpr std::array<std::pair<std::string_view, EventKind>, 5> kEvents = {{
    {"digest", EventKind::kDigest},
    {"oom", EventKind::kOom},
    {"start", EventKind::kStart},
    {"runtime", EventKind::kRuntime},
    {"advise", EventKind::kAdvise},
}};

// The names of a table, for an error.
template <class Table>
[[nodiscard]] std::string Listed(const Table& table) {
  std::string names;
  for (const auto& [name, value] : table) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

[[nodiscard]] inline std::string_view Name(Field field) {
  return kFieldNames[static_cast<std::size_t>(field)];
}

}  // namespace plimsoll::cli
