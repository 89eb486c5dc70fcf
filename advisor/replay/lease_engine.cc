// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/lease_engine.h"

#include <algorithm>

#include "advisor/recommend/recommend.h"

namespace plimsoll::replay {
namespace {

constexpr Ratio kRaiseFrom{1.015};
constexpr Ratio kCutFrom{0.96};
constexpr Ratio kLargestCut{0.85};
constexpr Duration kBetweenCuts = std::chrono::hours(6);
// A request that is short is corrected at once; one that is ample waits for the next cut.
constexpr Ratio kRequestShort{1.03};

recommend::Question QuestionOf(const Situation& situation) {
  recommend::Question question{.now = situation.now,
                               .policy = situation.policy,
                               .constraints = situation.constraints,
                               .guard = situation.guard};
  if (situation.in_force) {
    question.current = {situation.in_force->request, situation.in_force->limit};
    question.previous = question.current;
  }
  return question;
}

}  // namespace

void LeaseEngine::Observe(std::string_view pod, const model::MemoryDigest& digest) {
  history_.Observe(pod, digest);
}

void LeaseEngine::Observe(std::string_view pod, const model::RuntimeStats& stats) {
  history_.Observe(pod, stats);
}

void LeaseEngine::Observe(std::string_view, const model::OomEvent& event, const Resources&) {
  history_.Observe(event);
}

void LeaseEngine::ObserveRelease(TimePoint time, std::string_view release) {
  history_.ObserveRelease(time, release);
}

recommend::Recommendation LeaseEngine::Advise(const Situation& situation) {
  return recommend::Recommend(history_, QuestionOf(situation));
}

std::optional<Resources> LeaseEngine::Act(const Situation& situation) {
  const auto advice = recommend::RecommendNumbers(history_, QuestionOf(situation));
  if (!advice.limit || !advice.request) return std::nullopt;
  const Resources wanted{*advice.request, *advice.limit};
  if (!situation.in_force) return wanted;
  const Resources& now = *situation.in_force;

  if (wanted.limit > now.limit * kRaiseFrom) {
    return Resources{std::max(wanted.request, std::min(now.request, wanted.limit)), wanted.limit};
  }
  const bool may_cut =
      advice.may_shrink && (!last_cut_ || situation.now - *last_cut_ >= kBetweenCuts);
  const bool cut_limit = wanted.limit < now.limit * kCutFrom;
  const bool cut_request = wanted.request < now.request * kCutFrom;
  if (may_cut && (cut_limit || cut_request)) {
    last_cut_ = situation.now;
    const Bytes limit = cut_limit ? std::max(wanted.limit, now.limit * kLargestCut) : now.limit;
    return Resources{std::min(wanted.request, limit), limit};
  }
  if (wanted.request > now.request * kRequestShort) {
    return Resources{std::min(wanted.request, now.limit), now.limit};
  }
  return std::nullopt;
}

}  // namespace plimsoll::replay
