// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/door.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <utility>

#include "operator/agent/base/now.h"
#include "operator/agent/server/listening_socket.h"

namespace plimsoll::agent {
namespace {

constexpr int kPauseMs = 100;  // after a connection that could not be taken

}  // namespace

Result<std::unique_ptr<Door>> Door::Open(const std::string& address, Enter enter) {
  Result<ListeningSocket> socket = ListenOn(address);
  if (!socket) return std::unexpected(socket.error());
  Fd wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake.valid()) return Fail(ErrorCode::kInternal, "no eventfd");
  return std::unique_ptr<Door>(
      new Door(std::move(socket->fd), socket->port, std::move(wake), std::move(enter)));
}

Door::Door(Fd listener, int port, Fd wake, Enter enter)
    : listener_(std::move(listener)),
      port_(port),
      wake_(std::move(wake)),
      enter_(std::move(enter)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Door::~Door() {
  thread_.request_stop();
  ::eventfd_write(wake_.get(), 1);
}

void Door::Run(const std::stop_token& stop) {
  std::vector<pollfd> polled;
  while (!stop.stop_requested()) {
    polled = {{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    // Asked for nothing, a socket still tells that it was shut down.
    for (const Fd& line : lines_) polled.push_back({line.get(), 0, 0});
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    for (std::size_t i = polled.size(); i-- > 2;) {
      if (polled[i].revents != 0) Leave(i - 2);
    }
    if (polled[1].revents != 0) Admit();
  }
}

void Door::Admit() {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  Fd guest(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                     SOCK_NONBLOCK | SOCK_CLOEXEC));
  Fd line(guest.valid() ? ::fcntl(guest.get(), F_DUPFD_CLOEXEC, 0) : -1);
  if (!line.valid()) {
    // Out of descriptors, it stays in the queue: asked again at once it would fail again, and so on
    // for as long as that lasts.
    pollfd stopped{wake_.get(), POLLIN, 0};
    ::poll(&stopped, 1, kPauseMs);
    return;
  }
  guests_.push_back({AddressOf(peer), Now()});
  lines_.push_back(std::move(line));
  if (guests_.size() > kMaxGuests) {
    const std::size_t who = WhoLeaves(guests_, Now(), kTrial);
    ::shutdown(lines_[who].get(), SHUT_RDWR);
    Leave(who);
  }
  enter_(std::move(guest));
}

void Door::Leave(std::size_t index) {
  const auto at = static_cast<std::ptrdiff_t>(index);
  guests_.erase(guests_.begin() + at);
  lines_.erase(lines_.begin() + at);
}

}  // namespace plimsoll::agent
