// SPDX-License-Identifier: Apache-2.0
//
// The agent's stream as an operator sees it, over a real gRPC connection.
#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "operator/agent/server/server.h"
#include "tests/operator/agent/support/wait.h"

namespace plimsoll::agent {
namespace {

using testing::Eventually;
using Stream = grpc::ClientReaderWriter<v1::Command, v1::Report>;

class RecordedCommands final : public Commands {
 public:
  void Connected() override { Count(connected_); }
  void Watch(v1::WatchSet watch) override {
    const std::lock_guard lock(mutex_);
    watched_.push_back(std::move(watch));
  }
  void Tune(v1::TuneCommand) override { Count(tuned_); }
  void Acknowledged() override { Count(acknowledged_); }

  int connected() { return Read(connected_); }
  int tuned() { return Read(tuned_); }
  int acknowledged() { return Read(acknowledged_); }
  std::size_t watched() {
    const std::lock_guard lock(mutex_);
    return watched_.size();
  }

 private:
  void Count(int& counter) {
    const std::lock_guard lock(mutex_);
    ++counter;
  }
  int Read(const int& counter) {
    const std::lock_guard lock(mutex_);
    return counter;
  }
  std::mutex mutex_;
  std::vector<v1::WatchSet> watched_;
  int connected_ = 0, tuned_ = 0, acknowledged_ = 0;
};

struct Agent {
  ReportLog log;
  RecordedCommands commands;
  AgentService service{{"0.1.0", "instance-1", "node-a", false}, log, commands};
  std::unique_ptr<Server> server;

  Agent() {
    ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    Result<std::unique_ptr<Server>> started = Server::Start(options, service);
    REQUIRE(started);
    server = *std::move(started);
  }
};

// One operator's connection.
struct Operator {
  explicit Operator(int port)
      : stub(v1::Agent::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                    grpc::InsecureChannelCredentials()))) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(2));
    stream = stub->Stream(&context);
  }

  void Hello(std::uint64_t cursor = 0, const std::string& instance = "",
             std::uint32_t version = 1) const {
    v1::Command command;
    command.mutable_hello()->set_protocol_version(version);
    command.mutable_hello()->set_operator_version("9.9.9");
    command.mutable_hello()->set_agent_instance(instance);
    command.mutable_hello()->set_cursor(cursor);
    stream->Write(command);
  }
  void Ack(std::uint64_t cursor) const {
    v1::Command command;
    command.mutable_ack()->set_cursor(cursor);
    stream->Write(command);
  }
  v1::Report Read() const {
    v1::Report report;
    REQUIRE(stream->Read(&report));
    return report;
  }
  // The status with which the agent ended the stream, after what it still sent.
  grpc::Status End() const {
    v1::Report report;
    while (stream->Read(&report)) {
    }
    return stream->Finish();
  }

  grpc::ClientContext context;
  std::unique_ptr<v1::Agent::Stub> stub;
  std::unique_ptr<Stream> stream;
};

void AppendOom(ReportLog& log, const std::string& id) {
  v1::Report report;
  report.mutable_oom()->set_id(id);
  log.Append(std::move(report));
}

TEST_CASE("Stream: welcome first, then everything not yet acknowledged, then what is new") {
  Agent agent;
  AppendOom(agent.log, "one");
  const Operator peer(agent.server->port());
  peer.Hello();
  const v1::Report welcome = peer.Read();
  REQUIRE(welcome.has_welcome());
  CHECK(welcome.cursor() == 0);
  CHECK(welcome.welcome().protocol_version() == 1);
  CHECK(welcome.welcome().agent_version() == "0.1.0");
  CHECK(welcome.welcome().agent_instance() == "instance-1");
  CHECK(welcome.welcome().node_name() == "node-a");
  CHECK(welcome.welcome().lost_digests() == 0);
  CHECK(peer.Read().oom().id() == "one");
  AppendOom(agent.log, "two");
  const v1::Report second = peer.Read();
  CHECK(second.oom().id() == "two");
  CHECK(second.cursor() == 2);
  CHECK(Eventually([&] { return agent.commands.connected() == 1; }));
}

TEST_CASE("Stream: a new stream resumes at the cursor; one of another instance gets all") {
  Agent agent;
  for (const char* id : {"one", "two", "three"}) AppendOom(agent.log, id);
  {
    const Operator first(agent.server->port());
    first.Hello();
    (void)first.Read();
    CHECK(first.Read().oom().id() == "one");
    first.Ack(1);
    REQUIRE(Eventually([&] { return agent.commands.acknowledged() == 1; }));
    CHECK(first.Read().oom().id() == "two");
  }
  {
    // Died after taking in "two", before acknowledging it; "one" is acknowledged and gone.
    const Operator stranger(agent.server->port());
    stranger.Hello(2, "another instance");
    CHECK(stranger.Read().has_welcome());
    CHECK(stranger.Read().oom().id() == "two");
  }
  const Operator second(agent.server->port());
  second.Hello(2, "instance-1");
  CHECK(second.Read().has_welcome());
  CHECK(second.Read().oom().id() == "three");
  CHECK(agent.log.PendingOoms().size() == 1);
}

