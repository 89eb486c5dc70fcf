// SPDX-License-Identifier: Apache-2.0
//
// The gRPC server: addresses, certificates, bounds. On each TCP port at most kMaxGuests connections
// (door.h), five seconds for a handshake, a minute without a stream, 8 streams a connection,
// kMaxCommandBytes a message.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "advisor/base/result.h"
#include "operator/agent/server/agent_service.h"
#include "operator/agent/server/door.h"

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

  // The port of listen_address, useful when that asked for port 0; 0 when it is a Unix socket.
  [[nodiscard]] int port() const { return stream_door_ ? stream_door_->port() : 0; }
  // What health probes are told.
  void SetHealthy(bool healthy);
  // Lets streams end for at most two seconds.
  void Stop();

 private:
  Server(AgentService& service, bool probed) : service_(service), probed_(probed) {}
  AgentService& service_;
  const bool probed_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Door> stream_door_, probe_door_;
};

}  // namespace plimsoll::agent
