// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/kill_ledger.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "advisor/base/unix_nano.h"

namespace plimsoll::agent {
namespace {

constexpr Duration kSameKill(2000);
constexpr std::size_t kMostEntries = 2000;
constexpr char kKernelLogSource[] = "kmsg";

constexpr std::size_t kMostUnlogged = 100;

// How far a line at `wall` is from a kill between `from` and `to`; 0: it fits.
Duration Gap(TimePoint wall, TimePoint from, TimePoint to) {
  return std::max({Duration(0), from - kSameKill - wall, wall - to - kSameKill});
}

void AddSource(PendingKill& kill, const std::string& source) {
  if (std::ranges::find(kill.sources, source) == kill.sources.end()) {
    kill.sources.push_back(source);
  }
}

}  // namespace

PendingKill& KillLedger::Issue(Entry& entry, TimePoint time, Instant now) {
  PendingKill kill;
  kill.owner = entry.owner;
  kill.ordinal = ++entry.issued;
  kill.time = kill.not_before = time;
  kill.noticed = now;
  entry.last_kill = std::max(entry.last_kill, time);
  pending_.push_back(std::move(kill));
  return pending_.back();
}

void KillLedger::Counted(const KillOwner& owner, const Count& count) {
  const auto known = entries_.find(owner.key());
  if (count.kills == 0 && known == entries_.end()) return;
  Entry& entry = entries_[owner.key()];
  entry.owner = owner;
  // Those still pending are confirmed by the counter, whoever told of them first.
  for (PendingKill& kill : pending_) {
    if (kill.owner.key() == owner.key() && kill.ordinal <= count.kills) {
      AddSource(kill, count.source);
    }
  }
  while (entry.issued < count.kills) {
    PendingKill& kill = Issue(entry, count.wall, count.now);
    kill.earliest = count.earliest;
    // A look at the counter comes each second; before the first one anything may have been.
    kill.not_before = count.earliest.value_or(entry.counted.value_or(count.wall - kSameKill));
    kill.level_by_counters = count.level;
    AddSource(kill, count.source);
  }
  entry.counted = count.wall;
}

void KillLedger::Logged(const KillOwner& owner, const KernelKill& log, TimePoint wall, Instant now,
                        bool counted) {
  Entry& entry = entries_[owner.key()];
  entry.owner = owner;
  if (log.usec <= entry.log_usec) return;  // taken in before a restart
  entry.log_usec = log.usec;
  if (Attach(entry, log, wall, now, counted)) return;
  PendingKill& kill = Issue(entry, wall, now);
  kill.log = log;
  AddSource(kill, kKernelLogSource);
}

void KillLedger::AttachToSent(Entry& entry, Unlogged& sent, const KernelKill& log, TimePoint wall) {
  sent.line_usec = log.usec;
  // Read again after a restart, when nobody knows any more that the two came together, it fits.
  sent.from = std::min(sent.from, wall);
  sent.to = std::max(sent.to, wall);
  entry.settled_usec = std::max(entry.settled_usec, log.usec);
  std::erase_if(entry.unlogged, [settled = SettledUsec(entry)](const Unlogged& kill) {
    return kill.line_usec > 0 && kill.line_usec <= settled;
  });
}

bool KillLedger::Attach(Entry& entry, const KernelKill& log, TimePoint wall, Instant now,
                        bool counted) {
  // The nearest, and of those the oldest: by gap and number.
  using Place = std::pair<Duration, std::uint64_t>;
  Place best{Duration::max(), 0};
  const auto better = [&](const Place& place, Instant noticed) {
    return place < best && (counted || place.first == Duration(0) || noticed >= now - kSameKill);
  };
  auto sent = entry.unlogged.end();
  for (auto kill = entry.unlogged.begin(); kill != entry.unlogged.end(); ++kill) {
    if (kill->line_usec > 0) continue;
    const Place place{Gap(wall, kill->from, kill->to), kill->ordinal};
    if (!better(place, kill->noticed)) continue;
    best = place;
    sent = kill;
  }
  PendingKill* waiting = nullptr;
  for (PendingKill& kill : pending_) {
    if (kill.owner.key() != entry.owner.key() || kill.log) continue;
    const Place place{Gap(wall, kill.not_before, kill.time), kill.ordinal};
    if (!better(place, kill.noticed)) continue;
    best = place;
    waiting = &kill;
  }
  if (!waiting) {
    if (sent == entry.unlogged.end()) return false;
    AttachToSent(entry, *sent, log, wall);
    return true;
  }
  waiting->log = log;
  // The counter's looks are by the wall's clock and bound what the log's has to say.
  waiting->time = std::min(std::max(wall, waiting->not_before), waiting->time);
  waiting->earliest.reset();
  AddSource(*waiting, kKernelLogSource);
  return true;
}

PendingKill KillLedger::Take(std::size_t index) {
  PendingKill kill = std::move(pending_[index]);
  pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(index));
  Entry& entry = entries_[kill.owner.key()];
  entry.settled = std::max(entry.settled, kill.ordinal);
  if (kill.log) {
    entry.settled_usec = std::max(entry.settled_usec, kill.log->usec);
  } else {
    entry.unlogged.push_back({kill.ordinal, kill.not_before, kill.time, kill.noticed});
    std::ranges::sort(entry.unlogged, {}, &Unlogged::ordinal);
    if (entry.unlogged.size() > kMostUnlogged) entry.unlogged.erase(entry.unlogged.begin());
  }
  return kill;
}

