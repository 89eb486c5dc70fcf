// SPDX-License-Identifier: Apache-2.0
//
// The pool against real gRPC servers in this process that play the agent, with the faults an agent
// can have: absent, gone in the middle, replaced, silent.
#include "operator/sources/agents/agent_pool.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>

#include "operator/sources/agents/tls.h"
#include "operator/sources/agents/tune_desk.h"
#include "tests/operator/agent/support/tls_files.h"
#include "tests/support/eventually.h"

namespace plimsoll::agents {
namespace {

using namespace std::chrono_literals;
using agent::testing::Authority;
using agent::testing::Leaf;

// A port of this test's own, where nobody listens until an agent does. Bound all the while, or
// another process would be given it when the agent is gone.
class HeldPort {
 public:
  HeldPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    // As gRPC's servers do: so they can have it besides.
    REQUIRE(setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0);
    REQUIRE(bind(fd_, any, size) == 0);
    REQUIRE(getsockname(fd_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~HeldPort() { close(fd_); }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  [[nodiscard]] int port() const { return port_; }

 private:
  int fd_;
  int port_ = 0;
};

// An agent that welcomes, remembers what it is told and answers tuning calls.
class FakeAgent final : public v1::Agent::Service {
 public:
  explicit FakeAgent(std::string instance, int port = 0, std::string ip = "127.0.0.1",
                     const std::shared_ptr<grpc::ServerCredentials>& credentials =
                         grpc::InsecureServerCredentials())
      : instance_(std::move(instance)), ip_(std::move(ip)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(AddressOf(ip_, static_cast<std::uint16_t>(port)), credentials, &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeAgent() override { Kill(); }
  void Kill() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  int port() const { return port_; }
  Endpoint endpoint(const std::string& node) const {
    return {node, "uid-" + instance_, AddressOf(ip_, static_cast<std::uint16_t>(port_))};
  }

  grpc::Status Stream(grpc::ServerContext*,
                      grpc::ServerReaderWriter<v1::Report, v1::Command>* stream) override {
    v1::Command command;
    while (stream->Read(&command)) {
      if (command.has_hello()) {
        v1::Report report;
        report.mutable_welcome()->set_agent_instance(instance_);
        report.mutable_welcome()->set_agent_version("0.9.0");
        report.mutable_welcome()->set_protocol_version(protocol);
        stream->Write(report);
      }
      if (command.has_tune()) {
        v1::Report report;
        report.mutable_tune_result()->set_id(command.tune().id());
        if (command.tune().container_id() == "refuses") {
          report.mutable_tune_result()->set_error("the app does not accept tuning");
        } else if (command.tune().container_id() == "slow") {
          report.mutable_tune_result()->set_error("the endpoint did not answer within 5 s");
          report.mutable_tune_result()->set_undecided(true);
        }
        if (command.tune().container_id() != "silent") stream->Write(report);
      }
      const std::lock_guard lock(mutex_);
      commands_.push_back(command);
      changed_.notify_all();
    }
    return grpc::Status::OK;
  }

  std::atomic<std::uint32_t> protocol = 1;

  // Waits for a command that satisfies `wanted`.
  template <class Wanted>
  bool Saw(Wanted wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] { return std::ranges::any_of(commands_, wanted); });
  }

 private:
  std::string instance_;
  std::string ip_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<v1::Command> commands_;
};

class Recorder final : public Listener {
 public:
  explicit Recorder(TuneDesk* desk = nullptr) : desk_(desk) {}
  void OnConnected(const std::string&, const v1::Welcome& welcome) override {
    Note([&] { connected_.push_back(welcome.agent_instance()); });
  }
  void OnReport(const std::string& node, const v1::Report& report) override {
    if (desk_ != nullptr && report.has_tune_result()) desk_->OnResult(node, report.tune_result());
  }
  void OnDisconnected(const std::string& node, const std::string& problem) override {
    Note([&] {
      ++disconnects_;
      problems_.push_back(node + ": " + problem);
    });
  }
  bool Connected(std::size_t times, std::chrono::milliseconds within = 60s) {
    return Wait([&] { return connected_.size() >= times; }, within);
  }
  std::size_t problems() {
    const std::lock_guard lock(mutex_);
    return problems_.size();
  }
  bool Disconnected(int times) {
    return Wait([&] { return disconnects_ >= times; });
  }
  // That a problem with all of these was told.
  bool Told(const std::vector<std::string>& parts) {
    return Wait([&] {
      return std::ranges::any_of(problems_, [&](const std::string& problem) {
        return std::ranges::all_of(parts, [&](const std::string& part) {
          return problem.find(part) != std::string::npos;
        });
      });
    });
  }
  std::string last() {
    const std::lock_guard lock(mutex_);
    return connected_.back();
  }

 private:
  template <class Change>
  void Note(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <class Condition>
  bool Wait(Condition condition, std::chrono::milliseconds within = 60s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, condition);
  }
  TuneDesk* desk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> connected_;
  int disconnects_ = 0;
  std::vector<std::string> problems_;
};

// What calls of a desk were answered, by container.
class Answers {
 public:
  Status Ask(TuneDesk& desk, AgentPool& pool, const std::string& container,
             Instant deadline = Instant::max()) {
    return desk.Send(pool, "n1", container, {{"GOGC", 100}}, deadline,
                     [this, container](const Status& answer) {
                       const std::lock_guard lock(mutex_);
                       answers_.emplace_back(container, answer);
                     });
  }
  Status Wait(const std::string& container) {
    Status answer;
    CHECK(testing::Eventually([&] {
      const std::lock_guard lock(mutex_);
      const auto found =
          std::ranges::find(answers_, container, [](const auto& a) { return a.first; });
      if (found == answers_.end()) return false;
      answer = found->second;
      return true;
    }));
    return answer;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return answers_.size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, Status>> answers_;
};

PoolOptions Quick() {
  PoolOptions options;
  options.operator_version = "test";
  options.credentials = []() -> Result<std::shared_ptr<grpc::ChannelCredentials>> {
    return grpc::InsecureChannelCredentials();
  };
  options.backoff_initial = 5ms;
  options.backoff_max = 20ms;
  return options;
}

TEST_CASE("AgentPool: says hello, sends the watch set and acknowledges") {
  FakeAgent agent("one");
  Recorder recorder;
  AgentPool pool(Quick(), recorder);
  v1::WatchSet watch;
  watch.add_containers()->set_name("app");
  pool.SetWatch("n1", watch);

  pool.SetAgents({agent.endpoint("n1")});

  REQUIRE(recorder.Connected(1));
  CHECK(agent.Saw([](const v1::Command& c) { return c.hello().protocol_version() == 1; }));
  CHECK(agent.Saw([](const v1::Command& c) { return c.watch().containers_size() == 1; }));
  pool.Ack("n1", "one", 7);
  CHECK(agent.Saw([](const v1::Command& c) { return c.ack().cursor() == 7; }));
  REQUIRE(pool.Links().size() == 1);
  CHECK(pool.Links()[0].state == LinkState::kConnected);
}

TEST_CASE("AgentPool: a pod that has only an IPv6 address is dialled at it, in brackets") {
  CHECK(AddressOf("10.244.0.7", 9478) == "10.244.0.7:9478");
  CHECK(AddressOf("fd00::7", 9478) == "[fd00::7]:9478");
  FakeAgent agent("first", 0, "::1");
  if (agent.port() == 0) {
    MESSAGE("this machine has no IPv6: only the form of the address was checked");
    return;
  }
  Recorder recorder;
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({agent.endpoint("n1")});
  CHECK(recorder.Connected(1));
}

TEST_CASE("AgentPool: an agent that is not there is dialled again and again, then found") {
  const HeldPort held;
  Recorder recorder;
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({{"n1", "uid", "127.0.0.1:" + std::to_string(held.port())}});
  REQUIRE(recorder.Disconnected(30));
  CHECK_FALSE(pool.Links()[0].problem.empty());

  FakeAgent back("back", held.port());

  CHECK(recorder.Connected(1));
}

TEST_CASE("AgentPool: after a cut it resumes from the acknowledged cursor of the same process") {
  const HeldPort held;
  FakeAgent agent("one", held.port());
  Recorder recorder;
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({agent.endpoint("n1")});
  REQUIRE(recorder.Connected(1));
  pool.Ack("n1", "one", 41);
  REQUIRE(agent.Saw([](const v1::Command& c) { return c.ack().cursor() == 41; }));
  agent.Kill();
  REQUIRE(recorder.Disconnected(1));

  FakeAgent restarted("two", held.port());

  REQUIRE(recorder.Connected(2));
  CHECK(recorder.last() == "two");
  CHECK(restarted.Saw([](const v1::Command& c) {
    return c.hello().agent_instance() == "one" && c.hello().cursor() == 41;
  }));
  // A late acknowledgement for the process before must not count for this one.
  pool.Ack("n1", "one", 99);
  pool.Ack("n1", "two", 3);
  CHECK(restarted.Saw([](const v1::Command& c) { return c.ack().cursor() == 3; }));
}

TEST_CASE("AgentPool: a stream that falls silent is cut and dialled anew") {
  FakeAgent agent("one");
  Recorder recorder;
  PoolOptions options = Quick();
  options.silence = 500ms;
  AgentPool pool(options, recorder);

  pool.SetAgents({agent.endpoint("n1")});

  CHECK(recorder.Connected(3));
}

TEST_CASE("AgentPool: that a node's agent is gone is told, and that it was only replaced is not") {
  FakeAgent one("one");
  FakeAgent two("two");
  Recorder recorder;
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({one.endpoint("n1"), one.endpoint("n2")});
  REQUIRE(recorder.Connected(2));

  pool.SetAgents({two.endpoint("n1")});

  REQUIRE(recorder.Connected(3));
  CHECK(recorder.last() == "two");
  REQUIRE(recorder.Told({"n2: ", "pod is gone", "plimsoll-agent DaemonSet"}));
  CHECK(recorder.problems() == 1);
  CHECK(pool.Links().size() == 1);
}

TEST_CASE(
    "AgentPool: an agent of another protocol is not listened to, and both versions are named") {
  FakeAgent agent("other");
  Recorder recorder;
  agent.protocol = 2;
  AgentPool pool(Quick(), recorder);

  pool.SetAgents({agent.endpoint("n1")});

  CHECK(recorder.Told(
      {"n1: ", "agent 0.9.0 speaks agent protocol 2", "operator test speaks 1", "helm upgrade"}));
  CHECK_FALSE(recorder.Connected(1, 0ms));
  agent.protocol = 1;
  CHECK(recorder.Connected(1));
}

TEST_CASE("AgentPool: with whom TLS does not work is named, with the reason and a remedy") {
  const auto ours = Authority("ours");
  const auto theirs = Authority("theirs");
  Recorder recorder;
  PoolOptions options = Quick();
  options.agent_name = "plimsoll-agent";
  options.credentials = [&]() -> Result<std::shared_ptr<grpc::ChannelCredentials>> {
    const auto client = Leaf(ours, "operator", certificates::Usage::kClient);
    return MutualTls(
        {.authority = ours.certificate, .certificate = client.certificate, .key = client.key});
  };
  const auto serve = [](const certificates::KeyPair& authority,
                        const certificates::KeyPair& of_operator) {
    const auto leaf = Leaf(authority, "plimsoll-agent", certificates::Usage::kServer);
    grpc::SslServerCredentialsOptions tls(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = of_operator.certificate;
    tls.pem_key_cert_pairs.push_back({leaf.key, leaf.certificate});
    return grpc::SslServerCredentials(tls);
  };
  FakeAgent foreign("foreign", 0, "127.0.0.1", serve(theirs, ours));
  FakeAgent plain("plain");
  FakeAgent right("right", 0, "127.0.0.1", serve(ours, ours));
  FakeAgent refusing("refusing", 0, "127.0.0.1", serve(ours, theirs));
  AgentPool pool(options, recorder);

  pool.SetAgents({foreign.endpoint("n1"), plain.endpoint("n2"), right.endpoint("n3"),
                  refusing.endpoint("n4")});

  CHECK(recorder.Connected(1));
  CHECK(recorder.last() == "right");
  CHECK(recorder.Told({"n1: ", "not of the operator's authority", "delete the agent's pod"}));
  CHECK(recorder.Told({"n2: ", "serves without TLS", "--tls-dir"}));
  CHECK(recorder.Told({"n4: ", "does not trust the operator's certificate", "TLS secrets"}));
}

TEST_CASE("AgentStream: cancelling a stream that has ended does nothing") {
  const HeldPort held;
  for (int i = 0; i < 20; ++i) {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::shared_ptr<AgentStream> ended;  // let go of here, never on gRPC's thread
    const auto stream =
        AgentStream::Make(grpc::CreateChannel("127.0.0.1:" + std::to_string(held.port()),
                                              grpc::InsecureChannelCredentials()),
                          {},
                          {.on_report = [](const v1::Report&) {},
                           .on_done =
                               [&](const grpc::Status&, std::shared_ptr<AgentStream> last) {
                                 const std::lock_guard lock(mutex);
                                 ended = std::move(last);
                                 done = true;
                                 changed.notify_all();
                               }});
    stream->Begin();
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 60s, [&] { return done; }));
    stream->Cancel();
    v1::Command ack;
    ack.mutable_ack()->set_cursor(1);
    CHECK_FALSE(stream->Send(ack));
  }
}

TEST_CASE("AgentPool: without credentials nothing is dialled and the reason is shown") {
  FakeAgent agent("one");
  Recorder recorder;
  PoolOptions options = Quick();
  options.credentials = []() -> Result<std::shared_ptr<grpc::ChannelCredentials>> {
    return Fail(ErrorCode::kRetryable, "no certificate yet");
  };
  AgentPool pool(options, recorder);

  pool.SetAgents({agent.endpoint("n1")});

  CHECK(testing::Eventually([&] { return pool.Links().at(0).problem == "no certificate yet"; }));
  CHECK(pool.Links().at(0).state == LinkState::kWaiting);
}

TEST_CASE("Silent: all agents are heard and there is one, or it says who is not") {
  const LinkInfo heard{.node = "n1", .state = LinkState::kConnected, .problem = {}};
  const LinkInfo dialled{.node = "n2", .state = LinkState::kConnecting, .problem = {}};
  const LinkInfo refused{.node = "n3", .state = LinkState::kWaiting, .problem = "no certificate"};
  CHECK(Silent({heard}).empty());
  CHECK(Silent({}).starts_with("no pod of an agent"));
  CHECK(Silent({heard, dialled}) == "1 of 2 agents not connected; node n2: being dialled");
  CHECK(Silent({heard, refused, dialled}) ==
        "2 of 3 agents not connected; node n3: no certificate");
}

TEST_CASE("TuneDesk: the app's answer comes back, refusals in its own words") {
  FakeAgent agent("one");
  TuneDesk desk("test");
  Recorder recorder(&desk);
  AgentPool pool(Quick(), recorder);
  Answers answers;
  const Status away = answers.Ask(desk, pool, "c");
  CHECK(away.error().code() == ErrorCode::kRetryable);
  pool.SetAgents({agent.endpoint("n1")});
  REQUIRE(recorder.Connected(1));

  REQUIRE(answers.Ask(desk, pool, "accepts"));
  REQUIRE(answers.Ask(desk, pool, "refuses"));
  CHECK(answers.Wait("accepts").has_value());
  const Status refused = answers.Wait("refuses");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::kInvalid);
  CHECK(refused.error().message() == "the app does not accept tuning");
  desk.Expire(Instant::max());
  desk.Close();
  CHECK(answers.size() == 2);  // each once, and none of what was not sent
}

TEST_CASE("TuneDesk: an app that was too slow has not refused, nor has an agent that is silent") {
  FakeAgent agent("one");
  TuneDesk desk("test");
  Recorder recorder(&desk);
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({agent.endpoint("n1")});
  REQUIRE(recorder.Connected(1));
  Answers answers;
  REQUIRE(answers.Ask(desk, pool, "silent", Instant(20s)));
  REQUIRE(answers.Ask(desk, pool, "slow"));
  const Status slow = answers.Wait("slow");
  REQUIRE_FALSE(slow.has_value());
  CHECK(slow.error().code() == ErrorCode::kConflict);
  CHECK(slow.error().message() == "the endpoint did not answer within 5 s");
  CHECK(answers.size() == 1);  // the silent one held up nobody

  desk.Expire(Instant(20s) - 1ms);
  CHECK(answers.size() == 1);
  desk.Expire(Instant(20s));
  REQUIRE(answers.size() == 2);
  CHECK(answers.Wait("silent").error().code() == ErrorCode::kConflict);
}

TEST_CASE("TuneDesk: what another node's agent says of a call is not its answer") {
  FakeAgent agent("one");
  TuneDesk desk("test");
  Recorder recorder(&desk);
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({agent.endpoint("n1")});
  REQUIRE(recorder.Connected(1));
  Answers answers;
  REQUIRE(answers.Ask(desk, pool, "silent"));
  v1::TuneResult result;
  result.set_id("test/1");
  desk.OnResult("n2", result);
  CHECK(answers.size() == 0);
  desk.OnResult("n1", result);
  CHECK(answers.size() == 1);
}

TEST_CASE("TuneDesk: closed, it answers all that waits, and sends nothing more") {
  FakeAgent agent("one");
  TuneDesk desk("test");
  Recorder recorder(&desk);
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({agent.endpoint("n1")});
  REQUIRE(recorder.Connected(1));
  Answers answers;
  REQUIRE(answers.Ask(desk, pool, "silent"));
  desk.Close();
  REQUIRE(answers.size() == 1);
  CHECK(answers.Wait("silent").error().code() == ErrorCode::kConflict);
  const Status after = answers.Ask(desk, pool, "accepts");
  REQUIRE_FALSE(after.has_value());
  CHECK(after.error().code() == ErrorCode::kRetryable);
  desk.Close();
  CHECK(answers.size() == 1);
}

TEST_CASE("TuneDesk: closed in the middle of it, every call has one answer") {
  FakeAgent agent("one");
  TuneDesk desk("test");
  Recorder recorder(&desk);
  AgentPool pool(Quick(), recorder);
  pool.SetAgents({agent.endpoint("n1")});
  REQUIRE(recorder.Connected(1));
  Answers answers;
  std::atomic<std::size_t> sent{0};
  {
    const std::jthread sender([&] {
      for (int i = 0; i < 200; ++i) {
        if (answers.Ask(desk, pool, "accepts")) ++sent;
      }
    });
    const std::jthread expirer([&] {
      for (int i = 0; i < 50; ++i) desk.Expire(Instant::max());
    });
    (void)testing::Eventually([&] { return answers.size() > 20; });
    desk.Close();
  }
  CHECK(testing::Eventually([&] { return answers.size() == sent; }));
}

}  // namespace
}  // namespace plimsoll::agents
