// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/collectors/app_channel.h"

#include <arpa/inet.h>
#include <grpcpp/create_channel_posix.h>
#include <netinet/in.h>

#include "operator/agent/collectors/container_socket.h"
#include "operator/agent/collectors/stats_check.h"
#include "operator/api/text.h"

namespace plimsoll::agent {
namespace {

// An app gets no more of our memory than this, whatever it sends.
grpc::ChannelArguments Bounds() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxStatsBytes);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 8 * 1024);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64 * 1024);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

}  // namespace

Result<std::shared_ptr<grpc::Channel>> SocketChannel(const ProcessTable& processes,
                                                     const AppTarget& target) {
  if (target.init_pid == 0) {
    return Fail(ErrorCode::kGone, "no process of the container can be seen");
  }
  const std::string& given = target.spec.stats_socket();
  Result<Fd> socket = ConnectInContainer(processes, target.init_pid, target.spec.container_id(),
                                         given.empty() ? kDefaultStatsSocket : given);
  if (!socket) return std::unexpected(socket.error());
  return grpc::CreateCustomInsecureChannelFromFd("localhost", socket->Release(), Bounds());
}

Result<std::shared_ptr<grpc::Channel>> TcpChannel(const AppTarget& target) {
  if (target.spec.stats_port() == 0) return Fail(ErrorCode::kNotFound, "no stats port is given");
  const std::string& ip = target.spec.pod_ip();
  const std::string port = ":" + std::to_string(target.spec.stats_port());
  in_addr v4{};
  in6_addr v6{};
  std::string address;
  if (::inet_pton(AF_INET, ip.c_str(), &v4) == 1) {
    address = "ipv4:" + ip + port;
  } else if (::inet_pton(AF_INET6, ip.c_str(), &v6) == 1) {
    address = "ipv6:[" + ip + "]" + port;
  } else {
    return Fail(ErrorCode::kInvalid, "pod_ip is not an IP address");
  }
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), Bounds());
}

std::string Problem(const grpc::Status& status, int seconds) {
  switch (status.error_code()) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "the endpoint did not answer within " + std::to_string(seconds) + " s";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "the endpoint's answer is too large or it refuses to answer this often: " +
             api::FitText(status.error_message(), 200);
    case grpc::StatusCode::UNIMPLEMENTED:
      return "the endpoint does not serve plimsoll.v1.Allocator";
    case grpc::StatusCode::UNAVAILABLE:
      return "the endpoint closed the connection: " + api::FitText(status.error_message(), 200);
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return api::FitText(status.error_message(), 400);  // the app's own word
    default:
      return "the endpoint failed: " + api::FitText(status.error_message(), 400);
  }
}

}  // namespace plimsoll::agent
