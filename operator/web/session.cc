// SPDX-License-Identifier: Apache-2.0
#include "operator/web/session.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <utility>

namespace plimsoll::web {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::chrono::seconds kPatience(5);  // to read the request, and to take the answer
constexpr std::uint32_t kMaxHeaderBytes = 16384;

}  // namespace

Session::Session(boost::asio::ip::tcp::socket socket, const Routes& routes)
    : stream_(std::move(socket)), routes_(routes) {
  parser_.header_limit(kMaxHeaderBytes);
}

void Session::Serve() {
  stream_.expires_after(kPatience);
  http::async_read_header(stream_, buffer_, parser_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                            // Who went away, fell silent or speaks no HTTP gets no answer.
                            if (error) return;
                            self->asked_ = true;
                            const auto& request = self->parser_.get();
                            self->Reply(self->AnswerTo(request.method(), request.target()));
                          });
}

void Session::Refuse(Answer answer) {
  asked_ = true;
  Reply(std::move(answer));
}

void Session::EndIfIdle() {
  boost::asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (!self->asked_) self->stream_.cancel();
  });
}

Answer Session::AnswerTo(http::verb method, beast::string_view target) {
  if (method != http::verb::get) return {.status = 405, .body = "only GET is served here\n"};
  const beast::string_view path = target.substr(0, target.find('?'));
  const auto route = routes_.find(std::string(path));
  if (route == routes_.end()) {
    return {.status = 404, .body = "not here; there are /metrics, /healthz, /readyz, /agentz\n"};
  }
  try {
    return route->second();
  } catch (const std::exception& problem) {
    return {.status = 500, .body = std::string(problem.what()) + "\n"};
  }
}

void Session::Reply(Answer answer) {
  response_.version(11);
  response_.result(static_cast<unsigned>(answer.status));
  response_.set(http::field::content_type, answer.content_type);
  response_.keep_alive(false);
  response_.body() = std::move(answer.body);
  response_.prepare_payload();
  stream_.expires_after(kPatience);
  http::async_write(
      stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (error) return;  // the peer went away: its own affair
        self->stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
      });
}

}  // namespace plimsoll::web
