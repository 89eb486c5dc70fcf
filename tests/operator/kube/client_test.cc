// SPDX-License-Identifier: Apache-2.0
//
// Unary calls, credentials and TLS over real sockets.
#include "operator/kube/client.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "operator/kube/applier.h"
#include "operator/kube/base64.h"
#include "operator/kube/exec_plugin.h"
#include "operator/kube/resources.h"
#include "operator/kube/server_version.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_api_server.h"
#include "tests/support/manual_clock.h"
#include "tests/support/test_certificates.h"

namespace plimsoll::testing {
namespace {

using namespace kube;
using Json = nlohmann::json;
namespace fs = std::filesystem;

class TempFile {
 public:
  explicit TempFile(const std::string& name, const std::string& text)
      : path_(fs::temp_directory_path() / (name + "." + std::to_string(getpid()))) {
    Write(text);
  }
  ~TempFile() { fs::remove(path_); }
  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::unique_ptr<Client> Connect(ClusterConfig config, ClientOptions options = {}) {
  options.timeout = std::chrono::seconds(60);
  auto client = Client::Create(std::move(config), std::move(options));
  REQUIRE_MESSAGE(client, client.error().message());
  return std::move(*client);
}

// A server that answers everything by one function.
HttpServer Answer(int status, const std::string& body,
                  const std::string& type = "application/json") {
  return HttpServer([=](const HttpRequest&, HttpResponder& out) { out.Send(status, type, body); });
}

TEST_CASE("Client: every refusal of the server has its code and says what was asked") {
  const std::pair<int, ErrorCode> cases[] = {
      {400, ErrorCode::kInvalid},   {401, ErrorCode::kForbidden}, {403, ErrorCode::kForbidden},
      {404, ErrorCode::kNotFound},  {409, ErrorCode::kConflict},  {410, ErrorCode::kGone},
      {422, ErrorCode::kInvalid},   {429, ErrorCode::kRetryable}, {500, ErrorCode::kRetryable},
      {503, ErrorCode::kRetryable},
  };
  for (const auto& [status, code] : cases) {
    CAPTURE(status);
    HttpServer server = Answer(
        status, Json{{"kind", "Status"}, {"reason", "Because"}, {"message", "not today"}}.dump());
    const auto client = Connect({.server = server.url()});
    const auto refused = client->Get(kPods, {"shop", "cart"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == code);
    CHECK(refused.error().message().starts_with("GET /api/v1/namespaces/shop/pods/cart: " +
                                                std::to_string(status) + " Because: not today"));
  }
}

TEST_CASE("Client: nobody there, garbage and a page instead of JSON are told apart") {
  const auto nobody = Connect({.server = "http://127.0.0.1:1"})->GetPath("/version");
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code() == ErrorCode::kRetryable);
  CHECK(nobody.error().message().find("127.0.0.1:1") != std::string::npos);

  HttpServer garbage([](const HttpRequest&, HttpResponder& out) {
    out.Raw("this is no HTTP\r\n\r\n");
    out.Reset();
  });
  CHECK_FALSE(Connect({.server = garbage.url()})->GetPath("/version"));

  HttpServer page = Answer(200, "<html>", "text/html");
  const auto html = Connect({.server = page.url()})->GetPath("/version");
  REQUIRE_FALSE(html);
  CHECK(html.error().code() == ErrorCode::kInternal);
  CHECK(html.error().message().find("<html>") != std::string::npos);
}

TEST_CASE("Client: a silent server ends the call at its time-out") {
  HttpServer server(
      [](const HttpRequest&, HttpResponder& out) { out.Sleep(std::chrono::seconds(30)); });
  auto client =
      Client::Create({.server = server.url()}, {.timeout = std::chrono::milliseconds(200)});
  REQUIRE(client);
  const auto silent = (*client)->GetPath("/version");
  REQUIRE_FALSE(silent);
  CHECK(silent.error().code() == ErrorCode::kRetryable);
}

TEST_CASE("Client: a call that is stopped returns at once") {
  HttpServer server(
      [](const HttpRequest&, HttpResponder& out) { out.Sleep(std::chrono::seconds(30)); });
  const auto client = Connect({.server = server.url()});
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  const auto stopped = client->GetPath("/version", stop.get_token());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code() == ErrorCode::kCanceled);
}

TEST_CASE("Client: 429 and 503 with Retry-After are tried again, without it they are not") {
  std::atomic<int> calls = 0;
  HttpServer server([&](const HttpRequest& request, HttpResponder& out) {
    const bool wait = request.path == "/wait";
    if (++calls <= 2) {
      out.Send(503, "application/json", "{}",
               wait ? std::map<std::string, std::string>{{"Retry-After", "0"}}
                    : std::map<std::string, std::string>{});
    } else {
      out.Send(200, "application/json", "{}");
    }
  });
  const auto client = Connect({.server = server.url()});
  CHECK(client->GetPath("/wait"));
  CHECK(calls == 3);
  calls = 0;
  CHECK_FALSE(client->GetPath("/now"));
  CHECK(calls == 1);
}

TEST_CASE("Client: a closed fence holds every write back and lets reads through") {
  std::atomic<int> calls = 0;
  HttpServer server([&](const HttpRequest&, HttpResponder& out) {
    ++calls;
    out.Send(200, "application/json", "{}");
  });
  std::atomic<bool> open = false;
  const auto client = Connect({.server = server.url()}, {.write_fence = [&]() -> Status {
                                if (open) return {};
                                return Fail(ErrorCode::kCanceled, "not the leader");
                              }});
  const Json body{{"metadata", {{"name", "a"}}}};
  CHECK(client->Create(kPods, "shop", body).error().code() == ErrorCode::kCanceled);
  CHECK_FALSE(client->Update(kPods, {"shop", "a"}, body));
  CHECK_FALSE(client->Patch(kPods, {"shop", "a"}, PatchType::kMerge, body));
  CHECK_FALSE(client->Delete(kPods, {"shop", "a"}));
  CHECK(calls == 0);
  CHECK(client->GetPath("/version"));
  open = true;
  CHECK(client->Create(kPods, "shop", body));
  CHECK(calls == 2);
}

TEST_CASE("Client: patches carry their type, subresource and manager; apply needs a manager") {
  HttpRequest seen;
  HttpServer server([&](const HttpRequest& request, HttpResponder& out) {
    seen = request;
    out.Send(200, "application/json", "{}");
  });
  const auto client = Connect({.server = server.url() + "/prefix"}, {.user_agent = "me/1"});
  REQUIRE(client->Patch(
      kPods, {"shop", "a"}, PatchType::kApply, Json::object(),
      {.subresource = "status", .field_manager = "m", .force = true, .dry_run = true}));
  CHECK(seen.method == "PATCH");
  CHECK(seen.path == "/prefix/api/v1/namespaces/shop/pods/a/status");
  CHECK(seen.query == std::map<std::string, std::string>{
                          {"fieldManager", "m"}, {"force", "true"}, {"dryRun", "All"}});
  CHECK(seen.headers["content-type"] == "application/apply-patch+yaml");
  CHECK(seen.headers["user-agent"] == "me/1");
  const auto unnamed = client->Patch(kPods, {"shop", "a"}, PatchType::kApply, Json::object());
  CHECK(unnamed.error().code() == ErrorCode::kInvalid);
}

TEST_CASE("Applier: an equal document costs no request, a failed one is sent again") {
  std::atomic<int> calls = 0;
  std::atomic<int> status = 500;
  HttpServer server([&](const HttpRequest&, HttpResponder& out) {
    ++calls;
    out.Send(status, "application/json", "{}");
  });
  const auto client = Connect({.server = server.url()});
  Applier applier(*client, "me");
  const Json document{{"status", {{"x", 1}}}};
  CHECK_FALSE(applier.Apply(kPods, {"shop", "a"}, document, "status"));
  status = 200;
  CHECK(applier.Apply(kPods, {"shop", "a"}, document, "status") == true);
  CHECK(applier.Apply(kPods, {"shop", "a"}, document, "status") == false);
  CHECK(calls == 2);
  applier.Forget(kPods, {"shop", "a"});
  CHECK(applier.Apply(kPods, {"shop", "a"}, document, "status") == true);
}

TEST_CASE("Credentials: a rotated token file is read again after 401, and each minute") {
  std::mutex mutex;
  std::string valid = "Bearer one";
  std::vector<std::string> seen;
  HttpServer server([&](const HttpRequest& request, HttpResponder& out) {
    const std::lock_guard lock(mutex);
    const auto header = request.headers.find("authorization");
    seen.push_back(header == request.headers.end() ? "" : header->second);
    out.Send(seen.back() == valid ? 200 : 401, "application/json", "{}");
  });
  const TempFile token("kube-token", "one\n");
  const auto clock = std::make_shared<ManualClock>();
  const auto client =
      Connect({.server = server.url(), .token_file = token.path()}, {.clock = clock});
  CHECK(client->GetPath("/a"));

  token.Write("two");
  {
    const std::lock_guard lock(mutex);
    valid = "Bearer two";
  }
  CHECK(client->GetPath("/a"));  // 401, read again, 200
  CHECK(seen == std::vector<std::string>{"Bearer one", "Bearer one", "Bearer two"});

  token.Write("three");
  {
    const std::lock_guard lock(mutex);
    valid = "Bearer three";
  }
  clock->Advance(std::chrono::minutes(1));
  CHECK(client->GetPath("/a"));
  CHECK(seen.back() == "Bearer three");
  CHECK(seen.size() == 4);
}

TEST_CASE("Credentials: a token that could smuggle a header is refused") {
  const auto client = Connect({.server = "http://127.0.0.1:1", .token = "a\r\nX-Evil: 1"});
  CHECK(client->GetPath("/a").error().message().find("cannot have") != std::string::npos);
}

TEST_CASE("Credentials: a rotated authority counts from the next connection on") {
  const TestAuthority first;
  const TestAuthority second;
  HttpServer server(
      [](const HttpRequest&, HttpResponder& out) { out.Send(200, "application/json", "{}"); },
      first.Issue("127.0.0.1"));
  const TempFile ca("kube-ca", first.certificate_pem());
  const auto client = Connect({.server = server.url(), .ca = {.file = ca.path()}});
  CHECK_MESSAGE(client->GetPath("/a"), "the first authority");

  server.UseTls(second.Issue("127.0.0.1"));
  server.DropConnections();
  const auto unknown = client->GetPath("/a");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code() == ErrorCode::kForbidden);
  CHECK(unknown.error().message().find("certificate-authority") != std::string::npos);

