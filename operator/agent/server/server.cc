// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/server.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <unistd.h>

#include <chrono>

namespace plimsoll::agent {
namespace {

constexpr unsigned kRefreshSeconds = 10;

Result<std::shared_ptr<grpc::ServerCredentials>> Credentials(const std::string& tls_dir) {
  if (tls_dir.empty()) return grpc::InsecureServerCredentials();
  for (const char* name : {"/tls.crt", "/tls.key", "/ca.crt"}) {
    if (::access((tls_dir + name).c_str(), R_OK) != 0) {
      return Fail(ErrorCode::kInvalid, "--tls-dir: cannot read " + tls_dir + name +
                                           ": mount the secret with tls.crt, tls.key and ca.crt, "
                                           "or give --insecure on a test machine");
    }
  }
  const auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls_dir + "/tls.key", tls_dir + "/tls.crt", tls_dir + "/ca.crt", kRefreshSeconds);
  grpc::experimental::TlsServerCredentialsOptions tls(provider);
  tls.watch_root_certs();
  tls.watch_identity_key_cert_pairs();
  tls.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(tls);
}

void Bound(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxCommandBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 8);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(kTrial.count()));
  // The operator holds a stream, and a probe asks at once: who opens none has no business here.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

// What hands a door's connections to gRPC. None for a Unix socket: gRPC listens there itself, and
// the file's mode says who may come.
using Acceptor = std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor>;

Acceptor AcceptorFor(grpc::ServerBuilder& builder, const std::string& address,
                     const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  if (address.starts_with("unix")) {
    builder.AddListeningPort(address, credentials);
    return nullptr;
  }
  return builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
}

// To be called once the server runs: before, it closes what it is handed.
Result<std::unique_ptr<Door>> DoorTo(const Acceptor& acceptor, const std::string& address) {
  return Door::Open(address, [acceptor](Fd guest) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = guest.Release();
    acceptor->HandleNewConnection(&connection);
  });
}

std::unexpected<Error> CannotListen(const std::string& on, const Error& because) {
  return Fail(ErrorCode::kInvalid, "cannot listen on " + on + ": " + because.message() +
                                       "; choose an address of this machine and a free port");
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, AgentService& service) {
  const Result<std::shared_ptr<grpc::ServerCredentials>> credentials = Credentials(options.tls_dir);
  if (!credentials) return std::unexpected(credentials.error());
  const bool probed = !options.health_address.empty();
  grpc::EnableDefaultHealthCheckService(probed);
  grpc::ServerBuilder builder;
  Bound(builder);
  builder.RegisterService(&service);
  const Acceptor stream = AcceptorFor(builder, options.listen_address, *credentials);
  const Acceptor probes =
      probed ? AcceptorFor(builder, options.health_address, grpc::InsecureServerCredentials())
             : nullptr;
  std::unique_ptr<Server> server(new Server(service, probed));
  server->server_ = builder.BuildAndStart();
  if (!server->server_) {
    return Fail(ErrorCode::kInvalid,
                "cannot listen on the Unix socket of --listen " + options.listen_address +
                    (probed ? " or --health-listen " + options.health_address : "") +
                    ": its folder is missing, or the name is taken");
  }
  if (stream) {
    auto door = DoorTo(stream, options.listen_address);
    if (!door) return CannotListen("--listen " + options.listen_address, door.error());
    server->stream_door_ = *std::move(door);
  }
  if (probes) {
    auto door = DoorTo(probes, options.health_address);
    if (!door) return CannotListen("--health-listen " + options.health_address, door.error());
    server->probe_door_ = *std::move(door);
  }
  return server;
}

Server::~Server() { Stop(); }

void Server::SetHealthy(bool healthy) {
  if (!probed_) return;
  if (grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService()) {
    health->SetServingStatus(healthy);
  }
}

void Server::Stop() {
  if (!server_) return;
  stream_door_.reset();
  probe_door_.reset();
  service_.Drain();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  server_->Wait();
  server_.reset();
}

}  // namespace plimsoll::agent
