// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/memory_group.h"

#include <sys/stat.h>

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include "operator/agent/base/small_file.h"
#include "operator/agent/cgroup/memory_group_v1.h"
#include "operator/agent/cgroup/memory_group_v2.h"

namespace plimsoll::agent {

Result<std::unique_ptr<MemoryGroup>> MemoryGroup::Open(const Hierarchy& hierarchy,
                                                       const std::string& path) {
  Fd dir(::openat(hierarchy.root.get(), path.empty() ? "." : path.c_str(),
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir.valid()) return std::unexpected(FromErrno(errno, "opening cgroup " + path));
  Result<std::unique_ptr<MemoryGroup>> group = hierarchy.version == CgroupVersion::kV1
                                                   ? MemoryGroupV1::Open(std::move(dir))
                                                   : MemoryGroupV2::Open(std::move(dir));
  if (!group) return std::unexpected(group.error().Context("cgroup " + path));
  return group;
}

Result<std::vector<int>> MemoryGroup::Processes() const {
  const Result<Fd> file = OpenAt(dir_.get(), "cgroup.procs");
  if (!file) return std::unexpected(file.error());
  SmallBuffer buffer;
  std::size_t have = 0;
  while (have < buffer.size()) {
    const ssize_t got =
        ::pread(file->get(), buffer.data() + have, buffer.size() - have, static_cast<off_t>(have));
    if (got < 0) return std::unexpected(FromErrno(errno, "reading cgroup.procs"));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  std::vector<int> pids;
  const char* at = buffer.data();
  const char* const end = at + have;
  while (at < end) {
    int pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error != std::errc() || next == end || *next != '\n') break;
    pids.push_back(pid);
    at = next + 1;
  }
  return pids;
}

Result<bool> MemoryGroup::Populated() const {
  if (const Result<std::string> events = ReadSmallAt(dir_.get(), "cgroup.events")) {
    const Result<KeyedFile> keyed = KeyedFile::Parse(*events);
    if (!keyed) return std::unexpected(keyed.error().Context("cgroup.events"));
    const Result<std::uint64_t> populated = keyed->Count("populated");
    if (!populated) return std::unexpected(populated.error().Context("cgroup.events"));
    return *populated != 0;
  }
  const Result<std::vector<int>> pids = Processes();
  if (!pids) return std::unexpected(pids.error());
  return !pids->empty();
}

bool MemoryGroup::HasSubgroups() const {
  struct stat status{};
  // A directory's links: its name, its own ".", and ".." of each one below.
  return ::fstat(dir_.get(), &status) != 0 || status.st_nlink > 2;
}

}  // namespace plimsoll::agent