  ca.Write(second.certificate_pem());
  CHECK(client->GetPath("/a"));
}

TEST_CASE("TLS: a wrong name, an unknown authority and a missing CA file are refused") {
  const TestAuthority authority;
  const TestAuthority stranger;
  HttpServer server(
      [](const HttpRequest&, HttpResponder& out) { out.Send(200, "application/json", "{}"); },
      authority.Issue("kubernetes.default.svc"));
  const PemSource ca{.data = authority.certificate_pem()};

  CHECK_FALSE(Connect({.server = server.url(), .ca = ca})->GetPath("/a"));
  CHECK(Connect({.server = server.url(), .tls_server_name = "kubernetes.default.svc", .ca = ca})
            ->GetPath("/a"));
  CHECK_FALSE(Connect({.server = server.url(),
                       .tls_server_name = "kubernetes.default.svc",
                       .ca = {.data = stranger.certificate_pem()}})
                  ->GetPath("/a"));
  CHECK_FALSE(Connect({.server = server.url()})->GetPath("/a"));
  CHECK(Connect({.server = server.url(), .insecure_skip_tls_verify = true})->GetPath("/a"));
  const auto absent = Client::Create({.server = server.url(), .ca = {.file = "/absent/ca.crt"}});
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message().find("/absent/ca.crt") != std::string::npos);
}

