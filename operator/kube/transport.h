// SPDX-License-Identifier: Apache-2.0
//
// One HTTP exchange, body streamed: all this library asks of an HTTP stack. The real one is
// cpprestsdk (transport_cpprest.cc alone knows it); tests script another.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::kube {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = {};  // "GET"
  std::string path = {};    // with query, percent-encoded, below the server's base path
  HttpHeaders headers = {};
  std::string body = {};
  // The connection and the answer's head must be there within this time ...
  Duration head_timeout = std::chrono::seconds(30);
  // ... and while the body comes, nothing for so long means the peer is gone.
  Duration idle_timeout = std::chrono::seconds(30);
};

struct HttpHead {
  int status = 0;
  HttpHeaders headers = {};
  // By name without regard to case; "" when absent.
  [[nodiscard]] std::string_view Header(std::string_view name) const;
};

// Takes an answer. Called one at a time, on a thread of the transport; what it does slows the
// sender down (TCP back-pressure). An error ends the exchange.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  [[nodiscard]] virtual Status OnHead(const HttpHead& head) = 0;
  [[nodiscard]] virtual Status OnBody(std::string_view bytes) = 0;
};

enum class TransportErrorKind {
  kConnect,   // nobody answered at the address
  kTls,       // handshake, certificates
  kTimeout,   // head_timeout or idle_timeout
  kReset,     // the connection broke
  kProtocol,  // not HTTP
  kCanceled,  // stop was requested
  kSink,      // the sink refused; message is the sink's
};

struct TransportError {
  TransportErrorKind kind;
  std::string message = {};
};

using TransportResult = std::expected<void, TransportError>;

class Transport {
 public:
  virtual ~Transport() = default;
  // Blocks until the body has ended (ok: a clean end) or failed; the sink is not called afterwards.
  // Within a sink it is refused (kProtocol): its thread is the one that would serve it.
  [[nodiscard]] virtual TransportResult Exchange(const HttpRequest& request, HttpSink& sink,
                                                 std::stop_token stop) = 0;
};

// What a connection is made with; asked for before each new connection, so rotated files count.
struct TlsMaterial {
  std::string ca_pem = {};  // empty: the system's roots
  std::string certificate_pem = {};
  std::string key_pem = {};
};

struct HttpEndpoint {
  std::string url = {};  // "https://10.96.0.1:443/prefix" or "http://…"
  std::string tls_server_name = {};
  bool insecure_skip_tls_verify = false;
  std::string proxy_url = {};
  std::function<Result<TlsMaterial>()> tls = {};
};

// kInvalid when the URL, the proxy or the TLS material cannot work.
[[nodiscard]] Result<std::unique_ptr<Transport>> MakeHttpTransport(HttpEndpoint endpoint);

// First statement of every main. One thread serves all exchanges (the stack's default is 40): a
// second would be woken for every few bytes of a watch, a fifth more of its CPU. So a sink must
// not wait, nor take a lock that is held over an exchange. Also calls HideSystemRoots.
void InitializeHttpStack();

}  // namespace plimsoll::kube
