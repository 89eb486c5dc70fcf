// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/instance.h"

#include <algorithm>
#include <chrono>
#include <tuple>

namespace plimsoll::fleet {
namespace {

constexpr Duration kSlotLength = std::chrono::minutes(5);
constexpr double kPressureShare = 0.001;

std::int64_t SlotOf(TimePoint time) { return time.time_since_epoch() / kSlotLength; }

}  // namespace

void HourPeak::Observe(TimePoint time, Bytes hard) {
  const std::int64_t number = SlotOf(time);
  if (number < 0) return;
  Slot& slot = slots_[static_cast<std::size_t>(number) % slots_.size()];
  if (slot.number > number) return;
  if (slot.number < number) slot = {number, hard};
  slot.highest = std::max(slot.highest, hard);
}

std::optional<Bytes> HourPeak::Highest(TimePoint now) const {
  const std::int64_t newest = SlotOf(now);
  std::optional<Bytes> highest;
  for (const Slot& slot : slots_) {
    if (slot.number < 0 || slot.number <= newest - static_cast<std::int64_t>(slots_.size()))
      continue;
    highest = std::max(highest.value_or(slot.highest), slot.highest);
  }
  return highest;
}

bool UnderPressure(const model::MemoryDigest& digest) {
  if (!digest.pressure) return false;
  const Duration window = digest.window_end - digest.window_start;
  if (window <= Duration::zero()) return false;
  return static_cast<double>(digest.pressure->some.count()) >
         kPressureShare * static_cast<double>(window.count());
}

std::optional<rollout::Reading> ReadingOf(const Instance& instance, TimePoint now) {
  if (!instance.newest) return std::nullopt;
  const model::MemoryDigest& digest = *instance.newest;
  return rollout::Reading{
      .time = digest.window_end,
      .usage = digest.usage,
      .hard = digest.hard_peak,
      .hard_peak_hour =
          std::max(instance.hour_peak.Highest(now).value_or(digest.hard_peak), digest.hard_peak),
      .limit = digest.limit,
      .pod_limit = digest.pod_limit,
      .pressure = UnderPressure(digest)};
}

std::optional<rollout::RuntimeState> RuntimeOf(const Instance& instance) {
  if (!instance.runtime) return std::nullopt;
  const model::RuntimeStats& stats = *instance.runtime;
  rollout::RuntimeState state{.accepts_tuning = stats.accepts_tuning,
                              .set_by_user = stats.set_by_user};
  if (stats.kind == model::RuntimeKind::kGo) {
    if (stats.soft_limit) state.settings["GOMEMLIMIT"] = stats.soft_limit->AsDouble();
    if (stats.gc_percent) state.settings["GOGC"] = static_cast<double>(*stats.gc_percent);
  }
  return state;
}

std::optional<double> GcCpuPercent(const model::RuntimeStats& before,
                                   const model::RuntimeStats& now) {
  const auto& [from, to] = std::tie(before.gc_cpu_seconds_total, now.gc_cpu_seconds_total);
  if (!from || !to || !now.processors || *now.processors <= 0) return std::nullopt;
  if (before.process_start != now.process_start || before.time >= now.time) return std::nullopt;
  const double seconds = std::chrono::duration<double>(now.time - before.time).count();
  return std::clamp(100 * (*to - *from) / (seconds * *now.processors), 0.0, 100.0);
}

std::string BareContainerId(std::string_view id) {
  const std::size_t scheme = id.find("://");
  return std::string(scheme == std::string_view::npos ? id : id.substr(scheme + 3));
}

}  // namespace plimsoll::fleet
