// SPDX-License-Identifier: Apache-2.0
//
// The real plimsoll-agent as a process of its own, and an operator's stream to it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plimsoll/v1/agent.grpc.pb.h"
#include "tests/kernel/real_cgroup.h"

namespace plimsoll::kernel_test {

// How to reach an agent: by default without TLS, which the agent is told by --insecure.
struct Wire {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  std::string server_name;  // in its certificate
  std::vector<std::string> flags{"--insecure"};
  [[nodiscard]] std::shared_ptr<grpc::Channel> Dial(const std::string& address) const;
};

class AgentProcess {
 public:
  // `state_dir` empty: without one. Waits until it listens.
  AgentProcess(const KubeTree& tree, const std::string& state_dir,
               const std::vector<std::string>& more = {}, const Wire& wire = {});
  ~AgentProcess();
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  void Kill9();

 private:
  pid_t pid_ = -1;
  std::string address_;
};

class OperatorStream {
 public:
  // Says hello as one who has never seen this agent; reads in a thread of its own.
  explicit OperatorStream(const std::string& address, const Wire& wire = {});
  ~OperatorStream();

  void Watch(const std::vector<KubeTree::Container>& containers);
  void AckAll();

  [[nodiscard]] std::vector<v1::Oom> Ooms() const;
  [[nodiscard]] std::vector<v1::Digest> Digests(const std::string& id, bool urgent) const;
  [[nodiscard]] std::vector<v1::NodeStatus> Statuses() const;
  // Waits for it; false when it did not come in two minutes.
  [[nodiscard]] bool Until(const std::function<bool()>& condition) const;

 private:
  void Send(const v1::Command& command);
  grpc::ClientContext context_;
  std::unique_ptr<v1::Agent::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::Command, v1::Report>> stream_;
  mutable std::mutex mutex_;
  std::vector<v1::Report> reports_;
  std::thread reader_;
};

}  // namespace plimsoll::kernel_test
