// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/stats.h"

#include <cmath>

#include "advisor/model/clock_skew.h"
#include "operator/sources/agents/reader.h"

namespace plimsoll::agents {
namespace {

// Far above what any setting means, and safe to make an integer of; NaN is not below it.
constexpr double kMostGogc = 1e9;

model::RuntimeKind KindFrom(v1::AllocatorStats::Runtime runtime) {
  switch (runtime) {
    case v1::AllocatorStats::GO:
      return model::RuntimeKind::kGo;
    case v1::AllocatorStats::JVM:
      return model::RuntimeKind::kJvm;
    case v1::AllocatorStats::V8:
      return model::RuntimeKind::kV8;
    case v1::AllocatorStats::DOTNET:
      return model::RuntimeKind::kDotnet;
    case v1::AllocatorStats::CPYTHON:
      return model::RuntimeKind::kCpython;
    case v1::AllocatorStats::NATIVE:
      return model::RuntimeKind::kNative;
    default:
      return model::RuntimeKind::kUnknown;
  }
}

std::optional<std::int64_t> GcPercentOf(const v1::AllocatorStats& stats) {
  for (const v1::Knob& knob : stats.knobs()) {
    if (knob.name() != "GOGC") continue;
    if (knob.has_number() && std::abs(knob.number()) <= kMostGogc) {
      return static_cast<std::int64_t>(knob.number());
    }
    if (knob.value() == "off") return -1;
  }
  return std::nullopt;
}

// The settings whose present value is from the environment or a flag: whoever wrote it there would
// look for it in vain once it was overwritten.
std::string SetByUser(const v1::AllocatorStats& stats) {
  std::string names;
  for (const v1::Knob& knob : stats.knobs()) {
    const bool ours_to_set = knob.name() == "GOMEMLIMIT" || knob.name() == "GOGC";
    const bool by_user = knob.source() == v1::Knob::ENV || knob.source() == v1::Knob::FLAG;
    if (!ours_to_set || !by_user || names.find(knob.name()) != std::string::npos) continue;
    names += (names.empty() ? "" : " and ") + knob.name();
  }
  return names;
}

model::PoolStats PoolFrom(const v1::Pool& pool, Reader& read) {
  model::PoolStats stats{.name = pool.name()};
  if (pool.has_capacity()) stats.capacity = pool.capacity();
  if (pool.has_in_use()) stats.in_use = pool.in_use();
  if (pool.has_idle()) stats.idle = pool.idle();
  if (pool.has_in_use_peak()) stats.in_use_peak = pool.in_use_peak();
  if (pool.has_acquires_total()) stats.acquires_total = pool.acquires_total();
  if (pool.has_wait_count_total()) stats.wait_count_total = pool.wait_count_total();
  if (pool.has_wait_seconds_total()) {
    stats.wait_seconds_total =
        read.Number(pool.wait_seconds_total(), "stats.pools.wait_seconds_total");
  }
  if (pool.has_item_bytes_avg()) {
    stats.item_bytes = read.Amount(pool.item_bytes_avg(), "stats.pools.item_bytes_avg");
  }
  return stats;
}

}  // namespace

Result<model::RuntimeStats> StatsFrom(const v1::AllocatorStats& stats, TimePoint now) {
  Reader read;
  model::RuntimeStats out{.kind = KindFrom(stats.runtime()),
                          .version = stats.runtime_version().substr(0, 64)};
  out.process_start = read.Time(stats.start_time_unix_nano(), "stats.start_time_unix_nano");
  out.time = read.Time(stats.sample_time_unix_nano(), "stats.sample_time_unix_nano");
  // History never goes back: one such sample would shut out all that come until then.
  if (out.time > now + model::kClockSkew) {
    read.Complain(
        "stats.sample_time_unix_nano lies in the future: set the clock of the app's node (NTP)");
  }
  const v1::Heap& heap = stats.heap();
  if (heap.has_live()) out.live = read.Amount(heap.live(), "stats.heap.live");
  if (heap.has_live_at_gc()) out.live_gc = heap.live_at_gc();
  if (heap.has_goal()) out.heap_goal = read.Amount(heap.goal(), "stats.heap.goal");
  if (heap.has_used()) out.heap_used = read.Amount(heap.used(), "stats.heap.used");
  if (heap.has_free()) out.heap_free = read.Amount(heap.free(), "stats.heap.free");
  if (heap.has_scan_total())
    out.scan_total = read.Amount(heap.scan_total(), "stats.heap.scan_total");
  if (heap.has_soft_limit())
    out.soft_limit = read.Amount(heap.soft_limit(), "stats.heap.soft_limit");
  const v1::Allocation& allocation = stats.allocation();
  if (allocation.has_runtime_total()) {
    out.runtime_total = read.Amount(allocation.runtime_total(), "stats.allocation.runtime_total");
  }
  if (allocation.has_bytes_total()) {
    out.allocated_total = read.Amount(allocation.bytes_total(), "stats.allocation.bytes_total");
  }
  if (stats.gc().has_cycles_total()) out.gc_cycles_total = stats.gc().cycles_total();
  if (stats.gc().has_cpu_seconds_total()) {
    out.gc_cpu_seconds_total =
        read.Number(stats.gc().cpu_seconds_total(), "stats.gc.cpu_seconds_total");
  }
  if (stats.limits().has_processors()) {
    out.processors = read.Number(stats.limits().processors(), "stats.limits.processors");
  }
  out.gc_percent = GcPercentOf(stats);
  if (stats.accepts_tuning()) {
    out.set_by_user = SetByUser(stats);
    out.accepts_tuning = out.set_by_user.empty();
  }
  for (const v1::Pool& pool : stats.pools()) out.pools.push_back(PoolFrom(pool, read));
  return std::move(read).Give(std::move(out));
}

}  // namespace plimsoll::agents
