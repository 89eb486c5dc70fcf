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
  // A second agent on the same port must be told so, not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, AgentService& service) {
  const Result<std::shared_ptr<grpc::ServerCredentials>> credentials = Credentials(options.tls_dir);
  if (!credentials) return std::unexpected(credentials.error());
  const bool probed = !options.health_address.empty();
  grpc::EnableDefaultHealthCheckService(probed);
  grpc::ServerBuilder builder;
  Bound(builder);
  std::unique_ptr<Server> server(new Server(service, probed));
  int health_port = 0;
  builder.AddListeningPort(options.listen_address, *credentials, &server->port_);
  if (probed) {
    builder.AddListeningPort(options.health_address, grpc::InsecureServerCredentials(),
                             &health_port);
  }
  builder.RegisterService(&service);
  server->server_ = builder.BuildAndStart();
  if (!server->server_ || server->port_ == 0 || (probed && health_port == 0)) {
    return Fail(ErrorCode::kInvalid,
                "cannot listen on --listen " + options.listen_address +
                    (probed ? " or --health-listen " + options.health_address : "") +
                    ": the address is malformed or taken");
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
  service_.Drain();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  server_->Wait();
  server_.reset();
}

}  // namespace plimsoll::agent
