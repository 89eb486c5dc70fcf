// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace plimsoll::agent {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

std::uint64_t Poller::Add(int fd, Key key, bool priority, bool once) {
  const std::uint64_t token = ++last_token_;
  epoll_event event{};
  event.events = (priority ? EPOLLPRI : EPOLLIN) | (once ? EPOLLONESHOT : 0U);
  event.data.u64 = token;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return 0;
  entries_.emplace(token, Entry{fd, std::move(key), event.events});
  return token;
}

void Poller::Rearm(std::uint64_t token) {
  const auto entry = entries_.find(token);
  if (entry == entries_.end()) return;
  epoll_event event{};
  event.events = entry->second.events;
  event.data.u64 = token;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, entry->second.fd, &event);
}

void Poller::Drop(std::uint64_t token) {
  const auto entry = entries_.find(token);
  if (entry == entries_.end()) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, entry->second.fd, nullptr);
  entries_.erase(entry);
}

std::vector<Poller::Event> Poller::Wait(Duration timeout) {
  std::array<epoll_event, 64> ready{};
  const auto limit = std::clamp<std::int64_t>(timeout.count(), 0, std::numeric_limits<int>::max());
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()),
                                 static_cast<int>(limit));
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t token = ready[static_cast<std::size_t>(i)].data.u64;
    const auto entry = entries_.find(token);
    if (entry == entries_.end()) continue;
    events.push_back({token, entry->second.key, entry->second.fd});
  }
  return events;
}

}  // namespace plimsoll::agent
