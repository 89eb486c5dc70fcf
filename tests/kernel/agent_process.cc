// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/agent_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace plimsoll::kernel_test {
namespace {

// The address is taken from the abstract namespace: no port to collide on, nothing left behind.
std::string FreshAddress() {
  static int count = 0;
  return "unix-abstract:plimsoll-kernel-test-" + std::to_string(::getpid()) + "-" +
         std::to_string(++count);
}

}  // namespace

std::shared_ptr<grpc::Channel> Wire::Dial(const std::string& address) const {
  grpc::ChannelArguments arguments;
  if (!server_name.empty()) arguments.SetSslTargetNameOverride(server_name);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // as the operator does
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

AgentProcess::AgentProcess(const KubeTree& tree, const std::string& state_dir,
                           const std::vector<std::string>& more, const Wire& wire)
    : address_(FreshAddress()) {
  const std::string program = BinDirectory() + "/plimsoll-agent";
  std::vector<std::string> all{program,     "--listen",    address_,   "--cgroup-root",
                               tree.root(), "--node-name", "test-node"};
  all.insert(all.end(), wire.flags.begin(), wire.flags.end());
  if (!state_dir.empty()) all.insert(all.end(), {"--state-dir", state_dir});
  all.insert(all.end(), more.begin(), more.end());
  std::vector<char*> argv;
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, argv.data(), environ) != 0) {
    throw std::runtime_error("cannot start " + program);
  }
  const auto channel = wire.Dial(address_);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(60))) {
    Kill9();
    throw std::runtime_error("the agent does not listen on " + address_);
  }
}

AgentProcess::~AgentProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
}

void AgentProcess::Kill9() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

OperatorStream::OperatorStream(const std::string& address, const Wire& wire)
    : stub_(v1::Agent::NewStub(wire.Dial(address))) {
  stream_ = stub_->Stream(&context_);
  v1::Command hello;
  hello.mutable_hello()->set_protocol_version(1);
  hello.mutable_hello()->set_operator_version("test");
  Send(hello);
  reader_ = std::thread([this] {
    v1::Report report;
    while (stream_->Read(&report)) {
      const std::lock_guard lock(mutex_);
      reports_.push_back(report);
    }
  });
}

OperatorStream::~OperatorStream() {
  context_.TryCancel();
  reader_.join();
  (void)stream_->Finish();
}

void OperatorStream::Send(const v1::Command& command) {
  if (!stream_->Write(command)) throw std::runtime_error("the agent's stream has ended");
}

void OperatorStream::Watch(const std::vector<KubeTree::Container>& containers) {
  v1::Command command;
  command.mutable_watch();
  for (const KubeTree::Container& container : containers) {
    v1::Container& added = *command.mutable_watch()->add_containers();
    added.set_pod_uid(container.pod.uid);
    added.set_container_id(container.id);
    added.set_name("main");
  }
  Send(command);
}

void OperatorStream::AckAll() {
  v1::Command command;
  {
    const std::lock_guard lock(mutex_);
    for (const v1::Report& report : reports_) {
      if (report.cursor() > command.ack().cursor()) {
        command.mutable_ack()->set_cursor(report.cursor());
      }
    }
  }
  Send(command);
}

std::vector<v1::Oom> OperatorStream::Ooms() const {
  const std::lock_guard lock(mutex_);
  std::vector<v1::Oom> ooms;
  for (const v1::Report& report : reports_) {
    if (report.has_oom()) ooms.push_back(report.oom());
  }
  return ooms;
}

std::vector<v1::Digest> OperatorStream::Digests(const std::string& id, bool urgent) const {
  const std::lock_guard lock(mutex_);
  std::vector<v1::Digest> digests;
  for (const v1::Report& report : reports_) {
    if (report.has_digest() && report.digest().container_id() == id &&
        report.digest().urgent() == urgent) {
      digests.push_back(report.digest());
    }
  }
  return digests;
}

std::vector<v1::NodeStatus> OperatorStream::Statuses() const {
  const std::lock_guard lock(mutex_);
  std::vector<v1::NodeStatus> statuses;
  for (const v1::Report& report : reports_) {
    if (report.has_node()) statuses.push_back(report.node());
  }
  return statuses;
}

bool OperatorStream::Until(const std::function<bool()>& condition) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

}  // namespace plimsoll::kernel_test
