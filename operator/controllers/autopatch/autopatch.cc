// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/autopatch.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "advisor/rollout/unanswered.h"
#include "operator/api/reasons.h"
#include "operator/controllers/autopatch/observe.h"
#include "operator/controllers/autopatch/report.h"
#include "operator/controllers/autopatch/resize_patch.h"
#include "operator/kube/resources.h"

namespace plimsoll::autopatch {
namespace {

// Readings arrive one by one; a look for each would see the same pods again.
constexpr Duration kGather = std::chrono::milliseconds(200);
// The pod changed between our look and our patch; the informer tells it within milliseconds.
constexpr Duration kLookAgain = std::chrono::milliseconds(20);
// While nobody knows what the server can do; it is asked every two seconds.
constexpr Duration kAskedSoon = std::chrono::seconds(2);

const fleet::PodEntry* Find(const fleet::Workload& workload, const std::string& uid) {
  const auto found = workload.pods.find(uid);
  return found == workload.pods.end() ? nullptr : &found->second;
}

}  // namespace

Autopatch::Autopatch(Collaborators with)
    : with_(std::move(with)), queue_(with_.client.clock(), stats_.QueueOptions()) {}

void Autopatch::Enqueue(const model::WorkloadKey& key, fleet::Change change) {
  switch (change) {
    case fleet::Change::kReading:
      queue_.AddAfter(key, kGather);
      break;
    case fleet::Change::kPods:
    case fleet::Change::kAdvice:
      queue_.Add(key);
      break;
    case fleet::Change::kOom:  // the advice that follows from it is on its way
    case fleet::Change::kCarried:
    case fleet::Change::kCheckpoint:
      break;
  }
}

void Autopatch::Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse) {
  controllers::Work(
      queue_, stop, pulse, stats_, [&](const auto& key) { return Reconcile(key, pulse); },
      [this](const auto& key, const Error& error) {
        with_.log.Warn("patch not carried out; tried again",
                       {{"namespace", key.ns},
                        {"workload", key.kind + "/" + key.name},
                        {"problem", error.message()}});
      },
      [](const auto&) {});
}

Status Autopatch::Reconcile(const model::WorkloadKey& key, controllers::Heartbeats::Pulse& pulse) {
  // Before the workload: what was answered since then is in it.
  const std::set<TunesUnderWay::Place> tuning = tunes_.Of(key);
  const std::optional<fleet::Workload> workload = with_.fleet.Snapshot(key);
  if (!workload || workload->permission.mode != api::Mode::kAutoPatch ||
      workload->permission.forbidden || workload->pods.empty()) {
    return {};
  }
  const std::optional<rollout::Capability> capability = with_.server.Now();
  if (!capability) {
    with_.fleet.ChangeCarried(key, [&](fleet::Carried& carried) {
      carried.settled = false;
      carried.reason = ServerNotKnown(with_.server.problem());
    });
    queue_.AddAfter(key, kAskedSoon);
    return {};
  }
  const TimePoint now = with_.client.clock().Now();
  const rollout::WorkloadState state = StateOf(*workload, tuning, now);
  const rollout::Plan plan = PlanOf(*workload, *capability, now);
  const std::vector<std::string> not_in_place = NotInPlace(*workload, plan.rules);
  if (plan.targets.empty()) {
    with_.fleet.ChangeCarried(key, [&](fleet::Carried& carried) {
      carried.settled = false;
      carried.reason = not_in_place.empty() ? NoAdvice() : LeftToTemplate(not_in_place);
    });
    return {};
  }
  Status worst;
  std::optional<api::LastPatch> patch;
  const rollout::Progress progress = CatchUp(*workload, state, plan.rules, patch);
  const rollout::Decision decision = rollout::NextSteps(plan, state, progress, now);
  bool held_back = false;
  for (const rollout::Step& step : decision.steps) {
    if (!MayGo(key, step)) {
      held_back = true;
      continue;
    }
    pulse.Tick();
    const Status done = CarryOut(*workload, step, plan.rules, patch);
    if (!done) worst = done;
  }
  with_.fleet.ChangeCarried(key, [&](fleet::Carried& carried) {
    carried.settled = decision.settled && not_in_place.empty();
    carried.reason = carried.settled    ? Settled(state)
                     : decision.settled ? LeftToTemplate(not_in_place)
                                        : decision.reason;
    if (held_back) carried.reason = HeldBack();
    if (!worst) carried.reason = WhyRefused(worst.error());
    if (patch) {
      carried.last_patch = patch;
    } else if (decision.in_force && carried.last_patch &&
               carried.last_patch == workload->carried.last_patch &&  // the guard may have patched
               carried.last_patch->result == api::PatchResult::kInProgress) {
      carried.last_patch->result = api::PatchResult::kApplied;
    }
  });
  if (decision.look_again) queue_.AddAfter(key, *decision.look_again);
  // What the server refuses for good is remembered and not repeated at once.
  if (!worst && worst.error().code() == ErrorCode::kRetryable) return worst;
  return {};
}

