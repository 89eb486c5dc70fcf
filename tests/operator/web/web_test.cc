// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "operator/web/health.h"
#include "operator/web/listener.h"
#include "operator/web/metric_page.h"
#include "operator/web/probe.h"
#include "tests/support/library_at_rest.h"

namespace plimsoll::web {
namespace {

// A GET over a plain socket; the whole answer.
std::string Get(std::uint16_t port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    (void)!write(fd, request.data(), request.size());
    char buffer[4096];
    for (ssize_t n = 0; (n = read(fd, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(n));
    }
  }
  close(fd);
  return answer;
}

std::uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

TEST_CASE("Ask: one check that fails fails all, and each is named") {
  const Health health = Ask({{"pods", [] { return std::string(); }},
                             {"limits", [] { return std::string("not read yet"); }}});
  CHECK_FALSE(health.fine);
  CHECK(health.text == "[+] pods\n[-] limits: not read yet\n");
  CHECK(Ask({}).fine);
}

TEST_CASE("MetricPage: Prometheus' text, labels escaped, families together") {
  MetricPage page;
  page.Gauge("workqueue_depth", "Depth", 3, {{"name", "a"}});
  page.Counter("kills_total", "Kills", 1, {{"workload", "we\"b\n"}});
  page.Gauge("workqueue_depth", "Depth", 4, {{"name", "b"}});
  const std::string text = page.Text();
  CHECK(text.find("# TYPE workqueue_depth gauge\n") != std::string::npos);
  CHECK(text.find("workqueue_depth{name=\"a\"} 3") != std::string::npos);
  CHECK(text.find("workqueue_depth{name=\"b\"} 4") != std::string::npos);
  CHECK(text.find("kills_total{workload=\"we\\\"b\\n\"} 1") != std::string::npos);
  CHECK(text.find("# TYPE workqueue_depth gauge", text.find("# TYPE workqueue_depth") + 5) ==
        std::string::npos);
}

TEST_CASE("Listener: serves its paths, 404 names them, a taken port names the flags") {
  const testing::LibraryAtRest at_rest;
  const std::uint16_t port = FreePort();
  bool ready = false;
  const Routes routes{
      {"/readyz", [&] { return Answer{.status = ready ? 200 : 503, .body = "x\n"}; }}};
  auto listener = Listener::Start("127.0.0.1", port, routes);
  REQUIRE(listener);

  CHECK(Get(port, "/readyz").starts_with("HTTP/1.1 503"));
  ready = true;
  CHECK(Get(port, "/readyz").starts_with("HTTP/1.1 200"));
  const std::string missing = Get(port, "/elsewhere");
  CHECK(missing.starts_with("HTTP/1.1 404"));
  CHECK(missing.find("/metrics") != std::string::npos);

  const auto second = Listener::Start("127.0.0.1", port, routes);
  REQUIRE_FALSE(second);
  CHECK(second.error().message().find("--metrics-port") != std::string::npos);
}

TEST_CASE("Probe: the body of a 200; everything else is an error that says what came") {
  const testing::LibraryAtRest at_rest;
  const std::uint16_t port = FreePort();
  const std::string base = "http://127.0.0.1:" + std::to_string(port);
  {
    const Routes routes{
        {"/readyz", [] { return Answer{.body = "[+] pods\n"}; }},
        {"/healthz", [] { return Answer{.status = 503, .body = "[-] loops: stuck\n"}; }}};
    auto listener = Listener::Start("127.0.0.1", port, routes);
    REQUIRE(listener);
    CHECK(Probe(base + "/readyz") == std::string("[+] pods\n"));
    const auto sick = Probe(base + "/healthz");
    REQUIRE_FALSE(sick);
    CHECK(sick.error().message().find("503") != std::string::npos);
    CHECK(sick.error().message().find("[-] loops: stuck") != std::string::npos);
  }
  const auto gone = Probe(base + "/readyz");
  REQUIRE_FALSE(gone);
  CHECK(gone.error().message().find("connecting") != std::string::npos);
  for (const char* url :
       {"", "localhost", "https://a:1/", "http://a/x", "http://a:1", "http://:1/"}) {
    CAPTURE(url);
    const auto wrong = Probe(url);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code() == ErrorCode::kInvalid);
  }
}

}  // namespace
}  // namespace plimsoll::web
