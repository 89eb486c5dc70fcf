// SPDX-License-Identifier: Apache-2.0
//
// mTLS towards the agents: our certificate, and the authority that theirs must come from. The name
// in an agent's certificate is checked by gRPC against PoolOptions::agent_name.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace plimsoll::agents {

struct Pem {
  std::string authority;    // ca.crt
  std::string certificate;  // tls.crt
  std::string key;          // tls.key
};

[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> MutualTls(const Pem& pem);

}  // namespace plimsoll::agents
