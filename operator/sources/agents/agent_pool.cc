// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/agent_pool.h"

#include <algorithm>
#include <utility>

#include "operator/sources/agents/link_problem.h"

namespace plimsoll::agents {
namespace {

constexpr int kMaxReportBytes = 1 << 20;
constexpr char kNoPod[] = "its pod is gone; look at the plimsoll-agent DaemonSet";

Instant Now() { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

}  // namespace

struct AgentPool::Link {
  Endpoint endpoint;
  bool removed = false;
  std::shared_ptr<AgentStream> stream;  // null while waiting
  bool welcomed = false;
  std::string instance;     // of the agent process the cursor belongs to
  std::uint64_t acked = 0;  // what a reconnect resumes from
  Instant last_report{};
  Instant dial_at{};
  Duration backoff{};
  std::string problem;
  std::string refusal;  // why we end the stream ourselves
};

AgentPool::AgentPool(PoolOptions options, Listener& listener)
    : options_(std::move(options)), listener_(listener) {
  dialer_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

AgentPool::~AgentPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  SetAgents({});
  dialer_.request_stop();
  dialer_.join();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return open_streams_ == 0; });
}

void AgentPool::SetAgents(const std::vector<Endpoint>& endpoints) {
  std::vector<std::shared_ptr<AgentStream>> closing;
  std::vector<std::string> gone;
  {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::shared_ptr<Link>> kept;
    for (const Endpoint& endpoint : endpoints) {
      const auto old = links_.find(endpoint.node);
      if (old != links_.end() && old->second->endpoint == endpoint) {
        kept[endpoint.node] = old->second;
        continue;
      }
      auto link = std::make_shared<Link>();
      link->endpoint = endpoint;
      kept[endpoint.node] = std::move(link);
    }
    for (auto& [node, link] : links_) {
      const auto same = kept.find(node);
      if (same != kept.end() && same->second == link) continue;
      link->removed = true;
      if (link->stream) {
        closing.push_back(link->stream);
        ++leaving_[node];
      } else if (same == kept.end() && !stopping_) {
        gone.push_back(node);
      }
    }
    links_ = std::move(kept);
    look_again_ = true;
  }
  for (const auto& stream : closing) stream->Cancel();
  for (const std::string& node : gone) listener_.OnDisconnected(node, kNoPod);
  changed_.notify_all();
}

void AgentPool::SetWatch(const std::string& node, v1::WatchSet watch) {
  std::shared_ptr<AgentStream> stream;
  v1::Command command;
  *command.mutable_watch() = watch;
  {
    const std::lock_guard lock(mutex_);
    watches_[node] = std::move(watch);
    const auto link = links_.find(node);
    if (link != links_.end()) stream = link->second->stream;
  }
  if (stream) stream->Send(std::move(command));
}

void AgentPool::Ack(const std::string& node, const std::string& instance, std::uint64_t cursor) {
  std::shared_ptr<AgentStream> stream;
  {
    const std::lock_guard lock(mutex_);
    const auto link = links_.find(node);
    if (link == links_.end() || link->second->instance != instance) return;
    link->second->acked = cursor;
    stream = link->second->stream;
  }
  v1::Command command;
  command.mutable_ack()->set_cursor(cursor);
  if (stream) stream->Send(std::move(command));
}

Status AgentPool::Tune(const std::string& node, v1::TuneCommand command) {
  std::shared_ptr<AgentStream> stream;
  {
    const std::lock_guard lock(mutex_);
    const auto link = links_.find(node);
    if (link != links_.end() && link->second->welcomed) stream = link->second->stream;
  }
  v1::Command wrapped;
  *wrapped.mutable_tune() = std::move(command);
  if (!stream || !stream->Send(std::move(wrapped))) {
    return Fail(ErrorCode::kRetryable, "the agent of node " + node + " is not connected");
  }
  return {};
}

std::vector<LinkInfo> AgentPool::Links() const {
  const std::lock_guard lock(mutex_);
  std::vector<LinkInfo> infos;
  for (const auto& [node, link] : links_) {
    const LinkState state = !link->stream    ? LinkState::kWaiting
                            : link->welcomed ? LinkState::kConnected
                                             : LinkState::kConnecting;
    infos.push_back({node, state, link->problem});
  }
  return infos;
}

void AgentPool::Run(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Instant now = Now();
    Instant next = now + std::chrono::seconds(1);
    std::vector<std::shared_ptr<Link>> due;
    std::vector<std::shared_ptr<AgentStream>> silent;
    std::vector<std::shared_ptr<AgentStream>> ended = std::exchange(ended_, {});
    for (auto& [node, link] : links_) {
      if (!link->stream) {
        if (leaving_.contains(node)) continue;  // told when that stream ends
        if (link->dial_at <= now) {
          due.push_back(link);
        } else {
          next = std::min(next, link->dial_at);
        }
      } else if (now - link->last_report > options_.silence) {
        link->refusal = "it has said nothing for " +
                        std::to_string(options_.silence / std::chrono::seconds(1)) +
                        " s; look at the agent's log, and whether its node is well";
        silent.push_back(link->stream);
      }
    }
    lock.unlock();
    ended.clear();
    for (const auto& stream : silent) stream->Cancel();
    for (const auto& link : due) Dial(link);
    lock.lock();
    changed_.wait_until(lock, stop, next, [this] { return look_again_; });
    look_again_ = false;
  }
}