TEST_CASE("Stream: digests that fell out of the buffer are counted in the welcome") {
  Agent agent;
  for (int i = 0; i < 60'000; ++i) {
    v1::Report report;
    report.mutable_digest()->set_container_id(std::string(64, 'a'));
    agent.log.Append(std::move(report));
  }
  const Operator peer(agent.server->port());
  peer.Hello();
  const v1::Report welcome = peer.Read();
  const v1::Report oldest = peer.Read();
  CHECK(welcome.welcome().lost_digests() > 0);
  CHECK(oldest.cursor() == welcome.welcome().lost_digests() + 1);
}

TEST_CASE("Stream: a second operator ends the first with ABORTED") {
  Agent agent;
  const Operator first(agent.server->port());
  first.Hello();
  (void)first.Read();
  const Operator second(agent.server->port());
  second.Hello();
  CHECK(second.Read().has_welcome());
  CHECK(first.End().error_code() == grpc::StatusCode::ABORTED);
  AppendOom(agent.log, "for the second");
  CHECK(second.Read().oom().id() == "for the second");
}

TEST_CASE("Stream: what does not begin with a good hello is refused with the reason") {
  Agent agent;
  {
    const Operator peer(agent.server->port());
    peer.Ack(1);
    const grpc::Status status = peer.End();
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(status.error_message().find("hello") != std::string::npos);
  }
  {
    const Operator peer(agent.server->port());
    peer.Hello(0, "", 7);
    const grpc::Status status = peer.End();
    CHECK(status.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
    CHECK(status.error_message().find("9.9.9") != std::string::npos);
    CHECK(status.error_message().find("0.1.0") != std::string::npos);
  }
  {
    const Operator peer(agent.server->port());
    peer.Hello(0, "", 0);
    CHECK(peer.End().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  }
  CHECK(agent.commands.connected() == 0);
}

TEST_CASE("Stream: malformed commands end it, naming the field; good ones are handed on") {
  Agent agent;
  struct Bad {
    std::string field;
    v1::Command command;
  };
  std::vector<Bad> all;
  {
    v1::Command command;
    command.mutable_watch()->add_containers()->set_container_id("short");
    all.push_back({"containers[0]: container_id", command});
  }
  {
    v1::Command command;
    v1::Container& container = *command.mutable_watch()->add_containers();
    container.set_container_id(std::string(64, 'a'));
    container.set_pod_uid("u");
    container.set_stats_socket("relative.sock");
    all.push_back({"stats_socket", command});
  }
  {
    v1::Command command;
    command.mutable_tune()->set_container_id(std::string(64, 'a'));
    all.push_back({"tune.id", command});
  }
  {
    v1::Command command;
    command.mutable_tune()->set_id("1");
    command.mutable_tune()->set_container_id(std::string(64, 'a'));
    all.push_back({"settings", command});
  }
  for (const Bad& bad : all) {
    CAPTURE(bad.field);
    const Operator peer(agent.server->port());
    peer.Hello();
    peer.stream->Write(bad.command);
    const grpc::Status status = peer.End();
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(status.error_message().find(bad.field) != std::string::npos);
  }
  CHECK(agent.commands.watched() == 0);
  CHECK(agent.commands.tuned() == 0);

  const Operator peer(agent.server->port());
  peer.Hello();
  v1::Command command;
  v1::Container& container = *command.mutable_watch()->add_containers();
  container.set_container_id(std::string(64, 'a'));
  container.set_pod_uid("u");
  peer.stream->Write(command);
  CHECK(Eventually([&] { return agent.commands.watched() == 1; }));
}

TEST_CASE("Stream: an oversized message ends the stream, not the agent") {
  Agent agent;
  {
    const Operator peer(agent.server->port());
    peer.Hello();
    v1::Command command;
    command.mutable_hello()->set_operator_version(std::string(5 << 20, 'x'));
    peer.stream->Write(command);
    CHECK_FALSE(peer.End().ok());
  }
  const Operator next(agent.server->port());
  next.Hello();
  CHECK(next.Read().has_welcome());
}

TEST_CASE("Stream: a stopping agent says so") {
  Agent agent;
  const Operator peer(agent.server->port());
  peer.Hello();
  (void)peer.Read();
  agent.server->Stop();
  CHECK(peer.End().error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("Server: an address that cannot be had is named") {
  Agent agent;
  ServerOptions options;
  options.listen_address = "127.0.0.1:" + std::to_string(agent.server->port());
  const auto taken = Server::Start(options, agent.service);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().message().find("--listen") != std::string::npos);
  options.listen_address = "127.0.0.1:0";
  options.tls_dir = "/nonexistent";
  const auto without = Server::Start(options, agent.service);
  REQUIRE_FALSE(without);
  CHECK(without.error().message().find("/nonexistent/tls.crt") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::agent
