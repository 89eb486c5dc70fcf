// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/kernel_kill.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace plimsoll::agent {
namespace {

// The kibibytes after `key` in "memory: usage 65536kB, limit 65536kB, failcnt 83".
std::optional<Bytes> KibibytesAfter(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view number = text.substr(at + key.size());
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  constexpr std::int64_t kMost = std::int64_t{1} << 50;  // a limit above this is none
  if (error != std::errc() || value < 0 || value >= kMost ||
      !number.substr(static_cast<std::size_t>(end - number.data())).starts_with("kB")) {
    return std::nullopt;
  }
  return Bytes(value * 1024);
}

// What stands between `key` and `end`; the key's first place counts.
std::optional<std::string> Between(std::string_view text, std::string_view key,
                                   std::string_view end) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t from = at + key.size();
  const std::size_t to = text.find(end, from);
  if (to == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(from, to - from));
}

std::optional<KernelKill> ParseSummary(std::string_view text) {
  KernelKill kill;
  // A process may call itself ",pid=1": its real number comes after its name.
  const std::size_t pid_at = text.rfind(",pid=");
  if (pid_at == std::string_view::npos) return std::nullopt;
  const std::string_view number = text.substr(pid_at + 5);
  if (std::from_chars(number.data(), number.data() + number.size(), kill.pid).ec != std::errc()) {
    return std::nullopt;
  }
  const std::string_view before = text.substr(0, pid_at);
  const std::optional<std::string> task_cgroup = Between(text, ",task_memcg=", ",task=");
  if (!task_cgroup) return std::nullopt;
  kill.task_cgroup = *task_cgroup;
  const std::size_t task_at = before.find(",task=", before.find(",task_memcg="));
  if (task_at != std::string_view::npos) kill.victim = before.substr(task_at + 6);
  if (text.find("constraint=CONSTRAINT_MEMCG,") != std::string_view::npos) {
    const std::optional<std::string> oom_cgroup = Between(text, ",oom_memcg=", ",task_memcg=");
    if (!oom_cgroup) return std::nullopt;
    kill.by_cgroup = true;
    kill.oom_cgroup = *oom_cgroup;
  }
  return kill;
}

}  // namespace

std::optional<KernelKill> KernelKillParser::Feed(const KernelLine& line) {
  const std::string_view text = line.text;
  if (text.find(" invoked oom-killer: ") != std::string_view::npos) {
    limit_ = usage_ = std::nullopt;
    named_.reset();
  } else if (text.starts_with("memory: usage ")) {
    usage_ = KibibytesAfter(text, "usage ");
    limit_ = KibibytesAfter(text, "limit ");
  } else if (text.starts_with("oom-kill:constraint=")) {
    named_ = ParseSummary(text);
    if (named_ && named_->by_cgroup) {
      named_->limit = std::exchange(limit_, std::nullopt);
      named_->usage = std::exchange(usage_, std::nullopt);
    }
  } else if (text.find("ut of memory: Killed process ") != std::string_view::npos && named_) {
    named_->usec = line.usec;
    return std::exchange(named_, std::nullopt);
  }
  return std::nullopt;
}

}  // namespace plimsoll::agent
