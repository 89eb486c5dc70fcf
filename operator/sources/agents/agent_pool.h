// SPDX-License-Identifier: Apache-2.0
//
// Holds one stream to every agent of the cluster: dials, says Hello with the cursor, redials with
// jittered back-off, drops a stream that fell silent, and carries commands to a node. What the
// agents say goes to a Listener.
//
// Thread-safe. One thread dials and watches for silence; the listener is called on gRPC's threads.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/sources/agents/agent_stream.h"
#include "operator/sources/agents/endpoint.h"

namespace plimsoll::agents {

class Listener {
 public:
  virtual ~Listener() = default;
  // Per node one at a time and in order; must not block.
  virtual void OnConnected(const std::string& node, const v1::Welcome& welcome) = 0;
  virtual void OnReport(const std::string& node, const v1::Report& report) = 0;
  // Also when there was no connection yet, or the node has no agent any more. `problem` is for
  // people: what happened and what to do.
  virtual void OnDisconnected(const std::string& node, const std::string& problem) = 0;
};

struct PoolOptions {
  std::string operator_version;
  // Made anew for every dial, so rotated certificates are used from the next one on.
  std::function<Result<std::shared_ptr<grpc::ChannelCredentials>>()> credentials;
  // What every agent's certificate must be made out to; empty: no TLS, tests only.
  std::string agent_name;
  Duration backoff_initial = std::chrono::milliseconds(200);
  Duration backoff_max = std::chrono::seconds(15);
  Duration silence = std::chrono::seconds(45);  // three NodeStatus reports
};

enum class LinkState { kConnecting, kConnected, kWaiting };

struct LinkInfo {
  std::string node;
  LinkState state = LinkState::kWaiting;
  std::string problem;  // of the last failure; empty while connected
};

// Which agents are not heard and why, for people: "1 of 3 agents not connected; node n2: being
// dialled". Empty when there is one and all are heard.
[[nodiscard]] std::string Silent(const std::vector<LinkInfo>& links);

class AgentPool {
 public:
  AgentPool(PoolOptions options, Listener& listener);
  // Ends every stream and waits for them.
  ~AgentPool();
  AgentPool(const AgentPool&) = delete;
  AgentPool& operator=(const AgentPool&) = delete;

  // All agents there are; links to others are closed.
  void SetAgents(const std::vector<Endpoint>& endpoints);
  // The newest set of a node; sent now and at every reconnect.
  void SetWatch(const std::string& node, v1::WatchSet watch);
  // Everything up to this cursor of this agent process is stored.
  void Ack(const std::string& node, const std::string& instance, std::uint64_t cursor);
  // kRetryable when the node's agent is not connected.
  [[nodiscard]] Status Tune(const std::string& node, v1::TuneCommand command);

  [[nodiscard]] std::vector<LinkInfo> Links() const;

 private:
  struct Link;
  void Run(std::stop_token stop);
  void Dial(const std::shared_ptr<Link>& link);
  void HandleReport(const std::shared_ptr<Link>& link, const v1::Report& report);
  void HandleWelcome(const std::shared_ptr<Link>& link, const v1::Welcome& welcome);
  void HandleDone(const std::shared_ptr<Link>& link, const grpc::Status& status,
                  std::shared_ptr<AgentStream> stream);
  [[nodiscard]] Duration JitteredLocked(Duration base);

  PoolOptions options_;
  Listener& listener_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, std::shared_ptr<Link>> links_;  // by node
  std::map<std::string, v1::WatchSet> watches_;
  // Streams of removed links that have not ended yet, by node: until then the node's next agent is
  // not dialled, so what is told of a node stays in order.
  std::map<std::string, int> leaving_;
  std::size_t open_streams_ = 0;
  std::vector<std::shared_ptr<AgentStream>> ended_;  // for the dialer to let go of
  bool look_again_ = false;
  bool stopping_ = false;  // it is not the agents that go
  std::minstd_rand random_{std::random_device{}()};
  std::jthread dialer_;
};

}  // namespace plimsoll::agents
