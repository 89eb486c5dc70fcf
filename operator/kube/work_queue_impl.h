// SPDX-License-Identifier: Apache-2.0
//
// Template part of work_queue.h.
#pragma once

#include "operator/kube/work_queue.h"

namespace plimsoll::kube {

template <class Key, class Hash>
void WorkQueue<Key, Hash>::Add(const Key& key, Priority priority) {
  const std::lock_guard lock(mutex_);
  AddLocked(key, {priority, clock_.Monotonic()});
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::AddLocked(const Key& key, Waiting added) {
  if (shut_down_) return;
  auto& set = processing_.contains(key) ? again_ : waiting_;
  const auto [it, inserted] = set.try_emplace(key, added);
  if (inserted) ++counts_.added;
  if (!inserted && it->second.priority >= added.priority) return;
  it->second.priority = added.priority;
  if (&set == &again_) return;
  (added.priority == Priority::kNormal ? normal_ : low_).push_back(key);
  changed_.notify_all();
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::AddAfter(const Key& key, Duration delay, Priority priority) {
  const std::lock_guard lock(mutex_);
  if (!shut_down_) ++counts_.retried;
  if (delay <= Duration::zero()) return AddLocked(key, {priority, clock_.Monotonic()});
  if (shut_down_) return;
  const Instant due = clock_.Monotonic() + delay;
  const auto [it, inserted] = delayed_.try_emplace(key, Delayed{due, priority});
  if (!inserted) {
    it->second.priority = std::max(it->second.priority, priority);
    if (it->second.due <= due) return;
    EraseDueLocked(it->second.due, key);
    it->second.due = due;
  }
  due_.emplace(due, key);
  changed_.notify_all();
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::EraseDueLocked(Instant due, const Key& key) {
  const auto [from, to] = due_.equal_range(due);
  const auto entry =
      std::find_if(from, to, [&](const auto& candidate) { return candidate.second == key; });
  if (entry != to) due_.erase(entry);
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::AddRateLimited(const Key& key, Priority priority) {
  Duration delay;
  {
    const std::lock_guard lock(mutex_);
    const int failures = failures_[key]++;
    delay = options_.backoff_initial;
    for (int i = 0; i < failures && delay < options_.backoff_max; ++i) delay *= 2;
    delay = std::min(delay, options_.backoff_max);
  }
  AddAfter(key, delay, priority);
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::Forget(const Key& key) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::ReleaseDueLocked(Instant now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const Key key = due_.begin()->second;
    due_.erase(due_.begin());
    const auto it = delayed_.find(key);
    const Priority priority = it->second.priority;
    delayed_.erase(it);
    AddLocked(key, {priority, now});
  }
}

template <class Key, class Hash>
std::optional<Key> WorkQueue<Key, Hash>::PopLocked() {
  for (std::deque<Key>* queue : {&normal_, &low_}) {
    while (!queue->empty()) {
      Key key = std::move(queue->front());
      queue->pop_front();
      const auto waiting = waiting_.find(key);
      if (waiting == waiting_.end()) continue;  // moved up and already handed out
      if (options_.waited) options_.waited(clock_.Monotonic() - waiting->second.since);
      waiting_.erase(waiting);
      processing_.insert(key);
      return key;
    }
  }
  return std::nullopt;
}

template <class Key, class Hash>
std::optional<Key> WorkQueue<Key, Hash>::Get(std::stop_token stop,
                                             std::optional<Duration> patience) {
  const std::stop_callback wake(stop, [this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  const Instant given_up = patience ? clock_.Monotonic() + *patience : Instant::max();
  while (true) {
    if (stop.stop_requested()) return std::nullopt;
    const Instant now = clock_.Monotonic();
    ReleaseDueLocked(now);
    if (std::optional<Key> key = PopLocked()) return key;
    if (shut_down_ || now >= given_up) return std::nullopt;
    const Instant due = due_.empty() ? Instant::max() : due_.begin()->first;
    if (std::min(due, given_up) == Instant::max()) {
      changed_.wait(lock);
    } else {
      clock_.WaitUntil(lock, changed_, std::min(due, given_up));
    }
  }
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::Done(const Key& key) {
  const std::lock_guard lock(mutex_);
  processing_.erase(key);
  const auto it = again_.find(key);
  if (it == again_.end()) return;
  const Waiting added = it->second;
  again_.erase(it);
  --counts_.added;  // it was counted when it was added
  AddLocked(key, added);
}

template <class Key, class Hash>
void WorkQueue<Key, Hash>::ShutDown() {
  const std::lock_guard lock(mutex_);
  shut_down_ = true;
  delayed_.clear();
  due_.clear();
  again_.clear();
  changed_.notify_all();
}

template <class Key, class Hash>
bool WorkQueue<Key, Hash>::finished() const {
  const std::lock_guard lock(mutex_);
  return shut_down_ && waiting_.empty();
}

template <class Key, class Hash>
std::size_t WorkQueue<Key, Hash>::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

template <class Key, class Hash>
std::size_t WorkQueue<Key, Hash>::delayed() const {
  const std::lock_guard lock(mutex_);
  return due_.size();
}

template <class Key, class Hash>
std::size_t WorkQueue<Key, Hash>::in_work() const {
  const std::lock_guard lock(mutex_);
  return processing_.size();
}

template <class Key, class Hash>
int WorkQueue<Key, Hash>::failures(const Key& key) const {
  const std::lock_guard lock(mutex_);
  const auto it = failures_.find(key);
  return it == failures_.end() ? 0 : it->second;
}

template <class Key, class Hash>
WorkQueueCounts WorkQueue<Key, Hash>::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace plimsoll::kube