rollout::Progress Autopatch::CatchUp(const fleet::Workload& workload,
                                     const rollout::WorkloadState& state,
                                     const rollout::Rules& rules,
                                     std::optional<api::LastPatch>& patch) {
  rollout::CaughtUp seen =
      rollout::CatchUp(rollout::Pruned(workload.progress, state), state, rules);
  if (seen.done.empty()) return std::move(seen.progress);
  // Told is what is taken out here: the guard may have given up on one since the snapshot, and then
  // it is ours to tell.
  std::vector<rollout::Unanswered> done;
  with_.fleet.ChangeProgress(workload.key, [&](rollout::Progress progress) {
    rollout::CaughtUp now = rollout::CatchUp(std::move(progress), state, rules);
    done = std::move(now.done);
    return std::move(now.progress);
  });
  for (const rollout::Unanswered& taken : done) {
    if (taken.told_by_sender) continue;
    Count(taken.step);
    if (taken.step.kind == rollout::StepKind::kResize) patch = PatchOf(taken.step, {}, taken.sent);
    Announce(workload.key, workload.identity, taken.step, {});
  }
  return std::move(seen.progress);
}

void Autopatch::Count(const rollout::Step& step) {
  if (step.kind == rollout::StepKind::kTune) {
    ++counters_.tuned;
  } else {
    ++(step.intent == rollout::Intent::kRollback ? counters_.rolled_back : counters_.applied);
  }
}

bool Autopatch::MayGo(const model::WorkloadKey& key, const rollout::Step& step) {
  if (step.kind != rollout::StepKind::kResize) return true;
  if (with_.pace.Take(step.urgent, with_.client.clock().Monotonic())) return true;
  queue_.AddAfter(key, with_.pace.Turn(step.urgent));
  return false;
}

Status Autopatch::CarryOut(const fleet::Workload& workload, const rollout::Step& step,
                           const rollout::Rules& rules, std::optional<api::LastPatch>& patch) {
  if (step.kind == rollout::StepKind::kTune) return Tune(workload, step, rules);
  const TimePoint sent = with_.client.clock().Now();
  if (step.intent == rollout::Intent::kShrink) {
    if (Status intended = Intend(workload.key, step, sent); !intended) return intended;
  }
  const Status done = Resize(workload, step);
  if (!done) {
    const ErrorCode code = done.error().code();
    NoteFailure(workload.key, step, sent, done.error());
    if (code == ErrorCode::kNotFound) return NotFound(workload.key, step.pod_uid);
    // Gone: its successor is looked at by itself.
    if (IsAnotherPod(done.error())) return {};
    if (code == ErrorCode::kConflict) {
      queue_.AddAfter(workload.key, kLookAgain);
      return {};
    }
    // Not ours to write any more, or being stopped: nobody refused anything.
    if (code == ErrorCode::kCanceled) return done;
  }
  const TimePoint now = with_.client.clock().Now();
  Remember(workload, step, rules, done, {.sent = sent, .answered = now});
  patch = PatchOf(step, done, now);
  Announce(workload.key, workload.identity, step, done);
  return done;
}

