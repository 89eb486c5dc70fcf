// SPDX-License-Identifier: Apache-2.0
//
// One connection of the listener: a request, its answer, the end.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>

#include "operator/web/listener.h"

namespace plimsoll::web {

class Session : public std::enable_shared_from_this<Session> {
 public:
  // `socket` must run on a strand of its own; `routes` must outlive the session.
  Session(boost::asio::ip::tcp::socket socket, const Routes& routes);

  // Reads the request and answers it.
  void Serve();
  // Answers at once, whatever is asked.
  void Refuse(Answer answer);
  // Whether a request has come. From any thread.
  [[nodiscard]] bool Asked() const { return asked_; }
  // Ends the connection if nothing has been asked on it yet. From any thread.
  void EndIfIdle();

 private:
  void Reply(Answer answer);
  [[nodiscard]] Answer AnswerTo(boost::beast::http::verb method, boost::beast::string_view target);

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  const Routes& routes_;
  std::atomic<bool> asked_ = false;
};

}  // namespace plimsoll::web