std::uint64_t KillLedger::SettledUsec(const Entry& entry) const {
  std::uint64_t usec = entry.settled_usec;
  for (const PendingKill& kill : pending_) {
    if (kill.log && kill.owner.key() == entry.owner.key()) {
      usec = std::min(usec, kill.log->usec - 1);
    }
  }
  return usec;
}

bool KillLedger::IsPending(std::string_view key) const {
  return std::ranges::any_of(pending_,
                             [key](const PendingKill& kill) { return kill.owner.key() == key; });
}

void KillLedger::PruneToBound() {
  while (entries_.size() > kMostEntries) {
    const auto oldest = std::ranges::min_element(
        entries_, {}, [](const auto& entry) { return entry.second.last_kill; });
    entries_.erase(oldest);
  }
}

void KillLedger::Restore(const v1::AgentState& state) {
  for (const v1::AgentState::Kills& saved : state.kills()) {
    Entry entry;
    entry.owner = {saved.pod_uid(), saved.container_id()};
    entry.issued = entry.settled = saved.kills();
    entry.log_usec = entry.settled_usec = saved.log_usec();
    entry.last_kill = FromUnixNano(saved.last_kill_unix_nano());
    if (saved.counted_unix_nano() > 0) entry.counted = FromUnixNano(saved.counted_unix_nano());
    for (const v1::AgentState::Unlogged& kill : saved.unlogged()) {
      entry.unlogged.push_back({.ordinal = kill.kill(),
                                .from = FromUnixNano(kill.from_unix_nano()),
                                .to = FromUnixNano(kill.to_unix_nano())});
    }
    entries_.insert_or_assign(entry.owner.key(), std::move(entry));
  }
}

void KillLedger::Save(v1::AgentState& state) const {
  for (const auto& [key, entry] : entries_) {
    // Settled in order or not, what is still pending must be found again after a restart: a kill
    // that was settled out of turn is sent twice under one id then, which the operator drops.
    std::uint64_t kills = entry.settled;
    const std::uint64_t usec = SettledUsec(entry);
    for (const PendingKill& kill : pending_) {
      if (kill.owner.key() == key) kills = std::min(kills, kill.ordinal - 1);
    }
    v1::AgentState::Kills& saved = *state.add_kills();
    saved.set_pod_uid(entry.owner.pod_uid);
    saved.set_container_id(entry.owner.container_id);
    saved.set_kills(kills);
    saved.set_log_usec(usec);
    saved.set_last_kill_unix_nano(UnixNano(entry.last_kill));
    if (entry.counted) saved.set_counted_unix_nano(UnixNano(*entry.counted));
    for (const Unlogged& kill : entry.unlogged) {
      if (kill.ordinal > kills) continue;  // comes again
      if (kill.line_usec > 0 && kill.line_usec <= usec) continue;
      v1::AgentState::Unlogged& unlogged = *saved.add_unlogged();
      unlogged.set_kill(kill.ordinal);
      unlogged.set_from_unix_nano(UnixNano(kill.from));
      unlogged.set_to_unix_nano(UnixNano(kill.to));
    }
  }
}

}  // namespace plimsoll::agent
