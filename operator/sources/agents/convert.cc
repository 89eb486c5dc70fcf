// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/convert.h"

#include <algorithm>
#include <limits>
#include <string>

#include "advisor/model/clock_skew.h"

namespace plimsoll::agents {
namespace {

constexpr std::uint64_t kMaxBytes =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr std::uint64_t kMaxIdLength = 160;

// Collects the first thing that is wrong, so that a conversion reads top to bottom.
class Reader {
 public:
  Bytes Amount(std::uint64_t value, const char* field) {
    if (value > kMaxBytes) Complain(std::string(field) + " is above 2^63-1 bytes");
    return Bytes(static_cast<std::int64_t>(std::min(value, kMaxBytes)));
  }
  TimePoint Time(std::uint64_t unix_nano, const char* field) {
    if (unix_nano == 0) Complain(std::string(field) + " is missing");
    return TimePoint(Duration(static_cast<std::int64_t>(unix_nano / 1'000'000)));
  }
  void Complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  template <class T>
  Result<T> Give(T value) && {
    if (!problem_.empty()) return Fail(ErrorCode::kInvalid, std::move(problem_));
    return value;
  }

 private:
  std::string problem_;
};

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
    if (knob.has_number()) return static_cast<std::int64_t>(knob.number());
    if (knob.value() == "off") return -1;
  }
  return std::nullopt;
}

model::PoolStats PoolFrom(const v1::Pool& pool, Reader& read) {
  model::PoolStats stats{.name = pool.name()};
  if (pool.has_capacity()) stats.capacity = pool.capacity();
  if (pool.has_in_use()) stats.in_use = pool.in_use();
  if (pool.has_idle()) stats.idle = pool.idle();
  if (pool.has_in_use_peak()) stats.in_use_peak = pool.in_use_peak();
  if (pool.has_acquires_total()) stats.acquires_total = pool.acquires_total();
  if (pool.has_wait_count_total()) stats.wait_count_total = pool.wait_count_total();
  if (pool.has_wait_seconds_total()) stats.wait_seconds_total = pool.wait_seconds_total();
  if (pool.has_item_bytes_avg()) {
    stats.item_bytes = read.Amount(pool.item_bytes_avg(), "pools.item_bytes_avg");
  }
  return stats;
}

}  // namespace

Result<model::MemoryDigest> DigestFrom(const v1::Digest& digest, TimePoint now) {
  Reader read;
  model::MemoryDigest out;
  out.window_start = read.Time(digest.window_start_unix_nano(), "digest.window_start_unix_nano");
  out.window_end = read.Time(digest.window_end_unix_nano(), "digest.window_end_unix_nano");
  if (out.window_end < out.window_start) read.Complain("digest.window_end lies before its start");
  if (out.window_end > now + model::kClockSkew) {
    read.Complain("digest.window_end lies in the future: set the node's clock (NTP)");
  }
  out.samples = digest.samples();
  if (out.samples == 0) read.Complain("digest.samples is 0: a digest without a reading");
  out.urgent = digest.urgent();
  out.hard_peak = read.Amount(digest.hard_peak(), "digest.hard_peak");
  out.hard_mean = read.Amount(digest.hard_mean(), "digest.hard_mean");
  out.usage = read.Amount(digest.usage(), "digest.usage");
  if (digest.has_soft_mean()) out.soft_mean = read.Amount(digest.soft_mean(), "digest.soft_mean");
  if (digest.has_kernel_peak()) {
    out.kernel_peak = read.Amount(digest.kernel_peak(), "digest.kernel_peak");
  }
  if (digest.has_working_set()) {
    out.working_set = read.Amount(digest.working_set(), "digest.working_set");
  }
  if (digest.has_swap()) out.swap = read.Amount(digest.swap(), "digest.swap");
  if (digest.has_limit()) out.limit = read.Amount(digest.limit(), "digest.limit");
  if (digest.has_high()) out.high = read.Amount(digest.high(), "digest.high");
  if (digest.has_pod_limit()) out.pod_limit = read.Amount(digest.pod_limit(), "digest.pod_limit");
  if (digest.has_rise()) out.rise = read.Amount(digest.rise(), "digest.rise");
  if (digest.has_rate() && digest.rate() > 0) {
    out.rate = BytesPerSecond(read.Amount(digest.rate(), "digest.rate").AsDouble());
  }
  if (digest.has_refaults()) out.refaults = digest.refaults();
  if (digest.has_pressure()) {
    out.pressure = model::PressureDelta{
        .some = Duration(static_cast<std::int64_t>(digest.pressure().some_usec() / 1000)),
        .full = Duration(static_cast<std::int64_t>(digest.pressure().full_usec() / 1000))};
  }
  const v1::EventsDelta& events = digest.events();
  out.events = {.high = events.high(),
                .max = events.max(),
                .oom = events.oom(),
                .oom_kill = events.oom_kill(),
                .oom_group_kill = events.oom_group_kill()};
  if (digest.has_container_start_unix_nano()) {
    out.container_start =
        read.Time(digest.container_start_unix_nano(), "digest.container_start_unix_nano");
  }
  out.censored = digest.censored();
  return std::move(read).Give(std::move(out));
}

Result<model::OomEvent> OomFrom(const v1::Oom& oom, TimePoint now) {
  Reader read;
  model::OomEvent event{.id = oom.id(), .victim = oom.victim().substr(0, 64)};
  if (event.id.empty() || event.id.size() > kMaxIdLength) {
    read.Complain("oom.id must have 1 to 160 characters");
  }
  switch (oom.kind()) {
    case v1::Oom::CONTAINER:
      event.kind = model::OomKind::kContainerOom;
      break;
    case v1::Oom::CHILD:
      event.kind = model::OomKind::kChildOom;
      break;
    case v1::Oom::POD_SLICE:
      event.kind = model::OomKind::kPodSliceOom;
      break;
    case v1::Oom::NODE:
      event.kind = model::OomKind::kNodeOom;
      break;
    default:
      read.Complain("oom.kind is unknown to this version");
  }
  event.time = read.Time(oom.time_unix_nano(), "oom.time_unix_nano");
  if (event.time > now + model::kClockSkew) event.time = now;
  if (oom.has_limit()) event.limit = read.Amount(oom.limit(), "oom.limit");
  if (oom.has_peak()) event.peak = read.Amount(oom.peak(), "oom.peak");
  if (oom.has_container_start_unix_nano()) {
    const TimePoint start = read.Time(oom.container_start_unix_nano(), "oom.container_start");
    if (start <= event.time) event.container_age = event.time - start;
  }
  return std::move(read).Give(std::move(event));
}

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
  if (stats.gc().has_cpu_seconds_total()) out.gc_cpu_seconds_total = stats.gc().cpu_seconds_total();
  if (stats.limits().has_processors()) out.processors = stats.limits().processors();
  out.gc_percent = GcPercentOf(stats);
  out.accepts_tuning = stats.accepts_tuning();
  for (const v1::Pool& pool : stats.pools()) out.pools.push_back(PoolFrom(pool, read));
  return std::move(read).Give(std::move(out));
}

}  // namespace plimsoll::agents
