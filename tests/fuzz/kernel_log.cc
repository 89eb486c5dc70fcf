// SPDX-License-Identifier: Apache-2.0
//
// Lines of the kernel's log, which a process of a container can word in part (its name is in them):
// whatever they say, a kill names a victim's cgroup and no amount is negative.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "operator/agent/oom/kernel_kill.h"
#include "operator/agent/oom/kernel_log.h"

namespace {

void Feed(plimsoll::agent::KernelKillParser& parser,
          const plimsoll::Result<plimsoll::agent::KernelLine>& line) {
  if (!line) return;
  const auto kill = parser.Feed(*line);
  if (!kill) return;
  if (kill->task_cgroup.empty()) std::abort();
  if (kill->limit && kill->limit->count() < 0) std::abort();
  if (kill->usage && kill->usage->count() < 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::agent;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  KernelKillParser records;
  KernelKillParser lines;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    Feed(records, ParseKmsgRecord(line));
    Feed(lines, ParseSyslogLine(line));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return 0;
}
