// SPDX-License-Identifier: Apache-2.0
//
// Takes in what the agents report: urgent readings go to the guard first, everything goes into the
// fleet, and a report is acknowledged only when what it told is stored. What cannot be laid to a
// container yet (its status is still on its way) waits for a minute and holds the acknowledgement.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "operator/config/log.h"
#include "operator/fleet/fleet.h"
#include "operator/sources/agents/ack_ledger.h"
#include "operator/sources/agents/agent_pool.h"
#include "operator/sources/agents/tune_desk.h"

namespace plimsoll::agents {

// Raises before the kill; called on gRPC's threads and must not block.
class UrgentSink {
 public:
  virtual ~UrgentSink() = default;
  virtual void OnUrgent(const std::string& container_id, const model::MemoryDigest& digest) = 0;
};

struct IntakeCounters {
  std::uint64_t digests = 0;
  std::uint64_t urgent = 0;
  std::uint64_t ooms = 0;
  std::uint64_t duplicate_ooms = 0;
  std::uint64_t refused = 0;  // could not be understood or taken
  std::uint64_t unknown_container = 0;
};

class Intake final : public Listener {
 public:
  Intake(fleet::Fleet& fleet, UrgentSink& urgent, TuneDesk& desk, const Log& log)
      : fleet_(fleet), urgent_(urgent), desk_(desk), log_(log) {}

  void OnConnected(const std::string& node, const v1::Welcome& welcome) override;
  void OnReport(const std::string& node, const v1::Report& report) override;
  void OnDisconnected(const std::string& node, const std::string& problem) override;

  // Every second or so: takes in what was unknown, acknowledges what is stored.
  void Settle(AgentPool& pool, TimePoint now);

  [[nodiscard]] IntakeCounters counters() const;

 private:
  struct Waiting {
    v1::Oom oom;
    std::uint64_t cursor = 0;
    TimePoint since{};
  };
  struct NodeLog {
    std::string instance{};
    std::uint64_t taken = 0;  // the highest cursor of this instance that was told
    AckLedger told{};
    std::vector<Waiting> unknown{};
  };

  // Remembers how far the node's agent has told. False: an earlier connection told this one
  // already, and it was not acknowledged.
  bool NoteTold(const std::string& node, std::uint64_t cursor);
  // What the agent of one node tells of another's containers is not believed: an agent that was
  // broken into, or is mixed up, does no harm beyond its own node.
  bool IsElsewhere(const std::string& node, const std::string& container_id,
                   const std::string& pod_uid = {});
  void TakeDigest(const std::string& node, const v1::Digest& digest);
  // False when the container is not known (yet).
  bool TakeOom(const std::string& node, const v1::Oom& oom);
  void TakeRuntime(const std::string& node, const v1::RuntimeReport& report);
  void TakeNode(const std::string& node, const v1::NodeStatus& status);

  fleet::Fleet& fleet_;
  UrgentSink& urgent_;
  TuneDesk& desk_;
  const Log& log_;
  mutable std::mutex mutex_;
  std::map<std::string, NodeLog> nodes_;
  IntakeCounters counters_;
};

}  // namespace plimsoll::agents
