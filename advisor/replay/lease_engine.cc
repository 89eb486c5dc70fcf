// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/lease_engine.h"

#include <algorithm>

#include "advisor/history/slots.h"
#include "advisor/leak/leak_test.h"
#include "advisor/recommend/recommend.h"
#include "advisor/sizing/expected.h"

namespace plimsoll::replay {
namespace {

recommend::Question QuestionOf(const Situation& situation) {
  recommend::Question question{.now = situation.now,
                               .policy = situation.policy,
                               .constraints = situation.constraints,
                               .current = situation.in_force,
                               .guard = situation.guard,
                               .batch = situation.batch};
  if (situation.in_force.request || situation.in_force.limit)
    question.previous = situation.in_force;
  return question;
}

}  // namespace

void LeaseEngine::Observe(std::string_view pod, const model::MemoryDigest& digest) {
  history_.Observe(pod, digest);
  autopatch_.Observe(digest);
}

void LeaseEngine::Observe(std::string_view pod, const model::RuntimeStats& stats) {
  history_.Observe(pod, stats);
}

void LeaseEngine::Observe(std::string_view, const model::OomEvent& event, const Resources&) {
  history_.Observe(event);
  autopatch_.Observe(event);
}

void LeaseEngine::ObserveRelease(TimePoint time, std::string_view release) {
  history_.ObserveRelease(time, release);
}

recommend::Recommendation LeaseEngine::Advise(const Situation& situation) {
  return recommend::Recommend(history_, QuestionOf(situation));
}

Bytes LeaseEngine::PeakOfLastHour(TimePoint now) const {
  const history::Hour hour = history::HourOf(now - Duration(1));
  const auto& peaks = history_.peaks();
  return Bytes::FromDouble(
      history::Decode(std::max(peaks.HourPeak(hour - 1), peaks.HourPeak(hour))));
}

std::optional<Resources> LeaseEngine::Act(const Situation& situation) {
  const model::Controlled controlled = situation.policy.controlled;
  if (controlled == model::Controlled::kNone) return std::nullopt;
  const bool in_force = Both(situation.in_force).has_value();
  if (autopatch_.Urgent() && in_force && situation.guard.active &&
      model::ControlsLimit(controlled, situation.constraints.guaranteed)) {
    const bool leak = history_.level().verdict() != leak::Verdict::kNone;
    return autopatch_.Raise(situation, leak, sizing::ExpectedDemand(history_, situation.now));
  }
  const auto advice = recommend::RecommendNumbers(history_, QuestionOf(situation));
  if (!advice.limit || !advice.request) return std::nullopt;
  const Resources wanted{*advice.request, *advice.limit};
  if (!in_force) return wanted;
  return autopatch_.Next(situation,
                         {.wanted = wanted,
                          .may_shrink = advice.may_shrink,
                          .peak_hour = PeakOfLastHour(situation.now),
                          .pressure = advice.reasons.Has(recommend::ReasonCode::kPressureOn)});
}

}  // namespace plimsoll::replay
