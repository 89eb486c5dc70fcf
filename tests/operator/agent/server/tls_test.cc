// SPDX-License-Identifier: Apache-2.0
//
// Who may talk to an agent: the operator, by its certificate, and nobody else.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

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

// Connections that say nothing, from another address of this machine than the operator's.
std::vector<Fd> Flood(int port, int count) {
  sockaddr_in from{}, to{};
  from.sin_family = to.sin_family = AF_INET;
  ::inet_pton(AF_INET, "127.0.0.2", &from.sin_addr);
  ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  to.sin_port = ::htons(static_cast<std::uint16_t>(port));
  std::vector<Fd> flood;
  for (int i = 0; i < count; ++i) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&from), sizeof(from)) == 0);
    REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
    flood.push_back(std::move(fd));
  }
  return flood;
}

// Those the server has not closed.
std::size_t StillOpen(const std::vector<Fd>& connections) {
  return static_cast<std::size_t>(std::ranges::count_if(connections, [](const Fd& fd) {
    char byte = 0;
    return ::recv(fd.get(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }));
}

TEST_CASE("Server: a flood is held to 32 connections for five seconds, and the operator gets in") {
  const KeyPair ours = Authority("plimsoll");
  Agent agent;
  agent.tls.Put(Leaf(ours, kAgentName, Usage::kServer), ours.certificate);
  agent.Start();
  const auto credentials = As(Leaf(ours, "operator", Usage::kClient), ours.certificate);
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kAgentName);
  const auto stub = v1::Agent::NewStub(grpc::CreateCustomChannel(
      "127.0.0.1:" + std::to_string(agent.server->port()), credentials, arguments));
  grpc::ClientContext context;
  const auto before = stub->Stream(&context);
  v1::Command hello;
  hello.mutable_hello()->set_protocol_version(1);
  before->Write(hello);
  v1::Report welcome;
  REQUIRE(before->Read(&welcome));

  const std::vector<Fd> flood = Flood(agent.server->port(), 100);
  CHECK(Eventually([&] { return StillOpen(flood) <= 32; }, std::chrono::seconds(60)));
  CHECK(Greet(agent.server->port(), credentials).ok());
  // The stream from before was there to be told of the second; cut, it would say UNAVAILABLE.
  CHECK_FALSE(before->Read(&welcome));
  CHECK(before->Finish().error_code() == grpc::StatusCode::ABORTED);
  CHECK(Eventually([&] { return StillOpen(flood) == 0; }, std::chrono::seconds(60)));
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
