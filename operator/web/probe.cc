// SPDX-License-Identifier: Apache-2.0
#include "operator/web/probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace plimsoll::web {
namespace {

constexpr std::size_t kMaxAnswer = 65536;

struct Url {
  std::string host;  // an IPv6 address without brackets
  std::string port;
  std::string path;
};

// Only what the chart writes: a name or address, a port, a path. An IPv6 address may stand without
// brackets, as Kubernetes' own variables have it: the port is what follows the last colon.
std::optional<Url> Parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const std::size_t slash = text.find('/');
  const std::string_view authority = text.substr(0, slash);
  const std::size_t colon = authority.rfind(':');
  if (slash == std::string_view::npos || colon == std::string_view::npos || colon == 0 ||
      text.find_first_of("\r\n ") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view host = authority.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return Url{.host = std::string(host),
             .port = std::string(authority.substr(colon + 1)),
             .path = std::string(text.substr(slash))};
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// One address: the whole answer, or why there is none.
Result<std::string> Ask(const addrinfo& address, const Url& url, Duration timeout) {
  const auto failed = [&](const char* what) {
    return Fail(ErrorCode::kRetryable, std::string(what) + ": " + std::strerror(errno));
  };
  const Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return failed("socket");
  const timeval limit{.tv_sec = timeout.count() / 1000, .tv_usec = (timeout.count() % 1000) * 1000};
  setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));  // connect's too
  if (connect(socket.fd(), address.ai_addr, address.ai_addrlen) != 0) return failed("connecting");
  const bool v6 = url.host.find(':') != std::string::npos;
  const std::string request = "GET " + url.path +
                              " HTTP/1.1\r\nHost: " + (v6 ? "[" + url.host + "]" : url.host) +
                              "\r\nConnection: close\r\n\r\n";
  if (send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return failed("sending");
  }
  std::string answer;
  char buffer[4096];
  while (answer.size() < kMaxAnswer) {
    const ssize_t n = recv(socket.fd(), buffer, sizeof(buffer), 0);
    if (n < 0) return failed("waiting for the answer");
    if (n == 0) break;
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  return answer;
}

}  // namespace

Result<std::string> Probe(const std::string& url, Duration timeout) {
  const std::optional<Url> parts = Parse(url);
  if (!parts) {
    return Fail(ErrorCode::kInvalid, "'" + url +
                                         "' is not of the form http://HOST:PORT/PATH, such as "
                                         "http://plimsoll-metrics.plimsoll-system.svc:8080/readyz");
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(parts->host.c_str(), parts->port.c_str(), &hints, &found)) {
    return Fail(ErrorCode::kRetryable, parts->host + ": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  Result<std::string> answer = Fail(ErrorCode::kRetryable, "no address");
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    answer = Ask(*address, *parts, timeout);
    if (answer) break;
  }
  if (!answer) return std::unexpected(answer.error().Context(url));
  const std::size_t end = answer->find("\r\n\r\n");
  const std::string body = end == std::string::npos ? std::string() : answer->substr(end + 4);
  if (answer->starts_with("HTTP/1.1 200 ")) return body;
  return Fail(ErrorCode::kRetryable,
              url + " says " + answer->substr(0, answer->find("\r\n")) + "\n" + body);
}

}  // namespace plimsoll::web
