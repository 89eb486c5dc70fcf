// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/convert.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "advisor/base/unix_nano.h"
#include "advisor/model/clock_skew.h"
#include "operator/sources/agents/reader.h"

namespace plimsoll::agents {
namespace {

constexpr std::uint64_t kMaxIdLength = 160;

// Since when the kill may have happened, where that is long before `found`; not before its
// container's start. An agent that knows no beginning sends 0: that says nothing.
std::optional<TimePoint> FoundLate(const v1::Oom& oom, TimePoint found) {
  constexpr auto kLate = std::chrono::hours(1);
  const std::uint64_t since = std::max(oom.earliest_unix_nano(), oom.container_start_unix_nano());
  if (!oom.has_earliest_unix_nano() || since == 0 || since >= UnixNano(found - kLate)) {
    return std::nullopt;
  }
  return FromUnixNano(since);
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
  // No kill of now, and of which moment nobody knows: filed at the first that it can be of.
  if (const std::optional<TimePoint> since = FoundLate(oom, event.time)) {
    event.time = *since;
    event.container_age.reset();
  }
  return std::move(read).Give(std::move(event));
}

}  // namespace plimsoll::agents
