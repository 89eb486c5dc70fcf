// SPDX-License-Identifier: Apache-2.0
#include "operator/web/listener.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "operator/web/session.h"

namespace plimsoll::web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxConnections = 128;
constexpr int kThreads = 2;
constexpr std::chrono::milliseconds kPause(100);  // after a connection that could not be taken

// Where to listen, by what `address` says.
Result<tcp::endpoint> Resolve(asio::io_context& io, const std::string& address,
                              std::uint16_t port) {
  error_code error;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(address, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty()) return Fail(ErrorCode::kInvalid, error.message());
  return found.begin()->endpoint();
}

// An open, bound, listening socket; every address of both families for "::".
error_code Listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  const auto step = [&](auto&& action) {
    if (!error) action();
  };
  step([&] { acceptor.open(endpoint.protocol(), error); });
  step([&] { acceptor.set_option(tcp::acceptor::reuse_address(true), error); });
  if (endpoint.address().is_v6()) {
    step([&] { acceptor.set_option(asio::ip::v6_only(false), error); });
  }
  step([&] { acceptor.bind(endpoint, error); });
  step([&] { acceptor.listen(tcp::acceptor::max_listen_connections, error); });
  return error;
}

// What the kernel says where IPv6 is switched off, at boot or by sysctl.
bool LacksFamily(const error_code& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

}  // namespace

class Listener::Impl {
 public:
  explicit Impl(Routes routes) : routes_(std::move(routes)) {}

  Status Open(const std::string& address, std::uint16_t port) {
    const auto endpoint = Resolve(io_, address, port);
    if (!endpoint) return std::unexpected(endpoint.error());
    error_code error = Listen(acceptor_, *endpoint);
    if (LacksFamily(error) && endpoint->address() == asio::ip::address_v6::any()) {
      acceptor_ = tcp::acceptor(io_);
      error = Listen(acceptor_, {tcp::v4(), port});
    }
    if (error) return Fail(ErrorCode::kInvalid, error.message());
    port_ = acceptor_.local_endpoint().port();
    Accept();
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { io_.run(); });
    return {};
  }

  // The threads end when the last session has ended.
  void Close() {
    asio::post(acceptor_.get_executor(), [this] {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      for (const auto& session : sessions_) {
        if (const auto open = session.lock()) open->EndIfIdle();
      }
    });
    threads_.clear();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept(asio::make_strand(io_), [this](error_code error, tcp::socket socket) {
      const std::lock_guard lock(mutex_);
      if (closing_) return;
      if (error) return AcceptLater();
      Admit(std::move(socket));
      Accept();
    });
  }

  // Out of descriptors, the connection stays in the queue: asked again at once it would fail again,
  // and so on for as long as that lasts.
  void AcceptLater() {
    pause_.expires_after(kPause);
    pause_.async_wait([this](error_code) {
      const std::lock_guard lock(mutex_);
      if (!closing_) Accept();
    });
  }

  void Admit(tcp::socket socket) {
    std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
    const auto session = std::make_shared<Session>(std::move(socket), routes_);
    if (sessions_.size() >= kMaxConnections && !EndOldestIdle()) {
      session->Refuse({.status = 503, .body = "too many requests at once\n"});
      return;
    }
    sessions_.push_back(session);
    session->Serve();
  }

  // Who connects and asks nothing must not take the place of a probe that does: refused for long
  // enough, it would have the kubelet restart us. False when all have asked something.
  bool EndOldestIdle() {
    const auto idle = std::ranges::find_if(sessions_, [](const auto& session) {
      const auto open = session.lock();
      return open && !open->Asked();
    });
    if (idle == sessions_.end()) return false;
    if (const auto open = idle->lock()) open->EndIfIdle();
    sessions_.erase(idle);
    return true;
  }

  const Routes routes_;
  asio::io_context io_;
  tcp::acceptor acceptor_{asio::make_strand(io_)};
  asio::steady_timer pause_{acceptor_.get_executor()};
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  bool closing_ = false;
  std::vector<std::weak_ptr<Session>> sessions_;  // oldest first
  std::vector<std::jthread> threads_;
};

Result<std::unique_ptr<Listener>> Listener::Start(const std::string& address, std::uint16_t port,
                                                  Routes routes) {
  auto impl = std::make_unique<Impl>(std::move(routes));
  if (const Status opened = impl->Open(address, port); !opened) {
    return Fail(ErrorCode::kInvalid, "cannot serve HTTP on " + address + " port " +
                                         std::to_string(port) + ": " + opened.error().message() +
                                         "; choose another with --metrics-address and "
                                         "--metrics-port");
  }
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() { impl_->Close(); }

std::uint16_t Listener::port() const { return impl_->port(); }

}  // namespace plimsoll::web
