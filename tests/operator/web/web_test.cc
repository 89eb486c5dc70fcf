// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include "operator/web/health.h"
#include "operator/web/listener.h"
#include "operator/web/metric_page.h"
#include "operator/web/probe.h"

namespace plimsoll::web {
namespace {

// A connection to the port, over IPv4.
class Peer {
 public:
  explicit Peer(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Peer() { close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void Say(const std::string& text) const {
    REQUIRE(connected_);
    (void)!send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // Everything until the server ends the connection.
  [[nodiscard]] std::string Hear() const {
    std::string answer;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(fd_, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(n));
    }
    return answer;
  }
  // Whether the server says or ends anything within that time.
  [[nodiscard]] bool HearsWithin(std::chrono::milliseconds patience) const {
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&ready, 1, static_cast<int>(patience.count())) > 0;
  }

 private:
  int fd_;
  bool connected_ = false;
};

std::string Get(std::uint16_t port, const std::string& path) {
  const Peer peer(port);
  peer.Say("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return peer.Hear();
}

// Whether this machine has IPv6, to be asked of it and not of the code under test.
bool HasIpv6() {
  const int fd = socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool has = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  if (fd >= 0) close(fd);
  return has;
}

Routes OneRoute() {
  return {{"/readyz", [] { return Answer{.body = "[+] pods\n"}; }}};
}

std::string Url(const std::string& host, const Listener& listener) {
  return "http://" + host + ":" + std::to_string(listener.port()) + "/readyz";
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
  prometheus::Histogram took({0.1, 1});
  took.Observe(0.5);
  page.Histogram("took_seconds", "Took", took, {{"name", "a"}});
  const std::string text = page.Text();
  CHECK(text.find("# TYPE took_seconds histogram\n") != std::string::npos);
  CHECK(text.find("took_seconds_bucket{name=\"a\",le=\"0.1\"} 0\n") != std::string::npos);
  CHECK(text.find("took_seconds_bucket{name=\"a\",le=\"1\"} 1\n") != std::string::npos);
  CHECK(text.find("took_seconds_sum{name=\"a\"} 0.5\n") != std::string::npos);
  CHECK(text.find("# TYPE workqueue_depth gauge\n") != std::string::npos);
  CHECK(text.find("workqueue_depth{name=\"a\"} 3") != std::string::npos);
  CHECK(text.find("workqueue_depth{name=\"b\"} 4") != std::string::npos);
  CHECK(text.find("kills_total{workload=\"we\\\"b\\n\"} 1") != std::string::npos);
  CHECK(text.find("# TYPE workqueue_depth gauge", text.find("# TYPE workqueue_depth") + 5) ==
        std::string::npos);
}

TEST_CASE("Listener: serves its paths, 404 names them, a taken port names the flags") {
  bool ready = false;
  const Routes routes{
      {"/readyz", [&] { return Answer{.status = ready ? 200 : 503, .body = "x\n"}; }},
      {"/throws", []() -> Answer { throw std::runtime_error("a part failed"); }}};
  auto listener = Listener::Start("127.0.0.1", 0, routes);
  REQUIRE(listener);
  const std::uint16_t port = (*listener)->port();

  CHECK(Get(port, "/readyz").starts_with("HTTP/1.1 503"));
  ready = true;
  CHECK(Get(port, "/readyz").starts_with("HTTP/1.1 200"));
  CHECK(Get(port, "/readyz?verbose").starts_with("HTTP/1.1 200"));
  const std::string missing = Get(port, "/elsewhere");
  CHECK(missing.starts_with("HTTP/1.1 404"));
  CHECK(missing.find("/metrics") != std::string::npos);
  const std::string failed = Get(port, "/throws");
  CHECK(failed.starts_with("HTTP/1.1 500"));
  CHECK(failed.find("a part failed") != std::string::npos);

  const auto second = Listener::Start("127.0.0.1", port, routes);
  REQUIRE_FALSE(second);
  CHECK(second.error().message().find("--metrics-port") != std::string::npos);
  const auto nowhere = Listener::Start("no such host", 0, routes);
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().message().find("--metrics-address") != std::string::npos);
}

TEST_CASE("Listener: '::' serves IPv4 and IPv6, '::1' and '127.0.0.1' one of them alone") {
  auto all = Listener::Start("::", 0, OneRoute());
  REQUIRE(all);
  CHECK(Probe(Url("127.0.0.1", **all)));
  auto v4 = Listener::Start("127.0.0.1", 0, OneRoute());
  REQUIRE(v4);
  CHECK(Probe(Url("127.0.0.1", **v4)));
  if (!HasIpv6()) {
    MESSAGE("this machine has no IPv6: '::' serves IPv4 alone here, as it should");
    return;
  }
  CHECK(Probe(Url("[::1]", **all)));
  CHECK(Probe(Url("::1", **all)));  // as Kubernetes' variables have it
  CHECK_FALSE(Probe(Url("[::1]", **v4)));
  auto v6 = Listener::Start("::1", 0, OneRoute());
  REQUIRE(v6);
  CHECK(Probe(Url("[::1]", **v6)));
  CHECK_FALSE(Probe(Url("127.0.0.1", **v6)));
}

TEST_CASE("Listener: what is no GET and no HTTP is refused, and the next request is answered") {
  auto listener = Listener::Start("127.0.0.1", 0, OneRoute());
  REQUIRE(listener);
  const std::uint16_t port = (*listener)->port();
  const std::pair<std::string, std::string> cases[] = {
      {"POST /readyz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405"},
      {"GET /readyz HTTP/1.1\r\nHost: " + std::string(20000, 'x') + "\r\n\r\n", ""},
      {"this is no HTTP\r\n\r\n", ""},
      {std::string(64, '\0'), ""}};
  for (const auto& [said, expected] : cases) {
    CAPTURE(said.substr(0, 20));
    const Peer peer(port);
    peer.Say(said);
    const std::string heard = peer.Hear();
    CHECK(heard.substr(0, 12) == expected);
    CHECK(Probe(Url("127.0.0.1", **listener)));
  }
}

TEST_CASE("Listener: who says nothing holds up neither the others nor the end") {
  auto listener = Listener::Start("127.0.0.1", 0, OneRoute());
  REQUIRE(listener);
  std::vector<std::unique_ptr<Peer>> silent;
  for (int i = 0; i < 60; ++i) silent.push_back(std::make_unique<Peer>((*listener)->port()));
  CHECK(Probe(Url("127.0.0.1", **listener)));
  const std::string url = Url("127.0.0.1", **listener);
  listener->reset();
  CHECK(silent.front()->Hear().empty());  // ended by us
  CHECK_FALSE(Probe(url));
}

TEST_CASE("Listener: without descriptors it waits, and answers when there are some again") {
  auto listener = Listener::Start("127.0.0.1", 0, OneRoute());
  REQUIRE(listener);
  rlimit all{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &all) == 0);
  const int lowest = dup(0);
  close(lowest);
  const rlimit few{.rlim_cur = static_cast<rlim_t>(lowest) + 1, .rlim_max = all.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  const Peer peer((*listener)->port());  // takes the last
  peer.Say("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK_FALSE(peer.HearsWithin(std::chrono::milliseconds(250)));
  REQUIRE(setrlimit(RLIMIT_NOFILE, &all) == 0);
  CHECK(peer.Hear().starts_with("HTTP/1.1 200"));
}

TEST_CASE("Listener: who fills it and asks nothing makes room for who asks, the oldest first") {
  auto listener = Listener::Start("127.0.0.1", 0, OneRoute());
  REQUIRE(listener);
  std::vector<std::unique_ptr<Peer>> silent;
  for (int i = 0; i < 128; ++i) silent.push_back(std::make_unique<Peer>((*listener)->port()));
  CHECK(Probe(Url("127.0.0.1", **listener)));
  // Sooner than the five seconds that each is held.
  CHECK(silent.front()->HearsWithin(std::chrono::seconds(2)));
  for (int i = 0; i < 300; ++i) silent.push_back(std::make_unique<Peer>((*listener)->port()));
  CHECK(Probe(Url("127.0.0.1", **listener)));
}

TEST_CASE("Probe: the body of a 200; everything else is an error that says what came") {
  std::string base;
  {
    const Routes routes{
        {"/readyz", [] { return Answer{.body = "[+] pods\n"}; }},
        {"/healthz", [] { return Answer{.status = 503, .body = "[-] loops: stuck\n"}; }}};
    auto listener = Listener::Start("127.0.0.1", 0, routes);
    REQUIRE(listener);
    base = "http://127.0.0.1:" + std::to_string((*listener)->port());
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
