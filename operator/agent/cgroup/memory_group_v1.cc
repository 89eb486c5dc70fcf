// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/memory_group_v1.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "operator/agent/base/small_file.h"

namespace plimsoll::agent {
namespace {

template <class Parse>
auto ReadAs(const Fd& file, const char* name, Parse parse) -> decltype(parse(std::string_view())) {
  SmallBuffer buffer;
  const Result<std::string_view> text = ReadSmall(file.get(), buffer);
  if (!text) return std::unexpected(text.error().Context(name));
  auto parsed = parse(*text);
  if (!parsed) return std::unexpected(parsed.error().Context(name));
  return parsed;
}

struct StatV1 {
  Bytes rss, cache, shmem, inactive_file, active_file, unevictable;
  std::optional<std::uint64_t> refaults, swap;
};

// The hierarchical values: a container may have cgroups of its own inside.
Result<StatV1> ParseStatV1(std::string_view text) {
  const Result<KeyedFile> keyed = KeyedFile::Parse(text);
  if (!keyed) return std::unexpected(keyed.error());
  StatV1 stat;
  const std::pair<const char*, Bytes*> required[] = {{"total_rss", &stat.rss},
                                                     {"total_cache", &stat.cache},
                                                     {"total_shmem", &stat.shmem},
                                                     {"total_inactive_file", &stat.inactive_file},
                                                     {"total_active_file", &stat.active_file},
                                                     {"total_unevictable", &stat.unevictable}};
  for (const auto& [key, into] : required) {
    const Result<Bytes> size = keyed->Size(key);
    if (!size) return std::unexpected(size.error());
    *into = *size;
  }
  const std::pair<const char*, std::optional<std::uint64_t>*> optional[] = {
      {"total_workingset_refault_file", &stat.refaults}, {"total_swap", &stat.swap}};
  for (const auto& [key, into] : optional) {
    const Result<std::optional<std::uint64_t>> count = keyed->OptionalCount(key);
    if (!count) return std::unexpected(count.error());
    *into = *count;
  }
  if (stat.swap > kMaxBytes) return Fail(ErrorCode::kInvalid, "total_swap: absurd size");
  return stat;
}

}  // namespace

Result<std::unique_ptr<MemoryGroup>> MemoryGroupV1::Open(Fd dir) {
  std::unique_ptr<MemoryGroupV1> group(new MemoryGroupV1(std::move(dir)));
  const int at = group->dir_.get();
  const std::pair<const char*, Fd*> required[] = {{"memory.usage_in_bytes", &group->usage_},
                                                  {"memory.stat", &group->stat_},
                                                  {"memory.limit_in_bytes", &group->limit_},
                                                  {"memory.failcnt", &group->failcnt_},
                                                  {"memory.oom_control", &group->oom_control_}};
  for (const auto& [name, into] : required) {
    Result<Fd> file = OpenAt(at, name);
    if (!file) return std::unexpected(file.error());
    *into = *std::move(file);
  }
  // Kernels built without kernel memory accounting have no such file; nothing of it is charged
  // then.
  if (Result<Fd> file = OpenAt(at, "memory.kmem.usage_in_bytes")) group->kernel_ = *std::move(file);
  group->oom_event_ = group->Subscribe(group->oom_control_, "");
  group->abilities_.threshold = group->oom_event_.valid();
  return std::unique_ptr<MemoryGroup>(std::move(group));
}

Fd MemoryGroupV1::Subscribe(const Fd& file, const std::string& argument) const {
  const Result<Fd> control = OpenAt(dir_.get(), "cgroup.event_control", O_WRONLY);
  if (!control) return Fd();
  Fd event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  const std::string line =
      std::to_string(event.get()) + " " + std::to_string(file.get()) + " " + argument;
  if (::write(control->get(), line.data(), line.size()) < 0) return Fd();
  return event;
}

Result<MemoryReading> MemoryGroupV1::Read(const Known& known) {
  MemoryReading reading;
  const Result<Bytes> usage = known.usage ? Result<Bytes>(*known.usage) : ReadUsage();
  if (!usage) return std::unexpected(usage.error());
  reading.usage = *usage;
  const Result<std::optional<Bytes>> limit = known.limits ? known.limits->limit : ReadLimit();
  if (!limit) return std::unexpected(limit.error());
  reading.limit = *limit;

  const Result<StatV1> stat = ReadAs(stat_, "memory.stat", ParseStatV1);
  if (!stat) return std::unexpected(stat.error());
  Bytes kernel{};
  if (kernel_.valid()) {
    const Result<Bytes> size = ReadAs(kernel_, "memory.kmem.usage_in_bytes", ParseBytes);
    if (!size) return std::unexpected(size.error());
    kernel = *size;
  }
  // As on v2: file pages on no reclaimable list are mlocked.
  const Bytes off_lists =
      std::max(Bytes(0), stat->cache - stat->shmem - stat->inactive_file - stat->active_file);
  const Bytes mlocked = std::min(stat->unevictable, off_lists);
  reading.hard = stat->rss + stat->shmem + kernel + mlocked;
  reading.soft = std::max(Bytes(0), stat->cache - stat->shmem - mlocked);
  reading.inactive_file = stat->inactive_file;
  reading.refaults = stat->refaults;
  if (stat->swap) reading.swap = Bytes(static_cast<std::int64_t>(*stat->swap));
  return reading;
}

Result<Bytes> MemoryGroupV1::ReadUsage() {
  return ReadAs(usage_, "memory.usage_in_bytes", ParseBytes);
}

Result<std::optional<Bytes>> MemoryGroupV1::ReadLimit() {
  return ReadAs(limit_, "memory.limit_in_bytes", ParseLimit);
}

Result<EventCounts> MemoryGroupV1::ReadEvents() {
  EventCounts counts;
  const Result<std::uint64_t> hits = ReadAs(failcnt_, "memory.failcnt", ParseCount);
  if (!hits) return std::unexpected(hits.error());
  counts.max = *hits;
  const Result<std::uint64_t> kills = ReadAs(
      oom_control_, "memory.oom_control", [](std::string_view text) -> Result<std::uint64_t> {
        const Result<KeyedFile> keyed = KeyedFile::Parse(text);
        if (!keyed) return std::unexpected(keyed.error());
        return keyed->Count("oom_kill");
      });
  if (!kills) return std::unexpected(kills.error());
  counts.oom_kill = *kills;
  return counts;
}

Result<std::optional<Bytes>> MemoryGroupV1::ReadLifetimePeak() {
  const Result<Fd> file = OpenAt(dir_.get(), "memory.max_usage_in_bytes");
  if (!file) return std::optional<Bytes>();
  const Result<Bytes> peak = ReadAs(*file, "memory.max_usage_in_bytes", ParseBytes);
  if (!peak) return std::unexpected(peak.error());
  return std::optional<Bytes>(*peak);
}

int MemoryGroupV1::WatchThreshold(Bytes mark) {
  threshold_event_ = Subscribe(usage_, std::to_string(mark.count()));
  return threshold_event_.get();
}

}  // namespace plimsoll::agent
