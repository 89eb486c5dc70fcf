// SPDX-License-Identifier: Apache-2.0
//
// What of the watcher outlives its process, and what it tells of its own state.
#include <spdlog/spdlog.h>

#include <utility>

#include "advisor/base/unix_nano.h"
#include "operator/agent/base/now.h"
#include "operator/agent/watch/node_status.h"
#include "operator/agent/watch/node_watcher.h"

namespace plimsoll::agent {
namespace {

constexpr Duration kStatusEvery(15'000);
constexpr Duration kSaveEvery(60'000);

}  // namespace

// Goes on where the process before us stopped: its unacknowledged events are numbered anew, what it
// watched is watched, kills since then are found in the log and in the counters.
void NodeWatcher::Recall() {
  const v1::AgentState state = state_.Load();
  for (const v1::Oom& oom : state.unacknowledged()) {
    v1::Report report;
    *report.mutable_oom() = oom;
    log_.Append(std::move(report));
  }
  oom_->Restore(state);
  saved_before_ = FromUnixNano(state.saved_unix_nano());
  for (const v1::Container& container : state.watch().containers()) {
    watched_before_.insert(container.container_id());
  }
  if (state.watch().containers_size() > 0) ApplyWatch(state.watch());
  // After the counters: what they say is the measure of which lines are of kills already told.
  oom_->ReadLog(Now());
  next_save_ = Now() + kSaveEvery;
}

void NodeWatcher::SaveState() {
  next_save_ = Now() + kSaveEvery;
  v1::AgentState state;
  oom_->Save(state, WallNow());
  for (v1::Oom& oom : log_.PendingOoms()) *state.add_unacknowledged() = std::move(oom);
  *state.mutable_watch() = wanted_;
  const Status saved = state_.Save(std::move(state));
  if (!saved && !save_failed_) {
    spdlog::error("the state is not saved, a restart now may lose OOM events: {}",
                  saved.error().message());
  }
  save_failed_ = !saved;
}

void NodeWatcher::SendStatus() {
  next_status_ = Now() + kStatusEvery;
  if (oom_->log_fd() < 0) oom_->ReadLog(Now());
  NodeSenses senses{.version = hierarchy_.version,
                    .watched = watched_.size(),
                    .kernel_log = oom_->has_log(),
                    .processes = processes_.has_value()};
  for (const auto& [id, watched] : watched_) {
    const GroupAbilities& one = watched.watch->group().abilities();
    senses.all.pressure = senses.all.pressure && one.pressure;
    senses.all.peak_reset = senses.all.peak_reset && one.peak_reset;
    senses.all.threshold = senses.all.threshold && one.threshold;
  }
  log_.Status(MakeNodeStatus(senses, options_.proc_root));
}

}  // namespace plimsoll::agent
