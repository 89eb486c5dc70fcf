// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/report_log.h"

#include <algorithm>
#include <utility>

namespace plimsoll::agent {
namespace {

// Bookkeeping per entry beyond the message's own bytes.
constexpr std::size_t kOverhead = 64;

}  // namespace

void ReportLog::Append(v1::Report report) {
  {
    const std::lock_guard lock(mutex_);
    report.set_cursor(++last_);
    Entry entry{last_, report.SerializeAsString()};
    const std::size_t size = entry.bytes.size() + kOverhead;
    if (report.has_oom()) {
      ooms_.push_back(std::move(entry));
      oom_size_ += size;
      Shrink(ooms_, oom_size_, bounds_.oom_bytes);
    } else {
      others_.push_back(std::move(entry));
      other_size_ += size;
      Shrink(others_, other_size_, bounds_.bytes);
    }
  }
  Notify();
}

void ReportLog::Shrink(std::deque<Entry>& entries, std::size_t& size, std::size_t bound) {
  while (size > bound && entries.size() > 1) {
    size -= entries.front().bytes.size() + kOverhead;
    last_dropped_ = std::max(last_dropped_, entries.front().cursor);
    ++dropped_;
    entries.pop_front();
  }
}

void ReportLog::Urgent(v1::Digest digest) {
  {
    const std::lock_guard lock(mutex_);
    std::string id = digest.container_id();
    urgent_.insert_or_assign(std::move(id), std::move(digest));
  }
  Notify();
}

void ReportLog::Status(v1::NodeStatus status) {
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }
  Notify();
}

void ReportLog::Acknowledge(std::uint64_t cursor) {
  const std::lock_guard lock(mutex_);
  if (cursor > last_) return;
  const auto drop = [cursor](std::deque<Entry>& entries, std::size_t& size) {
    while (!entries.empty() && entries.front().cursor <= cursor) {
      size -= entries.front().bytes.size() + kOverhead;
      entries.pop_front();
    }
  };
  drop(ooms_, oom_size_);
  drop(others_, other_size_);
  if (cursor >= last_dropped_) dropped_ = 0;
}

const ReportLog::Entry* ReportLog::FirstAfter(std::uint64_t cursor) const {
  const Entry* first = nullptr;
  for (const std::deque<Entry>* entries : {&ooms_, &others_}) {
    const auto found =
        std::ranges::upper_bound(*entries, cursor, {}, [](const Entry& e) { return e.cursor; });
    if (found != entries->end() && (first == nullptr || found->cursor < first->cursor)) {
      first = &*found;
    }
  }
  return first;
}

std::optional<v1::Report> ReportLog::Next(std::uint64_t& after) {
  const std::lock_guard lock(mutex_);
  v1::Report report;
  const Entry* numbered = FirstAfter(after);
  const bool side_turn = !urgent_was_last_ || numbered == nullptr;
  urgent_was_last_ = side_turn && (!urgent_.empty() || status_.has_value());
  if (side_turn && !urgent_.empty()) {
    *report.mutable_digest() = std::move(urgent_.begin()->second);
    urgent_.erase(urgent_.begin());
    return report;
  }
  if (side_turn && status_) {
    *report.mutable_node() = *std::move(status_);
    status_.reset();
    return report;
  }
  // What does not parse (text that is no UTF-8) must not hold up what comes after it.
  while (numbered != nullptr && !report.ParseFromString(numbered->bytes)) {
    last_dropped_ = std::max(last_dropped_, numbered->cursor);
    ++dropped_;
    after = numbered->cursor;
    numbered = FirstAfter(after);
  }
  if (numbered == nullptr) return std::nullopt;
  after = numbered->cursor;
  return report;
}

std::uint64_t ReportLog::LostSince(std::uint64_t cursor) const {
  const std::lock_guard lock(mutex_);
  if (cursor >= last_dropped_) return 0;
  return std::min(dropped_, last_dropped_ - cursor);
}

std::uint64_t ReportLog::Last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::vector<v1::Oom> ReportLog::PendingOoms() const {
  const std::lock_guard lock(mutex_);
  std::vector<v1::Oom> pending;
  for (const Entry& entry : ooms_) {
    v1::Report report;
    if (report.ParseFromString(entry.bytes)) pending.push_back(std::move(*report.mutable_oom()));
  }
  return pending;
}

void ReportLog::OnNews(std::function<void()> listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

void ReportLog::Notify() {
  // Called under the listener's own lock, so that after OnNews returns the old one is never run.
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_();
}

}  // namespace plimsoll::agent
