// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/oom_log.h"

#include <algorithm>
#include <utility>

#include "advisor/history/fingerprint.h"

namespace plimsoll::history {

bool OomLog::Remember(std::string_view id) {
  if (id.empty()) return true;  // cannot be told apart: counted each time
  const std::uint32_t fingerprint = Fingerprint(id);
  if (std::ranges::find(known_ids_, fingerprint) != known_ids_.end()) return false;
  known_ids_[next_id_] = fingerprint;
  next_id_ = static_cast<std::uint8_t>((next_id_ + 1U) % known_ids_.size());
  return true;
}

void OomLog::Count(Hour hour, int kills) {
  if (hour < 0 || kills <= 0) return;
  if (hour > count_hour_) {
    const Hour first = std::max(count_hour_ + 1, hour - kHoursCounted + 1);
    for (Hour fresh = std::max(first, 0); fresh <= hour; ++fresh) {
      counts_[static_cast<std::size_t>(fresh % kHoursCounted)] = 0;
    }
    count_hour_ = hour;
  }
  if (hour <= count_hour_ - kHoursCounted) return;
  std::uint8_t& count = counts_[static_cast<std::size_t>(hour % kHoursCounted)];
  count = static_cast<std::uint8_t>(std::min(255, count + kills));
}

bool OomLog::Observe(const model::OomEvent& event) {
  if (!Remember(event.id)) return false;
  const Minute minute = MinuteOf(event.time);
  Minute& last = last_by_kind_[static_cast<std::size_t>(event.kind)];
  last = std::max(last, minute);
  Count(HourOf(event.time), 1);
  return true;
}

void OomLog::Refute(Bytes limit, Minute minute) {
  if (limit <= Bytes(0)) return;
  const std::int64_t pages = (limit.count() - 1) / kPageBytes + 1;
  RefutePages(static_cast<Pages>(std::min<std::int64_t>(pages, 0xFFFFFFFF)), minute);
}

void OomLog::RefutePages(Pages pages, Minute minute) {
  const auto end = refuted_.begin() + used_;
  const auto place =
      std::ranges::lower_bound(refuted_.begin(), end, pages, {}, &LimitRefuted::pages);
  if (place != end && place->pages == pages) {
    place->last = std::max(place->last, minute);
    return;
  }
  if (used_ == kRecords) {
    // Full: the record longest not seen gives way, and among equals the lowest limit.
    // The new one is weighed like the others, or which are kept would depend on their order.
    const auto rank = [](const LimitRefuted& each) { return std::pair(each.last, each.pages); };
    const auto oldest = std::ranges::min_element(refuted_, {}, rank);
    if (rank(*oldest) > std::pair(minute, pages)) return;
    std::move(oldest + 1, refuted_.end(), oldest);
    --used_;
    refuted_[used_] = {};
    RefutePages(pages, minute);
    return;
  }
  std::move_backward(place, end, end + 1);
  *place = {pages, minute};
  ++used_;
}

void OomLog::Merge(const OomLog& other) {
  for (const LimitRefuted& record : other.refuted()) RefutePages(record.pages, record.last);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    last_by_kind_[kind] = std::max(last_by_kind_[kind], other.last_by_kind_[kind]);
  }
  for (Hour hour = std::max(0, other.count_hour_ - kHoursCounted + 1); hour <= other.count_hour_;
       ++hour) {
    Count(hour, other.counts_[static_cast<std::size_t>(hour % kHoursCounted)]);
  }
}

int OomLog::KillsInLastDay(Hour now) const {
  int kills = 0;
  for (Hour hour = std::max(0, now - kHoursCounted + 1); hour <= std::min(now, count_hour_);
       ++hour) {
    if (hour > count_hour_ - kHoursCounted) {
      kills += counts_[static_cast<std::size_t>(hour % kHoursCounted)];
    }
  }
  return kills;
}

}  // namespace plimsoll::history
