// SPDX-License-Identifier: Apache-2.0
//
// Who may talk to an agent: the operator, by its certificate, and nobody else.
#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "operator/agent/server/server.h"
#include "tests/operator/agent/support/tls_files.h"
#include "tests/operator/agent/support/wait.h"

namespace plimsoll::agent {
namespace {

using certificates::KeyPair;
using certificates::Usage;
using testing::Authority;
using testing::Eventually;
using testing::Leaf;
using testing::TlsDirectory;

constexpr char kAgentName[] = "agent.plimsoll.test";

class NoCommands final : public Commands {
 public:
  void Connected() override {}
  void Watch(v1::WatchSet) override {}
  void Tune(v1::TuneCommand) override {}
  void Acknowledged() override {}
};

struct Agent {
  TlsDirectory tls;
  ReportLog log;
  NoCommands commands;
  AgentService service{{"0.1.0", "instance-1", "node-a", true}, log, commands};
  std::unique_ptr<Server> server;

  void Start(const std::string& health = "", const std::string& listen = "127.0.0.1:0") {
    ServerOptions options;
    options.listen_address = listen;
    options.health_address = health;
    options.tls_dir = tls.path();
    Result<std::unique_ptr<Server>> started = Server::Start(options, service);
    REQUIRE(started);
    server = *std::move(started);
  }
};

// The status of a stream that says hello with these credentials; OK when it is welcomed.
grpc::Status Greet(int port, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                   const std::string& host = "127.0.0.1") {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kAgentName);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto stub = v1::Agent::NewStub(
      grpc::CreateCustomChannel(host + ":" + std::to_string(port), credentials, arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stream = stub->Stream(&context);
  v1::Command hello;
  hello.mutable_hello()->set_protocol_version(1);
  stream->Write(hello);
  v1::Report report;
  if (stream->Read(&report) && report.has_welcome()) {
    context.TryCancel();
    (void)stream->Finish();
    return grpc::Status::OK;
  }
  return stream->Finish();
}

std::shared_ptr<grpc::ChannelCredentials> As(const KeyPair& client, const std::string& authority) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority;
  options.pem_private_key = client.key;
  options.pem_cert_chain = client.certificate;
  return grpc::SslCredentials(options);
}

TEST_CASE("Tls: only a client certificate of the operator's authority is let in") {
  const KeyPair ours = Authority("plimsoll");
  const KeyPair foreign = Authority("foreign");
  Agent agent;
  agent.tls.Put(Leaf(ours, kAgentName, Usage::kServer), ours.certificate);
  agent.Start();
  const int port = agent.server->port();

  CHECK(Greet(port, As(Leaf(ours, "operator", Usage::kClient), ours.certificate)).ok());
  const grpc::Status stranger =
      Greet(port, As(Leaf(foreign, "operator", Usage::kClient), ours.certificate));
  CHECK(stranger.error_code() == grpc::StatusCode::UNAVAILABLE);
  // Another agent's certificate is of the right authority, and for servers only.
  CHECK_FALSE(Greet(port, As(Leaf(ours, kAgentName, Usage::kServer), ours.certificate)).ok());
  CHECK_FALSE(Greet(port, As({}, ours.certificate)).ok());
  CHECK_FALSE(Greet(port, grpc::InsecureChannelCredentials()).ok());
  // And the operator does not talk to an agent of another authority.
  CHECK_FALSE(Greet(port, As(Leaf(ours, "operator", Usage::kClient), foreign.certificate)).ok());
}

// Whether a socket can be bound to ::1.
bool HasIpv6() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool has =
      fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  if (fd >= 0) ::close(fd);
  return has;
}

TEST_CASE("Server: '[::]' serves IPv4 and, where there is any, IPv6") {
  const KeyPair ours = Authority("plimsoll");
  Agent agent;
  agent.tls.Put(Leaf(ours, kAgentName, Usage::kServer), ours.certificate);
  agent.Start("", "[::]:0");
  const auto credentials = As(Leaf(ours, "operator", Usage::kClient), ours.certificate);
  CHECK(Greet(agent.server->port(), credentials).ok());
  if (HasIpv6()) CHECK(Greet(agent.server->port(), credentials, "[::1]").ok());
}

TEST_CASE("Tls: the port for health probes answers nothing else") {
  const KeyPair ours = Authority("plimsoll");
  Agent agent;
  agent.tls.Put(Leaf(ours, kAgentName, Usage::kServer), ours.certificate);
  // An abstract socket: a port of its own without a number to guess.
  const std::string health = "unix-abstract:plimsoll-health-" + std::to_string(::getpid());
  agent.Start(health);
  const auto channel = grpc::CreateChannel(health, grpc::InsecureChannelCredentials());
  REQUIRE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(60)));
  const auto stub = v1::Agent::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->Stream(&context);
  v1::Report report;
  CHECK_FALSE(stream->Read(&report));
  CHECK(stream->Finish().error_code() == grpc::StatusCode::UNAUTHENTICATED);
}

TEST_CASE("Tls: certificates and authority rotate without a restart") {
  const KeyPair before = Authority("before");
  const KeyPair after = Authority("after");
  Agent agent;
  agent.tls.Put(Leaf(before, kAgentName, Usage::kServer), before.certificate);
  agent.Start();
  const int port = agent.server->port();
  const auto old_peer = As(Leaf(before, "operator", Usage::kClient), before.certificate);
  const auto new_peer = As(Leaf(after, "operator", Usage::kClient), after.certificate);
  CHECK(Greet(port, old_peer).ok());
  CHECK_FALSE(Greet(port, new_peer).ok());
  agent.tls.Put(Leaf(after, kAgentName, Usage::kServer), after.certificate);
  CHECK(Eventually([&] { return Greet(port, new_peer).ok(); }, std::chrono::seconds(60)));
  CHECK_FALSE(Greet(port, old_peer).ok());
}

}  // namespace
}  // namespace plimsoll::agent
