// SPDX-License-Identifier: Apache-2.0
//
// Telling runtimes their settings. An app may hang: nobody waits for its answer, which is taken in
// on the thread that brings it.
#include "advisor/rollout/unanswered.h"
#include "operator/api/reasons.h"
#include "operator/controllers/autopatch/autopatch.h"

namespace plimsoll::autopatch {

Status Autopatch::Tune(const fleet::Workload& workload, const rollout::Step& step,
                       const rollout::Rules& rules) {
  if (Status may = with_.client.MayWrite(); !may) return may;
  const auto entry = workload.pods.find(step.pod_uid);
  const kube::ContainerStatus* status =
      entry != workload.pods.end() ? entry->second.pod->FindStatus(step.container) : nullptr;
  if (status == nullptr) return {};  // gone; its successor is looked at by itself
  const TunesUnderWay::Place place{step.pod_uid, step.container};
  if (!tunes_.Begin(workload.key, place)) return {};
  const TuneCall call{.key = workload.key,
                      .identity = workload.identity,
                      .step = step,
                      .rules = rules,
                      .sent = with_.client.clock().Now()};
  Status sent =
      with_.tune(entry->second.pod->node.str(), fleet::BareContainerId(status->container_id),
                 step.settings, [this, call](const Status& done) { TuneAnswered(call, done); });
  if (!sent) tunes_.End(workload.key, place);
  return sent;
}

void Autopatch::TuneAnswered(const TuneCall& call, const Status& done) {
  const TimePoint now = with_.client.clock().Now();
  with_.fleet.ChangeProgress(call.key, [&](rollout::Progress progress) {
    if (done) {
      return rollout::Recorded(std::move(progress), call.step, call.rules, call.sent, now);
    }
    const std::string& why = done.error().message();
    if (done.error().code() == ErrorCode::kConflict) {
      return rollout::RecordedUnanswered(std::move(progress),
                                         {.step = call.step, .sent = call.sent, .why = why});
    }
    return rollout::RecordedRefusal(std::move(progress), call.step,
                                    {std::string(api::reason::kTuneRefused), why}, now);
  });
  const bool unanswered = !done && done.error().code() == ErrorCode::kConflict;
  if (done) {
    Count(call.step);
  } else if (!unanswered) {
    ++counters_.refused;
  }
  if (!unanswered) Announce(call.key, call.identity, call.step, done);
  tunes_.End(call.key, {call.step.pod_uid, call.step.container});
  queue_.Add(call.key);
  if (unanswered) queue_.AddAfter(call.key, call.rules.tune_again - (now - call.sent));
}

}  // namespace plimsoll::autopatch
