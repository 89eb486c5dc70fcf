// SPDX-License-Identifier: Apache-2.0
//
// An HTTP/1.1 server on a loopback port, one thread per connection, whose answers are written byte
// by byte: it can chunk, stall, cut and lie in ways no HTTP library would.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace plimsoll::testing {

struct HttpRequest {
  std::string method;
  std::string path;  // decoded, without query
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// Certificate and key in PEM; for mutual TLS also the authority of the clients.
struct ServerTls {
  std::string certificate_pem;
  std::string key_pem;
};

// Writes one answer. Every call gives false once the peer or the server is gone.
class HttpResponder {
 public:
  virtual ~HttpResponder() = default;
  // A whole answer with its length.
  virtual bool Send(int status, std::string_view content_type, std::string_view body,
                    const std::map<std::string, std::string>& headers = {}) = 0;
  // The head of a chunked answer, then its chunks, then its end.
  virtual bool BeginChunked(int status, std::string_view content_type) = 0;
  virtual bool Chunk(std::string_view bytes) = 0;
  virtual bool End() = 0;
  // Raw bytes, whatever they are.
  virtual bool Raw(std::string_view bytes) = 0;
  // Ends the connection at once, by RST.
  virtual void Reset() = 0;
  // Waits (0: only looks); false when the peer has gone or the server stops.
  virtual bool Sleep(std::chrono::milliseconds duration) = 0;
};

class HttpServer {
 public:
  using Handler = std::function<void(const HttpRequest& request, HttpResponder& out)>;

  explicit HttpServer(Handler handler) : HttpServer(std::move(handler), {}) {}
  HttpServer(Handler handler, ServerTls tls);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::string url() const;
  // From the next connection on.
  void UseTls(ServerTls tls);
  // Ends every open connection; new ones are taken as before.
  void DropConnections();

 private:
  class Connection;
  void Accept();

  const Handler handler_;
  bool tls_ = false;
  ServerTls material_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::thread acceptor_;
};

}  // namespace plimsoll::testing