TEST_CASE("Client: a URL or proxy that cannot work is refused with its key") {
  CHECK(Client::Create({.server = "nonsense"}).error().message().starts_with("server:"));
  CHECK(Client::Create({.server = "https://a", .proxy_url = "socks5://b"})
            .error()
            .message()
            .starts_with("proxy-url:"));
  CHECK(Client::Create({.server = "https://127.0.0.1:99999999"})
            .error()
            .message()
            .starts_with("server: \"https://127.0.0.1:99999999\""));
}

TEST_CASE(
    "Client: credentials that cannot work are refused with their key, before any connection") {
  const TestAuthority authority;
  const ServerTls one = authority.Issue("one");
  const ServerTls other = authority.Issue("other");
  const std::string garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const auto refusal = [](ClusterConfig config) {
    config.server = "https://127.0.0.1:1";
    const auto client = Client::Create(std::move(config));
    return client ? std::string("taken") : client.error().message();
  };
  CHECK(refusal({.ca = {.data = authority.certificate_pem()},
                 .client_certificate = {.data = one.certificate_pem},
                 .client_key = {.data = one.key_pem}}) == "taken");
  CHECK(refusal({.ca = {.data = garbage}}) == "certificate-authority holds no PEM certificate");
  CHECK(refusal({.client_certificate = {.data = garbage}, .client_key = {.data = one.key_pem}})
            .starts_with("client-certificate holds no certificate that can be read"));
  CHECK(refusal(
            {.client_certificate = {.data = one.certificate_pem}, .client_key = {.data = garbage}})
            .starts_with("client-key holds no key that can be read"));
  CHECK(refusal({.client_certificate = {.data = one.certificate_pem},
                 .client_key = {.data = other.key_pem}})
            .starts_with("client-key is not the key of client-certificate"));
}

