// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/inbox.h"

#include <sys/eventfd.h>

#include <utility>

namespace plimsoll::agent {

Inbox::Inbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void Inbox::Watch(v1::WatchSet watch) {
  {
    const std::lock_guard lock(mutex_);
    mail_.watch = std::move(watch);
  }
  Wake();
}

void Inbox::Greet() {
  {
    const std::lock_guard lock(mutex_);
    mail_.greet = true;
  }
  Wake();
}

void Inbox::Remember() {
  {
    const std::lock_guard lock(mutex_);
    mail_.remember = true;
  }
  Wake();
}

void Inbox::Wake() const { ::eventfd_write(event_.get(), 1); }

Inbox::Mail Inbox::Take() {
  // Emptied before the mail is taken: what comes in between wakes once more.
  eventfd_t ignored = 0;
  ::eventfd_read(event_.get(), &ignored);
  const std::lock_guard lock(mutex_);
  return std::exchange(mail_, {});
}

}  // namespace plimsoll::agent
