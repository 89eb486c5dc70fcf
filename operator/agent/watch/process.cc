// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <limits>
#include <string_view>
#include <utility>

#include "operator/agent/base/small_file.h"

namespace plimsoll::agent {
namespace {

// The number after the last blank of the line that starts with `key`: in "NSpid:\t4711\t1" the
// process's id in its innermost namespace, 1.
std::optional<int> LastOfLine(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(at, text.find('\n', at) - at);
  const std::size_t blank = line.find_last_of(" \t");
  if (blank == std::string_view::npos) return std::nullopt;
  int value = 0;
  const char* const end = line.data() + line.size();
  const auto [next, error] = std::from_chars(line.data() + blank + 1, end, value);
  return error == std::errc() && next == end ? std::optional(value) : std::nullopt;
}

// Field 22 of /proc/<pid>/stat: clock ticks after boot. The name before it may hold anything,
// blanks and parentheses too, so fields are counted after the last ')'.
std::optional<std::uint64_t> StartTicks(std::string_view stat) {
  std::size_t at = stat.rfind(')');
  if (at == std::string_view::npos) return std::nullopt;
  for (int field = 2; field < 22; ++field) {
    at = stat.find(' ', at + 1);
    if (at == std::string_view::npos) return std::nullopt;
  }
  std::uint64_t ticks = 0;
  const auto [next, error] =
      std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), ticks);
  return error == std::errc() ? std::optional(ticks) : std::nullopt;
}

TimePoint WallOfTicks(std::uint64_t ticks) {
  timespec boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  const auto since_boot =
      std::chrono::seconds(boot.tv_sec) + std::chrono::nanoseconds(boot.tv_nsec);
  const auto start =
      std::chrono::milliseconds(ticks * 1000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now() - since_boot +
                                                start);
}

}  // namespace

bool InitProcess::Alive() const {
  if (!pidfd.valid()) {
    const Result<std::string> stat = ReadSmallAt(directory.get(), "stat");
    if (!stat) return false;
    const std::size_t state = stat->rfind(") ");
    return state != std::string::npos && (*stat)[state + 2] != 'Z' && (*stat)[state + 2] != 'X';
  }
  pollfd poll{pidfd.get(), POLLIN, 0};
  return ::poll(&poll, 1, 0) == 0;
}

Result<ProcessTable> ProcessTable::Open(const std::string& proc) {
  Fd fd(::open(proc.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(FromErrno(errno, "--proc-root " + proc));
  if (::faccessat(fd.get(), "self/status", R_OK, 0) != 0) {
    return Fail(ErrorCode::kNotFound, "--proc-root " + proc + " is not a procfs");
  }
  return ProcessTable(std::move(fd));
}

Result<Fd> ProcessTable::Directory(int pid) const {
  Fd fd(::openat(proc_.get(), std::to_string(pid).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(FromErrno(errno, "process " + std::to_string(pid)));
  return fd;
}

std::optional<InitProcess> ProcessTable::FindInit(const std::vector<int>& pids) const {
  int found = 0;
  std::uint64_t earliest = std::numeric_limits<std::uint64_t>::max();
  for (const int pid : pids) {
    if (pid <= 0) continue;
    const Result<Fd> dir = Directory(pid);
    if (!dir) continue;
    const Result<std::string> status = ReadSmallAt(dir->get(), "status");
    const Result<std::string> stat = ReadSmallAt(dir->get(), "stat");
    if (!status || !stat) continue;
    const std::optional<std::uint64_t> ticks = StartTicks(*stat);
    if (!ticks) continue;
    const bool is_one = LastOfLine(*status, "\nNSpid:") == 1;
    if (is_one || *ticks < earliest) {
      found = pid;
      earliest = *ticks;
    }
    if (is_one) break;
  }
  if (found == 0) return std::nullopt;
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, found, 0)));
  InitProcess init{found, std::move(pidfd), Fd(), WallOfTicks(earliest)};
  if (!init.pidfd.valid()) {
    Result<Fd> directory = Directory(found);
    if (!directory) return std::nullopt;
    init.directory = *std::move(directory);
  }
  return init;
}

Result<std::string> ProcessTable::CgroupOf(const Fd& directory) {
  const Result<std::string> text = ReadSmallAt(directory.get(), "cgroup");
  if (!text) return std::unexpected(text.error());
  std::string unified;
  std::size_t at = 0;
  while (at < text->size()) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string line = text->substr(at, end - at);
    at = end + 1;
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers.find(",memory,") != std::string::npos) return line.substr(second + 1);
    if (controllers == ",,") unified = line.substr(second + 1);
  }
  if (unified.empty()) return Fail(ErrorCode::kInvalid, "no memory cgroup in /proc/<pid>/cgroup");
  return unified;
}

}  // namespace plimsoll::agent