TEST_CASE("Credentials: a token file that was emptied is named") {
  const TempFile token("kube-empty-token", "");
  const auto client = Connect({.server = "http://127.0.0.1:1", .token_file = token.path()});
  const auto refused = client->GetPath("/a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message().find("tokenFile " + token.path() + ": the token is empty") !=
        std::string::npos);
}

TEST_CASE("Exec plugin: its token is used until it ends, and asked for again after 401") {
  const TempFile counter("kube-exec-count", "");
  const TempFile program(
      "kube-exec", "#!/bin/sh\necho run >>" + counter.path() +
                       "\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\","
                       "\"kind\":\"ExecCredential\",\"status\":{\"token\":\"'$GREETING'\"}}'\n");
  chmod(program.path().c_str(), 0700);
  std::atomic<int> refuse = 0;
  HttpServer server([&](const HttpRequest& request, HttpResponder& out) {
    const bool good = request.headers.contains("authorization") &&
                      request.headers.at("authorization") == "Bearer hello" && refuse-- <= 0;
    out.Send(good ? 200 : 401, "application/json", "{}");
  });
  ClusterConfig config{.server = server.url()};
  config.exec = ExecPlugin{.command = program.path(),
                           .env = {{"GREETING", "hello"}},
                           .api_version = "client.authentication.k8s.io/v1"};
  const auto client = Connect(config);
  CHECK(client->GetPath("/a"));
  CHECK(client->GetPath("/a"));
  CHECK(fs::file_size(counter.path()) == 4);  // ran once
  refuse = 1;
  CHECK(client->GetPath("/a"));
  CHECK(fs::file_size(counter.path()) == 8);
}

// How many of the processes listed in a file run; one that only waits to be reaped does not.
int RunningOf(const std::string& list) {
  std::ifstream in(list);
  int running = 0;
  for (std::string pid; in >> pid;) {
    std::ifstream stat("/proc/" + pid + "/stat");
    std::string text;
    std::getline(stat, text);
    const std::size_t name_end = text.rfind(')');
    if (name_end != std::string::npos && text.substr(name_end + 2, 1) != "Z") ++running;
  }
  return running;
}

TEST_CASE("Exec plugin: a stop ends its run, all it started, and every request that waits for it") {
  const TempFile runs("kube-exec-runs", "");
  ClusterConfig config{.server = "http://127.0.0.1:1"};
  config.exec = ExecPlugin{
      .command = "sh",
      .args = {"-c", "sleep 1000 >&- 2>&- & echo $$ $! >>" + runs.path() + "; exec >&- 2>&-; wait"},
      .api_version = "client.authentication.k8s.io/v1"};
  const auto client = Connect(config);
  std::vector<std::stop_source> stops(4);
  std::vector<std::optional<ErrorCode>> ends(stops.size());
  std::vector<std::jthread> callers;
  for (std::size_t i = 0; i < stops.size(); ++i) {
    callers.emplace_back([&, i] {
      const auto answer = client->GetPath("/version", stops[i].get_token());
      if (!answer) ends[i] = answer.error().code();
    });
  }
  REQUIRE(Eventually([&] { return RunningOf(runs.path()) == 2; }));
  // One after the other, from the last: whoever began the run, the others' stops are seen.
  for (std::size_t i = stops.size(); i-- > 0;) {
    stops[i].request_stop();
    callers[i].join();
    CHECK(ends[i] == ErrorCode::kCanceled);
  }
  CHECK(Eventually([&] { return RunningOf(runs.path()) == 0; }));
  std::stop_source stopped;
  stopped.request_stop();
  const auto before = fs::file_size(runs.path());
  CHECK_FALSE(client->GetPath("/version", stopped.get_token()));
  CHECK(fs::file_size(runs.path()) == before);  // no new run once stopped
}

TEST_CASE("Exec plugin: a request without a stop of its own ends with the program") {
  ClusterConfig config{.server = "http://127.0.0.1:1"};
  config.exec = ExecPlugin{
      .command = "sleep", .args = {"1000"}, .api_version = "client.authentication.k8s.io/v1"};
  std::stop_source ending;
  ClientOptions options;
  options.ending = ending.get_token();
  const auto client = Connect(config, options);
  std::jthread stopper([&] { ending.request_stop(); });
  const auto ended = client->GetPath("/version");
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code() == ErrorCode::kCanceled);
}

