// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/known_kills.h"

#include <algorithm>
#include <charconv>

#include "advisor/history/fingerprint.h"

namespace plimsoll::fleet {
namespace {

// Far above any count, and one more does not overflow.
constexpr std::uint64_t kHighest = std::uint64_t{1} << 62;

// The run of this kill alone.
KnownKills::Run RunOf(std::string_view id, history::Minute minute) {
  const std::size_t slash = id.rfind('/');
  if (slash != std::string_view::npos) {
    const char* const end = id.data() + id.size();
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(id.data() + slash + 1, end, number);
    if (error == std::errc() && rest == end && number >= 1 && number <= kHighest) {
      return {minute, history::Fingerprint(id.substr(0, slash)), number, number};
    }
  }
  return {.minute = minute, .owner = history::Fingerprint(id)};
}

bool IsNumbered(const KnownKills::Run& run) { return run.first != 0; }

// One run with the other, or next to it.
bool Joins(const KnownKills::Run& a, const KnownKills::Run& b) {
  return a.owner == b.owner && IsNumbered(a) == IsNumbered(b) && a.first <= b.last + 1 &&
         b.first <= a.last + 1;
}

}  // namespace

bool KnownKills::Contains(std::string_view id) const {
  if (id.empty()) return false;
  const Run one = RunOf(id, 0);
  return std::ranges::any_of(runs_, [&](const Run& run) {
    return run.owner == one.owner && run.first <= one.first && one.last <= run.last;
  });
}

void KnownKills::Add(std::string_view id, TimePoint time) {
  if (!id.empty()) Add(RunOf(id, history::MinuteOf(time)));
}

void KnownKills::Add(Run run) {
  if (run.first > run.last || run.last > kHighest || IsNumbered(run) != (run.last != 0)) return;
  std::erase_if(runs_, [&run](const Run& known) {
    if (!Joins(known, run)) return false;
    run.first = std::min(run.first, known.first);
    run.last = std::max(run.last, known.last);
    run.minute = std::max(run.minute, known.minute);
    return true;
  });
  runs_.insert(std::ranges::upper_bound(runs_, run), run);
  const history::Minute newest = runs_.back().minute;
  std::erase_if(runs_, [newest](const Run& known) {
    return IsNumbered(known) && newest - known.minute > kHorizon;
  });
  if (runs_.size() > kMost) runs_.erase(runs_.begin());
}

}  // namespace plimsoll::fleet