Status Autopatch::Intend(const model::WorkloadKey& key, const rollout::Step& step, TimePoint sent) {
  with_.fleet.ChangeProgress(key, [&](rollout::Progress progress) {
    return rollout::RecordedUnanswered(std::move(progress), {.step = step, .sent = sent});
  });
  const Status stored = with_.store(key);
  if (stored) return {};
  with_.fleet.ChangeProgress(key, [&](rollout::Progress progress) {
    return rollout::RecordedUnsent(std::move(progress), step, sent);
  });
  return Fail(ErrorCode::kRetryable,
              "a cut is not sent before it is written down: " + stored.error().message());
}

void Autopatch::NoteFailure(const model::WorkloadKey& key, const rollout::Step& step,
                            TimePoint sent, const Error& error) {
  const ErrorCode code = error.code();
  // Stopped in the middle: whoever comes next looks whether it was taken.
  if (code == ErrorCode::kCanceled) return;
  const bool lost = code == ErrorCode::kConflict || code == ErrorCode::kRetryable;
  with_.fleet.ChangeProgress(key, [&](rollout::Progress progress) {
    return lost ? rollout::RecordedUnanswered(std::move(progress),
                                              {.step = step, .sent = sent, .why = error.message()})
                : rollout::RecordedUnsent(std::move(progress), step, sent);
  });
}

void Autopatch::Remember(const fleet::Workload& workload, const rollout::Step& step,
                         const rollout::Rules& rules, const Status& done, Times times) {
  if (done) {
    with_.fleet.ChangeProgress(workload.key, [&](rollout::Progress progress) {
      return rollout::Recorded(std::move(progress), step, rules, times.sent, times.answered);
    });
    Count(step);
  } else if (done.error().code() != ErrorCode::kRetryable) {
    with_.fleet.ChangeProgress(workload.key, [&](rollout::Progress progress) {
      return rollout::RecordedRefusal(std::move(progress), step, WhyRefused(done.error()),
                                      times.answered);
    });
    ++counters_.refused;
  }
}

Status Autopatch::Resize(const fleet::Workload& workload, const rollout::Step& step) {
  const fleet::PodEntry* entry = Find(workload, step.pod_uid);
  if (entry == nullptr) return Fail(ErrorCode::kNotFound, "pod " + step.pod_name + " is gone");
  nlohmann::json patch = ResizePatch(step.resizes, *entry->pod);
  // Another pod may have taken the name (StatefulSet), or the guard may have raised this one since
  // we looked: a step that was chosen for what was before must not take that away.
  patch["metadata"]["uid"] = step.pod_uid;
  patch["metadata"]["resourceVersion"] = entry->pod->meta.resource_version.str();
  const auto answer = with_.client.Patch(kube::kPods, entry->pod->meta.key(),
                                         kube::PatchType::kStrategic, patch, ResizeOptions());
  if (!answer) return std::unexpected(answer.error().Context("resizing pod " + step.pod_name));
  return {};
}

Status Autopatch::NotFound(const model::WorkloadKey& key, const std::string& pod_uid) {
  const auto workload = with_.fleet.Snapshot(key);
  // Gone: its successor is looked at by itself.
  if (!workload || !workload->pods.contains(pod_uid)) return {};
  if (const Status asked = with_.server.Ask(); !asked) {
    return std::unexpected(asked.error().Context("asking whether pods/resize is served"));
  }
  if (!with_.server.CanGrow()) queue_.Add(key);  // to be told so
  return {};
}

void Autopatch::Announce(const model::WorkloadKey& key, const fleet::Identity& identity,
                         const rollout::Step& step, const Status& done) {
  if (done) {
    with_.log.Info("step carried out", {{"namespace", key.ns},
                                        {"workload", key.kind + "/" + key.name},
                                        {"pod", step.pod_name},
                                        {"intent", IntentName(step.intent)},
                                        {"step", Describe(step)}});
  }
  if (!done && done.error().code() == ErrorCode::kRetryable) return;  // it is tried again
  with_.events.Record(EventOf(key, identity, step, done));
}

}  // namespace plimsoll::autopatch
