// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/lease_engine.h"

#include "advisor/recommend/recommend.h"

namespace plimsoll::replay {
namespace {

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
  recommend::Question question = QuestionOf(situation);
  const auto advice = recommend::RecommendNumbers(history_, question);
  if (!advice.limit || !advice.request) return std::nullopt;
  Wish wish{.wanted = {*advice.request, *advice.limit}, .may_shrink = advice.may_shrink};
  if (!situation.in_force) return wish.wanted;
  if (advice.guarded) {
    question.guard.active = false;
    wish.unguarded_limit = recommend::RecommendNumbers(history_, question).limit;
  }
  return actuator_.Next(*situation.in_force, wish, situation.now);
}

}  // namespace plimsoll::replay
