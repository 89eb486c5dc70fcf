// SPDX-License-Identifier: Apache-2.0
//
// The listening gRPC server: addresses, certificates, bounds.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "advisor/base/result.h"
#include "operator/agent/server/agent_service.h"

namespace plimsoll::agent {

struct ServerOptions {
  std::string listen_address = "[::]:9478";
  // Where the kubelet's probes ask (grpc.health.v1, without TLS, nothing else answers there);
  // empty: no such port.
  std::string health_address;
  // Holds tls.crt, tls.key (ours) and ca.crt (the operator's authority), as a Kubernetes secret
  // does; read again every 10 s, so that they rotate without a restart. Empty: no TLS.
  std::string tls_dir;
};

class Server {
 public:
  // Errors: kInvalid when an address cannot be listened on or a certificate file is missing; the
  // message names the flag or the file.
  [[nodiscard]] static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                             AgentService& service);
  ~Server();

  // The port of listen_address, useful when that asked for port 0.
  [[nodiscard]] int port() const { return port_; }
  // What health probes are told.
  void SetHealthy(bool healthy);
  // Lets streams end for at most two seconds.
  void Stop();

 private:
  Server(AgentService& service, bool probed) : service_(service), probed_(probed) {}
  AgentService& service_;
  const bool probed_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace plimsoll::agent
