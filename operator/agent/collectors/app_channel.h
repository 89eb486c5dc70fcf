// SPDX-License-Identifier: Apache-2.0
//
// The way to one app's AllocatorStats endpoint: a gRPC channel over the socket in its container,
// or, for reading only, over TCP to its pod.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "advisor/base/result.h"
#include "operator/agent/watch/process.h"
#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

inline constexpr char kDefaultStatsSocket[] = "/tmp/plimsoll.sock";

// A container whose app may be talked to.
struct AppTarget {
  v1::Container spec;
  int init_pid = 0;  // 0: not known, then only TCP is left
};

// A connected channel, to be used once. Errors: as ConnectInContainer.
[[nodiscard]] Result<std::shared_ptr<grpc::Channel>> SocketChannel(const ProcessTable& processes,
                                                                   const AppTarget& target);

// A channel to pod_ip:stats_port; connects when used. Errors: kInvalid when pod_ip is no address,
// kNotFound when no port is given.
[[nodiscard]] Result<std::shared_ptr<grpc::Channel>> TcpChannel(const AppTarget& target);

// Why a call failed, in words for a condition: "the endpoint did not answer within 2 s".
[[nodiscard]] std::string Problem(const grpc::Status& status, int seconds);

}  // namespace plimsoll::agent