TEST_CASE("Exec plugin: who waits for a run takes its failure and starts none of its own") {
  const TempFile runs("kube-exec-failing", "");
  const TempFile go("kube-exec-go", "");
  ClusterConfig config{.server = "http://127.0.0.1:1"};
  config.exec = ExecPlugin{.command = "sh",
                           .args = {"-c", "echo run >>" + runs.path() + "; while [ ! -s " +
                                              go.path() + " ]; do sleep 0.01; done; exit 3"},
                           .api_version = "client.authentication.k8s.io/v1"};
  const auto client = Connect(config);
  constexpr int kCallers = 16;
  std::atomic<int> begun = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&] {
        ++begun;
        if (!client->GetPath("/version")) ++refused;
      });
    }
    REQUIRE(Eventually([&] { return begun == kCallers && fs::file_size(runs.path()) > 0; }));
    go.Write("go");
  }
  CHECK(refused == kCallers);
  // Mostly one; a caller that came so late that the run was over has begun another.
  CHECK(fs::file_size(runs.path()) < kCallers * 4);
}

TEST_CASE("Exec plugin: who asks for the cluster is told of it, the authority's file as its text") {
  const TempFile ca("kube-exec-ca", "the authority");
  const TempFile seen("kube-exec-info", "");
  ExecPlugin plugin{.command = "sh",
                    .args = {"-c", "printf %s \"$KUBERNETES_EXEC_INFO\" >" + seen.path()},
                    .api_version = "client.authentication.k8s.io/v1"};
  ClusterConfig cluster{.server = "https://10.96.0.1", .ca = {.file = ca.path()}};
  const auto told = [&] {
    (void)RunExecPlugin(plugin, cluster);
    std::ifstream in(seen.path());
    return Json::parse(in).at("spec").value("cluster", Json());
  };
  CHECK(told().is_null());  // not asked for
  plugin.provide_cluster_info = true;
  const std::string data = EncodeBase64("the authority");
  CHECK(told() == Json{{"server", cluster.server}, {"certificate-authority-data", data}});
  cluster.ca = {.data = "the authority"};
  CHECK(told() == Json{{"server", cluster.server}, {"certificate-authority-data", data}});
  cluster.ca = {.file = "/absent/ca.crt"};
  const auto absent = RunExecPlugin(plugin, cluster);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message().starts_with("certificate-authority: "));
  CHECK(absent.error().message().find("/absent/ca.crt") != std::string::npos);
}

TEST_CASE("Exec plugin: what goes wrong is told with the hint") {
  ExecPlugin plugin{.command = "no-such-program-anywhere",
                    .api_version = "client.authentication.k8s.io/v1",
                    .install_hint = "install it from the shelf"};
  const auto absent = RunExecPlugin(plugin, {});
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message().find("install it from the shelf") != std::string::npos);

  plugin.command = "sh";
  plugin.args = {"-c", "echo sorry >&2; exit 3"};
  const auto failed = RunExecPlugin(plugin, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message().find("exit code 3: sorry") != std::string::npos);

  plugin.args = {"-c", "sleep 30"};
  const auto slow = RunExecPlugin(plugin, {}, std::chrono::milliseconds(100));
  REQUIRE_FALSE(slow);
  CHECK(slow.error().message().find("did not end within") != std::string::npos);

  const std::string version = plugin.api_version;
  CHECK_FALSE(ParseExecCredential("nonsense", version));
  CHECK_FALSE(ParseExecCredential("{}", version));
  CHECK_FALSE(ParseExecCredential(R"({"kind":"ExecCredential","apiVersion":"v0"})", version));
  const std::string head =
      R"({"kind":"ExecCredential","apiVersion":")" + version + R"(","status":)";
  CHECK_FALSE(ParseExecCredential(head + "{}}", version));
  CHECK_FALSE(ParseExecCredential(head + R"({"clientKeyData":"k"}})", version));
  CHECK_FALSE(
      ParseExecCredential(head + R"({"token":"t","expirationTimestamp":"soon"}})", version));
  const auto good = ParseExecCredential(
      head + R"({"token":"t","expirationTimestamp":"2026-11-21T07:28:01+01:00"}})", version);
  REQUIRE(good);
  CHECK(good->expires->time_since_epoch() == std::chrono::seconds(1795242481));
}

TEST_CASE("ServerVersion: a vendor's plus sign is no obstacle, nonsense is refused") {
  CHECK(ParseServerVersion(Json{{"major", "1"}, {"minor", "33+"}})->AtLeast(1, 33));
  CHECK_FALSE(ParseServerVersion(Json{{"major", "1"}, {"minor", "33"}})->AtLeast(1, 34));
  CHECK_FALSE(ParseServerVersion(Json{{"major", 1}}));
  CHECK_FALSE(ParseServerVersion(Json::array()));
}

}  // namespace
}  // namespace plimsoll::testing
