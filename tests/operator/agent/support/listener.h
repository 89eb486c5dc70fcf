// SPDX-License-Identifier: Apache-2.0
//
// A socket that does to its clients whatever a test wants: at a Unix path, or on TCP of the
// loopback address when the path is empty.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "operator/agent/base/fd.h"

namespace plimsoll::agent::testing {

class Listener {
 public:
  // `serve` gets each accepted connection; it must return once the stop token says so.
  using Serve = std::function<void(int, const std::stop_token&)>;
  Listener(const std::string& path, Serve serve, int type = SOCK_STREAM)
      : socket_(::socket(path.empty() ? AF_INET : AF_UNIX, type | SOCK_CLOEXEC, 0)) {
    ok_ = path.empty() ? BindTcp() : BindUnix(path);
    if (type != SOCK_STREAM) return;
    ok_ = ok_ && ::listen(socket_.get(), 8) == 0;
    thread_ = std::jthread([this, serve = std::move(serve)](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd poll{socket_.get(), POLLIN, 0};
        if (::poll(&poll, 1, 20) != 1) continue;
        const Fd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (peer.valid()) serve(peer.get(), stop);
      }
    });
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] int port() const { return port_; }

 private:
  [[nodiscard]] bool BindUnix(const std::string& path) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    return ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  [[nodiscard]] bool BindTcp() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    if (::bind(socket_.get(), any, size) != 0 || ::getsockname(socket_.get(), any, &size) != 0) {
      return false;
    }
    port_ = ::ntohs(address.sin_port);
    return true;
  }

  Fd socket_;
  bool ok_ = false;
  int port_ = 0;
  std::jthread thread_;
};

}  // namespace plimsoll::agent::testing
