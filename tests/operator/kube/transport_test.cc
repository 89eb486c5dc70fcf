// SPDX-License-Identifier: Apache-2.0
//
// What one thread for all exchanges asks of a transport, over real sockets.
#include "operator/kube/transport.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/http_server.h"
#include "tests/support/test_certificates.h"

namespace plimsoll::testing {
namespace {

std::unique_ptr<kube::Transport> TransportTo(const std::string& url, const std::string& ca = {}) {
  auto transport = kube::MakeHttpTransport({.url = url, .tls = [ca]() -> Result<kube::TlsMaterial> {
                                              return kube::TlsMaterial{.ca_pem = ca};
                                            }});
  REQUIRE_MESSAGE(transport, transport.error().message());
  return std::move(*transport);
}

struct FunctionSink final : kube::HttpSink {
  std::function<void(std::string_view)> on_body;
  Status OnHead(const kube::HttpHead&) override { return {}; }
  Status OnBody(std::string_view bytes) override {
    on_body(bytes);
    return {};
  }
};

// How far down the stack a sink is called on the transport's thread: lowest and highest frame.
struct Depth {
  std::uintptr_t lowest = UINTPTR_MAX;
  std::uintptr_t highest = 0;
  [[gnu::noinline]] void Note() {
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    lowest = std::min(lowest, frame);
    highest = std::max(highest, frame);
  }
};

TEST_CASE("Transport: many small chunks that came at once do not grow the stack") {
  constexpr std::size_t kChunks = 20'000;
  std::string body;
  for (std::size_t i = 0; i < kChunks; ++i) body += "1\r\nx\r\n";
  body += "0\r\n\r\n";
  // What comes before the caller reads is given to it by the caller itself: the rest waits for
  // that.
  std::atomic<bool> reads = false;
  const HttpServer::Handler handler = [&](const HttpRequest&, HttpResponder& out) {
    out.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    REQUIRE(Eventually([&] { return reads.load(); }));
    out.Raw(body);
  };
  const TestAuthority authority;
  HttpServer plain(handler);
  HttpServer encrypted(handler, authority.Issue("127.0.0.1"));
  for (const HttpServer* server : {&plain, &encrypted}) {
    CAPTURE(server->url());
    const auto transport = TransportTo(server->url(), authority.certificate_pem());
    const std::thread::id caller = std::this_thread::get_id();
    Depth depth;
    reads = false;
    std::size_t received = 0;
    FunctionSink sink;
    sink.on_body = [&](std::string_view bytes) {
      received += bytes.size();
      reads = true;
      if (std::this_thread::get_id() != caller) depth.Note();
    };
    const auto ended =
        transport->Exchange({.method = "GET", .path = "/", .headers = {}, .body = {}}, sink, {});
    CHECK_MESSAGE(ended, ended.error().message);
    CHECK(received == kChunks + 1);
    REQUIRE(depth.highest != 0);
    CHECK(depth.highest - depth.lowest < (64 << 10));
  }
}

TEST_CASE("Transport: an exchange begun within a sink is refused, not waited for") {
  HttpServer server([](const HttpRequest&, HttpResponder& out) {
    out.BeginChunked(200, "text/plain");
    for (const char* chunk : {"one", "two", "three"}) out.Chunk(chunk);
    out.End();
  });
  const auto transport = TransportTo(server.url());
  std::optional<kube::TransportErrorKind> refused;
  FunctionSink inner;
  inner.on_body = [](std::string_view) {};
  FunctionSink outer;
  const kube::HttpRequest request{.method = "GET", .path = "/", .headers = {}, .body = {}};
  outer.on_body = [&](std::string_view) {
    const auto result = transport->Exchange(request, inner, {});
    if (!result) refused = result.error().kind;
  };
  CHECK(transport->Exchange(request, outer, {}));
  CHECK(refused == kube::TransportErrorKind::kProtocol);
  CHECK(transport->Exchange(request, inner, {}));
}

}  // namespace
}  // namespace plimsoll::testing
