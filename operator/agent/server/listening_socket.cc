// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace plimsoll::agent {
namespace {

constexpr int kBacklog = 128;

std::unexpected<Error> BecauseOf(int error) {
  return Fail(ErrorCode::kInvalid, std::generic_category().message(error));
}

void Set(const Fd& fd, int level, int option, int value) {
  ::setsockopt(fd.get(), level, option, &value, sizeof(value));
}

Result<ListeningSocket> Listen(const addrinfo& at) {
  Fd fd(::socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return BecauseOf(errno);
  Set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  // What is accepted inherits it; gRPC sets it on its own listeners only.
  Set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (at.ai_family == AF_INET6) Set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(fd.get(), at.ai_addr, at.ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return BecauseOf(errno);
  }
  sockaddr_in6 bound{};  // its port lies where that of an IPv4 address does
  socklen_t size = sizeof(bound);
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return BecauseOf(errno);
  }
  return ListeningSocket{std::move(fd), ::ntohs(bound.sin6_port)};
}

Result<ListeningSocket> ListenOn(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return Fail(ErrorCode::kInvalid, ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  return Listen(*found);
}

}  // namespace

Result<ListeningSocket> ListenOn(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return Fail(ErrorCode::kInvalid, "it names no port");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string port = address.substr(colon + 1);
  Result<ListeningSocket> socket = ListenOn(host, port);
  // IPv6 is switched off here, at boot or by sysctl.
  if (!socket && host == "::") {
    if (Result<ListeningSocket> ipv4 = ListenOn("0.0.0.0", port)) return ipv4;
  }
  return socket;
}

}  // namespace plimsoll::agent
