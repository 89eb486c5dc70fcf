// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/intake.h"

#include <algorithm>

#include "operator/sources/agents/convert.h"
#include "operator/sources/agents/stats.h"

namespace plimsoll::agents {
namespace {

constexpr Duration kUnknownPatience = std::chrono::minutes(1);
constexpr std::size_t kMaxUnknown = 1000;

TimePoint WallNow() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace

void Intake::OnConnected(const std::string& node, const v1::Welcome& welcome) {
  {
    const std::lock_guard lock(mutex_);
    NodeLog& held = nodes_[node];
    if (held.instance != welcome.agent_instance()) held = {.instance = welcome.agent_instance()};
    // What was not acknowledged comes again.
    held.told = {};
  }
  fleet_.PutNode(node, [&](fleet::NodeState& state) {
    state.connected = true;
    state.agent_version = welcome.agent_version();
    state.problem.clear();
  });
  log_.Info("agent connected", {{"node", node}, {"version", welcome.agent_version()}});
  if (welcome.lost_digests() > 0) {
    log_.Warn("digests fell out of the agent's buffer while it was not connected",
              {{"node", node}, {"digests", std::to_string(welcome.lost_digests())}});
  }
}

void Intake::OnDisconnected(const std::string& node, const std::string& problem) {
  bool news = false;
  bool ended = false;
  fleet_.PutNode(node, [&](fleet::NodeState& state) {
    ended = state.connected;
    news = ended || state.problem != problem;
    state.connected = false;
    state.problem = problem;
  });
  if (ended) fleet_.StoreSoon(node);
  // An agent that stays away would fill the log at every try.
  if (news) log_.Warn("agent disconnected", {{"node", node}, {"reason", problem}});
}

void Intake::OnReport(const std::string& node, const v1::Report& report) {
  bool known = true;
  const bool first = NoteTold(node, report.cursor());
  switch (report.kind_case()) {
    case v1::Report::kDigest:
      TakeDigest(node, report.digest());
      break;
    case v1::Report::kOom:
      if (first) known = TakeOom(node, report.oom());
      break;
    case v1::Report::kRuntime:
      TakeRuntime(node, report.runtime());
      break;
    case v1::Report::kTuneResult:
      desk_.OnResult(node, report.tune_result());
      break;
    case v1::Report::kNode:
      TakeNode(node, report.node());
      break;
    case v1::Report::kWelcome:
    case v1::Report::KIND_NOT_SET:
      break;
  }
  if (report.cursor() == 0) return;
  const std::uint64_t intake = fleet_.LastIntake();
  const std::lock_guard lock(mutex_);
  NodeLog& held = nodes_[node];
  held.told.Add(report.cursor(), intake);
  if (!known && held.unknown.size() < kMaxUnknown) {
    held.unknown.push_back({report.oom(), report.cursor(), WallNow()});
  }
}

// Kills are known by their ids as well, but not for ever (history/oom_log.h).
bool Intake::NoteTold(const std::string& node, std::uint64_t cursor) {
  if (cursor == 0) return true;  // not numbered, so never told again
  const std::lock_guard lock(mutex_);
  NodeLog& held = nodes_[node];
  if (cursor <= held.taken) return false;
  held.taken = cursor;
  return true;
}

bool Intake::IsElsewhere(const std::string& node, const std::string& container_id,
                         const std::string& pod_uid) {
  if (!fleet_.IsElsewhere(node, container_id, pod_uid)) return false;
  const std::lock_guard lock(mutex_);
  ++counters_.unknown_container;
  return true;
}

void Intake::TakeDigest(const std::string& node, const v1::Digest& wire) {
  if (IsElsewhere(node, wire.container_id())) return;
  const Result<model::MemoryDigest> digest = DigestFrom(wire, WallNow());
  if (!digest) {
    fleet_.TakeRefusal(wire.container_id(), digest.error().message());
    {
      const std::lock_guard lock(mutex_);
      ++counters_.refused;
    }
    log_.Warn("digest refused", {{"node", node},
                                 {"container", wire.container_id()},
                                 {"problem", digest.error().message()}});
    return;
  }
  if (digest->urgent) urgent_.OnUrgent(wire.container_id(), *digest);
  const fleet::Fleet::Taken taken = fleet_.TakeDigest(wire.container_id(), *digest);
  const std::lock_guard lock(mutex_);
  ++counters_.digests;
  if (digest->urgent) ++counters_.urgent;
  if (taken == fleet::Fleet::Taken::kUnknownContainer) ++counters_.unknown_container;
  if (taken == fleet::Fleet::Taken::kRefused) ++counters_.refused;
}

bool Intake::TakeOom(const std::string& node, const v1::Oom& wire) {
  if (IsElsewhere(node, wire.container_id(), wire.pod_uid())) return true;
  const Result<model::OomEvent> event = OomFrom(wire, WallNow());
  if (!event) {
    {
      const std::lock_guard lock(mutex_);
      ++counters_.refused;
    }
    log_.Warn("OOM event refused", {{"node", node}, {"problem", event.error().message()}});
    return true;
  }
  const fleet::Fleet::Taken taken = fleet_.TakeOom(wire.container_id(), wire.pod_uid(), *event);
  if (taken == fleet::Fleet::Taken::kUnknownContainer) return false;
  const bool fresh = taken == fleet::Fleet::Taken::kYes;
  {
    const std::lock_guard lock(mutex_);
    ++(fresh ? counters_.ooms : counters_.duplicate_ooms);
  }
  if (fresh) {
    log_.Info("OOM kill", {{"node", node},
                           {"id", event->id},
                           {"kind", v1::Oom::Kind_Name(wire.kind())},
                           {"victim", event->victim}});
  }
  return true;
}

void Intake::TakeRuntime(const std::string& node, const v1::RuntimeReport& report) {
  if (IsElsewhere(node, report.container_id())) return;
  if (report.has_stats()) {
    const Result<model::RuntimeStats> stats = StatsFrom(report.stats(), WallNow());
    if (stats) {
      fleet_.TakeRuntime(report.container_id(), *stats, report.read_only());
    } else {
      fleet_.TakeRuntimeProblem(report.container_id(), stats.error().message());
    }
  } else if (!report.problem().empty()) {
    fleet_.TakeRuntimeProblem(report.container_id(), report.problem().substr(0, 256));
  }
}

void Intake::TakeNode(const std::string& node, const v1::NodeStatus& status) {
  fleet_.PutNode(node, [&](fleet::NodeState& state) {
    if (status.memory_total() > 0) {
      state.memory_available = Bytes(static_cast<std::int64_t>(status.memory_available()));
    }
    state.last_report = WallNow();
    state.cgroup_version = status.cgroup_version();
    state.missing.assign(status.missing().begin(), status.missing().end());
  });
}

void Intake::Settle(AgentPool& pool, TimePoint now) {
  std::vector<std::pair<std::string, Waiting>> retry;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [node, held] : nodes_) {
      for (Waiting& waiting : held.unknown) retry.emplace_back(node, waiting);
    }
  }
  for (const auto& [node, waiting] : retry) {
    const bool given_up = now - waiting.since > kUnknownPatience;
    if (!TakeOom(node, waiting.oom) && !given_up) continue;
    if (given_up) {
      log_.Warn("OOM kill of a container that no pod owns",
                {{"node", node}, {"id", waiting.oom.id()}});
    }
    const std::uint64_t intake = fleet_.LastIntake();
    const std::lock_guard lock(mutex_);
    NodeLog& held = nodes_[node];
    std::erase_if(held.unknown, [&](const Waiting& w) { return w.cursor == waiting.cursor; });
    held.told.Delay(waiting.cursor, intake);
  }

  const std::uint64_t stored = fleet_.StoredUpTo();
  struct DueAck {
    std::string node;
    std::string instance;
    std::uint64_t cursor = 0;
  };
  std::vector<DueAck> acks;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [node, held] : nodes_) {
      std::uint64_t barrier = UINT64_MAX;
      for (const Waiting& waiting : held.unknown) barrier = std::min(barrier, waiting.cursor);
      const std::uint64_t cursor = held.told.TakeDue(stored, barrier);
      if (cursor != 0) acks.push_back({node, held.instance, cursor});
    }
  }
  for (const DueAck& ack : acks) pool.Ack(ack.node, ack.instance, ack.cursor);
}

IntakeCounters Intake::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

}  // namespace plimsoll::agents
