// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/advise_stats.h"

#include <google/protobuf/util/json_util.h>

#include <array>
#include <string>
#include <utility>

#include "advisor/base/unix_nano.h"
#include "operator/cli/amounts.h"
#include "operator/sources/agents/stats.h"

namespace plimsoll::cli {
namespace {

// protobuf says "(heap.live): invalid value ...".
std::string FieldFirst(std::string message) {
  const std::size_t close = message.find("): ");
  if (message.starts_with('(') && close != std::string::npos) {
    return "stats." + message.substr(1, close - 1) + message.substr(close + 1);
  }
  return message.starts_with(": ") ? "stats" + message : "stats: " + message;
}

// The history passes over what no container has; here whoever wrote it is told. What was ever
// allocated is a counter, which outgrows any memory: StatsFrom bounds it.
Status CheckAmounts(const model::RuntimeStats& stats) {
  const std::array<std::pair<const char*, const std::optional<Bytes>*>, 7> amounts = {
      {{"heap.live", &stats.live},
       {"heap.used", &stats.heap_used},
       {"heap.goal", &stats.heap_goal},
       {"heap.soft_limit", &stats.soft_limit},
       {"heap.free", &stats.heap_free},
       {"heap.scan_total", &stats.scan_total},
       {"allocation.runtime_total", &stats.runtime_total}}};
  for (const auto& [name, amount] : amounts) {
    if (*amount && (*amount)->AsDouble() > kMostBytes) {
      return Fail(ErrorCode::kInvalid,
                  std::string("stats.") + name +
                      ": above 8 TiB, which no container has; amounts are in bytes, and what has "
                      "no bound (GOMEMLIMIT or GOGC off) is left out");
    }
  }
  return {};
}

}  // namespace

Result<model::RuntimeStats> ParseStats(std::string_view json, TimePoint time) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::AllocatorStats message;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(std::string(json), &message, options);
  if (!parsed.ok()) {
    return Fail(ErrorCode::kInvalid, FieldFirst(std::string(parsed.message())));
  }
  if (message.sample_time_unix_nano() == 0) message.set_sample_time_unix_nano(UnixNano(time));
  auto stats = agents::StatsFrom(message, time);
  if (!stats) return stats;
  if (const auto sound = CheckAmounts(*stats); !sound) return std::unexpected(sound.error());
  return stats;
}

}  // namespace plimsoll::cli
