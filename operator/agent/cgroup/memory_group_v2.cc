// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/memory_group_v2.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "operator/agent/base/small_file.h"

namespace plimsoll::agent {
namespace {

// Reads `file` and parses it by `parse`; errors name the file.
template <class Parse>
auto ReadAs(const Fd& file, const char* name, SmallBuffer& buffer, Parse parse)
    -> decltype(parse(std::string_view())) {
  const Result<std::string_view> text = ReadSmall(file.get(), buffer);
  if (!text) return std::unexpected(text.error().Context(name));
  auto parsed = parse(*text);
  if (!parsed) return std::unexpected(parsed.error().Context(name));
  return parsed;
}

struct StatV2 {
  Bytes anon, file, shmem, inactive_file, active_file, unevictable, slab_reclaimable, kernel, sock;
  std::optional<std::uint64_t> refaults;
};

// Kernels before 5.18 have no sum of kernel memory; its parts then.
Result<Bytes> KernelMemory(const KeyedFile& stat, Bytes slab_reclaimable) {
  const Result<std::optional<std::uint64_t>> whole = stat.OptionalCount("kernel");
  if (!whole) return std::unexpected(whole.error());
  if (*whole) return stat.Size("kernel");
  Bytes sum = slab_reclaimable;
  for (const char* part : {"slab_unreclaimable", "kernel_stack"}) {
    const Result<Bytes> size = stat.Size(part);
    if (!size) return std::unexpected(size.error());
    sum += *size;
  }
  for (const char* part : {"pagetables", "percpu"}) {
    const Result<std::optional<std::uint64_t>> size = stat.OptionalCount(part);
    if (!size) return std::unexpected(size.error());
    if (*size > kMaxBytes) return Fail(ErrorCode::kInvalid, std::string("absurd size: ") + part);
    sum += Bytes(static_cast<std::int64_t>(size->value_or(0)));
  }
  return sum;
}

Result<StatV2> ParseStatV2(std::string_view text) {
  const Result<KeyedFile> keyed = KeyedFile::Parse(text);
  if (!keyed) return std::unexpected(keyed.error());
  StatV2 stat;
  const std::pair<const char*, Bytes*> required[] = {{"anon", &stat.anon},
                                                     {"file", &stat.file},
                                                     {"shmem", &stat.shmem},
                                                     {"inactive_file", &stat.inactive_file},
                                                     {"active_file", &stat.active_file},
                                                     {"unevictable", &stat.unevictable},
                                                     {"slab_reclaimable", &stat.slab_reclaimable},
                                                     {"sock", &stat.sock}};
  for (const auto& [key, into] : required) {
    const Result<Bytes> size = keyed->Size(key);
    if (!size) return std::unexpected(size.error());
    *into = *size;
  }
  const Result<Bytes> kernel = KernelMemory(*keyed, stat.slab_reclaimable);
  if (!kernel) return std::unexpected(kernel.error());
  stat.kernel = *kernel;
  Result<std::optional<std::uint64_t>> refaults = keyed->OptionalCount("workingset_refault_file");
  if (refaults && !*refaults) refaults = keyed->OptionalCount("workingset_refault");  // before 5.9
  if (!refaults) return std::unexpected(refaults.error());
  stat.refaults = *refaults;
  return stat;
}

}  // namespace

Result<std::unique_ptr<MemoryGroup>> MemoryGroupV2::Open(Fd dir) {
  std::unique_ptr<MemoryGroupV2> group(new MemoryGroupV2(std::move(dir)));
  const int at = group->dir_.get();
  const std::pair<const char*, Fd*> required[] = {{"memory.current", &group->current_},
                                                  {"memory.stat", &group->stat_},
                                                  {"memory.max", &group->max_},
                                                  {"memory.events", &group->events_}};
  for (const auto& [name, into] : required) {
    Result<Fd> file = OpenAt(at, name);
    if (!file) return std::unexpected(file.error());
    *into = *std::move(file);
  }
  const std::pair<const char*, Fd*> optional[] = {{"memory.high", &group->high_},
                                                  {"memory.swap.current", &group->swap_},
                                                  {"memory.pressure", &group->pressure_}};
  for (const auto& [name, into] : optional) {
    if (Result<Fd> file = OpenAt(at, name)) *into = *std::move(file);
  }
  group->OpenPeak();
  // psi=0 leaves the file and answers EOPNOTSUPP.
  SmallBuffer buffer;
  group->abilities_.pressure =
      group->pressure_.valid() && ReadSmall(group->pressure_.get(), buffer).has_value();
  if (!group->abilities_.pressure) group->pressure_.Reset();
  return std::unique_ptr<MemoryGroup>(std::move(group));
}

void MemoryGroupV2::OpenPeak() {
  if (Result<Fd> file = OpenAt(dir_.get(), "memory.peak", O_RDWR)) {
    peak_ = *std::move(file);
    abilities_.peak_reset = ::write(peak_.get(), "r", 1) == 1;
  }
  if (abilities_.peak_reset) return;
  peak_.Reset();
  if (Result<Fd> file = OpenAt(dir_.get(), "memory.peak")) peak_ = *std::move(file);
}

Result<MemoryReading> MemoryGroupV2::Read(const Known& known) {
  SmallBuffer buffer;
  MemoryReading reading;
  const Result<Bytes> usage = known.usage ? Result<Bytes>(*known.usage) : ReadUsage();
  if (!usage) return std::unexpected(usage.error());
  reading.usage = *usage;
  const Result<std::optional<Bytes>> limit = known.limits ? known.limits->limit : ReadLimit();
  if (!limit) return std::unexpected(limit.error());
  reading.limit = *limit;

  const Result<StatV2> stat = ReadAs(stat_, "memory.stat", buffer, ParseStatV2);
  if (!stat) return std::unexpected(stat.error());
  // Mlocked file pages are on no reclaimable list: 100 MiB of file, 20 of them shmem, 70 on the
  // active and inactive lists leave 10 that cannot go (pages between lists make it a few more).
  const Bytes off_lists =
      std::max(Bytes(0), stat->file - stat->shmem - stat->inactive_file - stat->active_file);
  const Bytes mlocked = std::min(stat->unevictable, off_lists);
  reading.hard = stat->anon + stat->shmem +
                 std::max(Bytes(0), stat->kernel - stat->slab_reclaimable) + stat->sock + mlocked;
  reading.soft = std::max(Bytes(0), stat->file - stat->shmem - mlocked) + stat->slab_reclaimable;
  reading.inactive_file = stat->inactive_file;
  reading.refaults = stat->refaults;

  if (known.limits) {
    reading.high = known.limits->high;
  } else if (high_.valid()) {
    const Result<std::optional<Bytes>> high = ReadAs(high_, "memory.high", buffer, ParseLimit);
    if (!high) return std::unexpected(high.error());
    reading.high = *high;
  }
  if (swap_.valid()) {
    const Result<Bytes> swap = ReadAs(swap_, "memory.swap.current", buffer, ParseBytes);
    if (!swap) return std::unexpected(swap.error());
    reading.swap = *swap;
  }
  return reading;
}

Result<Bytes> MemoryGroupV2::ReadUsage() {
  SmallBuffer buffer;
  return ReadAs(current_, "memory.current", buffer, ParseBytes);
}

Result<std::optional<Bytes>> MemoryGroupV2::ReadLimit() {
  SmallBuffer buffer;
  return ReadAs(max_, "memory.max", buffer, ParseLimit);
}

Result<EventCounts> MemoryGroupV2::ReadEvents() {
  SmallBuffer buffer;
  return ReadAs(events_, "memory.events", buffer, [](std::string_view text) -> Result<EventCounts> {
    const Result<KeyedFile> keyed = KeyedFile::Parse(text);
    if (!keyed) return std::unexpected(keyed.error());
    EventCounts counts;
    const std::pair<const char*, std::uint64_t*> required[] = {{"high", &counts.high},
                                                               {"max", &counts.max},
                                                               {"oom", &counts.oom},
                                                               {"oom_kill", &counts.oom_kill}};
    for (const auto& [key, into] : required) {
      const Result<std::uint64_t> count = keyed->Count(key);
      if (!count) return std::unexpected(count.error());
      *into = *count;
    }
    const Result<std::optional<std::uint64_t>> groups = keyed->OptionalCount("oom_group_kill");
    if (!groups) return std::unexpected(groups.error());
    counts.oom_group_kill = groups->value_or(0);
    return counts;
  });
}

Result<std::optional<Bytes>> MemoryGroupV2::TakePeak() {
  if (!abilities_.peak_reset) return std::optional<Bytes>();
  SmallBuffer buffer;
  const Result<Bytes> peak = ReadAs(peak_, "memory.peak", buffer, ParseBytes);
  if (!peak) return std::unexpected(peak.error());
  if (::write(peak_.get(), "r", 1) != 1) abilities_.peak_reset = false;
  return std::optional<Bytes>(*peak);
}

Result<std::optional<Bytes>> MemoryGroupV2::ReadLifetimePeak() {
  // A fresh descriptor: ours may have been reset.
  Result<Fd> file = OpenAt(dir_.get(), "memory.peak");
  if (!file) return std::optional<Bytes>();
  SmallBuffer buffer;
  const Result<Bytes> peak = ReadAs(*file, "memory.peak", buffer, ParseBytes);
  if (!peak) return std::unexpected(peak.error());
  return std::optional<Bytes>(*peak);
}

Result<std::optional<PressureTotals>> MemoryGroupV2::ReadPressure() {
  if (!pressure_.valid()) return std::optional<PressureTotals>();
  SmallBuffer buffer;
  const Result<PressureTotals> totals = ReadAs(pressure_, "memory.pressure", buffer, ParsePressure);
  if (!totals) return std::unexpected(totals.error());
  return std::optional<PressureTotals>(*totals);
}

Result<bool> MemoryGroupV2::KillsWholeGroup() {
  const Result<std::string> text = ReadSmallAt(dir_.get(), "memory.oom.group");
  if (!text) {
    // Older than 4.19: there are no group kills.
    return text.error().code() == ErrorCode::kGone ? Result<bool>(false)
                                                   : std::unexpected(text.error());
  }
  return *text == "1\n";
}

int MemoryGroupV2::WatchPressure() {
  if (!abilities_.pressure) return -1;
  Result<Fd> file = OpenAt(dir_.get(), "memory.pressure", O_RDWR | O_NONBLOCK);
  if (!file) return -1;
  constexpr std::string_view kTrigger = "some 50000 1000000";
  // The kernel wants the terminating zero.
  if (::write(file->get(), kTrigger.data(), kTrigger.size() + 1) < 0) return -1;
  pressure_trigger_ = *std::move(file);
  return pressure_trigger_.get();
}

}  // namespace plimsoll::agent