void AgentPool::Dial(const std::shared_ptr<Link>& link) {
  auto credentials = options_.credentials();
  if (!credentials) {
    {
      const std::lock_guard lock(mutex_);
      if (link->removed) return;
      link->problem = credentials.error().message();
      link->backoff = options_.backoff_max;
      link->dial_at = Now() + JitteredLocked(link->backoff);
    }
    listener_.OnDisconnected(link->endpoint.node, credentials.error().message());
    return;
  }
  grpc::ChannelArguments arguments;
  if (!options_.agent_name.empty()) arguments.SetSslTargetNameOverride(options_.agent_name);
  arguments.SetMaxReceiveMessageSize(kMaxReportBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // A few KiB a second need no window probed for, and a probe answers every reading with a ping.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // We redial ourselves; a second back-off underneath would only hide the first.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  const auto channel = grpc::CreateCustomChannel(link->endpoint.address, *credentials, arguments);

  v1::Hello hello;
  hello.set_protocol_version(kProtocolVersion);
  hello.set_operator_version(options_.operator_version);
  std::shared_ptr<AgentStream> stream;
  {
    const std::lock_guard lock(mutex_);
    if (link->removed) return;
    hello.set_agent_instance(link->instance);
    hello.set_cursor(link->acked);
    stream = AgentStream::Make(
        channel, std::move(hello),
        {.on_report = [this, link](const v1::Report& report) { HandleReport(link, report); },
         .on_done =
             [this, link](const grpc::Status& status, std::shared_ptr<AgentStream> ended) {
               HandleDone(link, status, std::move(ended));
             }});
    link->last_report = Now();
    link->welcomed = false;
    // Before it begins: commands may follow the welcome at once.
    link->stream = stream;
    ++open_streams_;
    const auto set = watches_.find(link->endpoint.node);
    if (set != watches_.end()) {
      v1::Command watch;
      *watch.mutable_watch() = set->second;
      stream->Send(std::move(watch));
    }
  }
  stream->Begin();
}

void AgentPool::HandleReport(const std::shared_ptr<Link>& link, const v1::Report& report) {
  if (report.has_welcome()) return HandleWelcome(link, report.welcome());
  {
    const std::lock_guard lock(mutex_);
    if (link->removed || !link->welcomed) return;
    link->last_report = Now();
  }
  listener_.OnReport(link->endpoint.node, report);
}

void AgentPool::HandleWelcome(const std::shared_ptr<Link>& link, const v1::Welcome& welcome) {
  const auto problem = VersionProblem(welcome, options_.operator_version);
  std::shared_ptr<AgentStream> refused;
  {
    const std::lock_guard lock(mutex_);
    if (link->removed) return;
    link->last_report = Now();
    if (problem) {
      link->refusal = *problem;
      link->backoff = options_.backoff_max;
      refused = link->stream;
    } else {
      link->welcomed = true;
      link->problem.clear();
      link->backoff = Duration{};
      if (link->instance != welcome.agent_instance()) {
        link->instance = welcome.agent_instance();
        link->acked = 0;
      }
    }
  }
  if (refused) return refused->Cancel();
  listener_.OnConnected(link->endpoint.node, welcome);
}

void AgentPool::HandleDone(const std::shared_ptr<Link>& link, const grpc::Status& status,
                           std::shared_ptr<AgentStream> stream) {
  const std::string& node = link->endpoint.node;
  bool told = false;
  std::string problem;
  {
    const std::lock_guard lock(mutex_);
    link->stream.reset();
    link->welcomed = false;
    problem = std::exchange(link->refusal, {});
    if (link->removed) {
      problem = kNoPod;
    } else if (problem.empty()) {
      problem = ProblemOf(status);
    }
    // A removed link's node may have its next agent already, and that one will tell.
    told = !link->removed || (!stopping_ && !links_.contains(node));
    link->problem = problem;
    link->backoff = std::clamp(link->backoff * 2, options_.backoff_initial, options_.backoff_max);
    link->dial_at = Now() + JitteredLocked(link->backoff);
  }
  if (told) listener_.OnDisconnected(node, problem);
  {
    // Notified under the lock: the destructor may be waiting to free the condition variable.
    const std::lock_guard lock(mutex_);
    if (link->removed) {
      const auto leaving = leaving_.find(node);
      if (leaving != leaving_.end() && --leaving->second == 0) leaving_.erase(leaving);
    }
    ended_.push_back(std::move(stream));
    --open_streams_;
    look_again_ = true;
    changed_.notify_all();
  }
}

std::string Silent(const std::vector<LinkInfo>& links) {
  if (links.empty()) {
    return "no pod of an agent has an address; see the DaemonSet and its events";
  }
  const auto silent = [](const LinkInfo& link) { return link.state != LinkState::kConnected; };
  const auto first = std::ranges::find_if(links, silent);
  if (first == links.end()) return {};
  return std::to_string(std::ranges::count_if(links, silent)) + " of " +
         std::to_string(links.size()) + " agents not connected; node " + first->node +
         (first->problem.empty() ? ": being dialled" : ": " + first->problem);
}

// Between one and two times the base: agents of a whole cluster must not be redialled in step.
Duration AgentPool::JitteredLocked(Duration base) {
  std::uniform_real_distribution<double> factor(1.0, 2.0);
  return Duration(static_cast<std::int64_t>(static_cast<double>(base.count()) * factor(random_)));
}

}  // namespace plimsoll::agents
