// SPDX-License-Identifier: Apache-2.0
//
// The one file of operator/web that knows cpprestsdk.
#include "operator/web/listener.h"

#include <cpprest/http_listener.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

namespace plimsoll::web {
namespace {

constexpr int kMaxAtOnce = 16;

using web_request = ::web::http::http_request;

// Empty when the address can be listened on. cpprestsdk 2.10 ends the process when a listener that
// could not be opened is destroyed, so it is tried without it first.
std::string WhyNotListen(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  if (const int error = getaddrinfo(address.c_str(), service.c_str(), &hints, &found)) {
    return gai_strerror(error);
  }
  std::string problem;
  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0) {
    problem = std::strerror(errno);
  }
  if (fd >= 0) close(fd);
  freeaddrinfo(found);
  return problem;
}

}  // namespace

class Listener::Impl {
 public:
  Impl(const ::web::uri& address, Routes routes) : listener_(address), routes_(std::move(routes)) {
    listener_.support(::web::http::methods::GET,
                      [this](const web_request& request) { Handle(request); });
  }

  void Open() { listener_.open().wait(); }
  void Close() { listener_.close().wait(); }

 private:
  void Handle(const web_request& request) {
    const auto route = routes_.find(request.relative_uri().path());
    if (route == routes_.end()) {
      Reply(request, {.status = 404, .body = "not here; there are /metrics, /healthz, /readyz\n"});
      return;
    }
    if (++at_once_ > kMaxAtOnce) {
      --at_once_;
      Reply(request, {.status = 503, .body = "too many requests at once\n"});
      return;
    }
    Reply(request, route->second());
    --at_once_;
  }

  static void Reply(const web_request& request, const Answer& answer) {
    ::web::http::http_response response(static_cast<::web::http::status_code>(answer.status));
    response.set_body(answer.body, answer.content_type);
    // A client that went away is its own affair.
    request.reply(response).then([](const pplx::task<void>& sent) {
      try {
        sent.get();
      } catch (const std::exception&) {
        return;
      }
    });
  }

  ::web::http::experimental::listener::http_listener listener_;
  Routes routes_;
  std::atomic<int> at_once_{0};
};

Result<std::unique_ptr<Listener>> Listener::Start(const std::string& address, std::uint16_t port,
                                                  Routes routes) {
  const auto refuse = [&](const std::string& why) {
    return Fail(ErrorCode::kInvalid, "cannot serve HTTP on " + address + ":" +
                                         std::to_string(port) + ": " + why +
                                         "; choose another with --metrics-address and "
                                         "--metrics-port");
  };
  if (const std::string why = WhyNotListen(address, port); !why.empty()) return refuse(why);
  ::web::uri_builder uri;
  uri.set_scheme("http").set_host(address).set_port(port).set_path("/");
  try {
    auto impl = std::make_unique<Impl>(uri.to_uri(), std::move(routes));
    impl->Open();
    return std::unique_ptr<Listener>(new Listener(std::move(impl)));
  } catch (const std::exception& problem) {
    return refuse(problem.what());
  }
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() { impl_->Close(); }

}  // namespace plimsoll::web
