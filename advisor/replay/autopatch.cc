// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/autopatch.h"

#include <algorithm>
#include <utility>

#include "advisor/rollout/next_steps.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::replay {
namespace {

constexpr std::string_view kName = "main";
constexpr Ratio kNearLimit{0.9};

// Most answers are what is in force already: they are told without building the pod.
bool Nothing(const Resources& now, const Target& target, const rollout::Rules& rules) {
  const bool near = target.peak_hour >= now.limit * kNearLimit;
  const auto same = [near](Bytes from, Bytes to, bool worth_it) {
    return from == to || (!worth_it && !(near && to > from));
  };
  const Resources& wanted = target.wanted;
  return same(now.limit, wanted.limit, rollout::LimitWorthIt(now.limit, wanted.limit, rules)) &&
         same(now.request, wanted.request,
              rollout::RequestWorthIt(now.request, wanted.request, rules));
}

Resources After(const Resources& now, const rollout::Step& step) {
  const rollout::ContainerResize& resize = step.resizes.front();
  return {resize.request.value_or(now.request), resize.limit.value_or(now.limit)};
}

}  // namespace

void Autopatch::Observe(const model::MemoryDigest& digest) {
  (digest.urgent ? urgent_ : last_) = digest;
}

void Autopatch::Observe(const model::OomEvent& event) { last_oom_ = {event.time, event.limit}; }

rollout::WorkloadState Autopatch::StateOf(const Situation& situation, const Target& target) const {
  const Resources now = *Both(situation.in_force);
  rollout::ContainerState container{.name = std::string(kName), .running = true};
  container.spec = {now.request, now.limit};
  container.actual = container.spec;
  container.reading = rollout::Reading{.time = situation.now,
                                       .usage = last_ ? last_->hard_mean : Bytes(0),
                                       .hard = last_ ? last_->hard_peak : Bytes(0),
                                       .hard_peak_hour = target.peak_hour,
                                       .limit = now.limit,
                                       .pod_limit = now.limit,
                                       .pressure = target.pressure};
  rollout::PodState pod{.uid = std::string(kName), .name = std::string(kName)};
  pod.guaranteed = situation.constraints.guaranteed;
  pod.ready = true;
  pod.containers.push_back(std::move(container));
  rollout::WorkloadState state;
  state.pods.push_back(std::move(pod));
  if (last_oom_) state.last_oom.emplace(kName, *last_oom_);
  return state;
}

std::optional<Resources> Autopatch::Next(const Situation& situation, const Target& target) {
  urgent_.reset();
  rollout::Plan plan{.capability = {.grow = true, .shrink = true}};
  const bool answered =
      !last_oom_ || (progress_.last_raise.contains(std::string(kName)) &&
                     progress_.last_raise.at(std::string(kName)) >= last_oom_->time);
  if (answered && Nothing(*Both(situation.in_force), target, plan.rules)) return std::nullopt;
  plan.targets.push_back({.container = std::string(kName),
                          .request = target.wanted.request,
                          .limit = target.wanted.limit,
                          .may_shrink = target.may_shrink});
  const rollout::Decision decision =
      rollout::NextSteps(plan, StateOf(situation, target), progress_, situation.now);
  if (decision.steps.empty()) return std::nullopt;
  const rollout::Step& step = decision.steps.front();
  progress_ =
      rollout::Recorded(std::move(progress_), step, plan.rules, situation.now, situation.now);
  return After(*Both(situation.in_force), step);
}

std::optional<Resources> Autopatch::Raise(const Situation& situation, bool leak_suspected,
                                          std::optional<Bytes> expected) {
  const model::MemoryDigest reading = *std::exchange(urgent_, std::nullopt);
  const Resources now = *Both(situation.in_force);
  rollout::UrgentBounds bounds{.max_allowed = situation.policy.max_allowed,
                               .node_available = std::nullopt,
                               .leak_suspected = leak_suspected,
                               .expected = expected,
                               .reaction = situation.guard.reaction};
  if (situation.constraints.node_allocatable) {
    bounds.node_available = std::max(Bytes(0), *situation.constraints.node_allocatable - now.limit);
  }
  const rollout::UrgentAnswer answer = rollout::AnswerUrgent({.time = situation.now,
                                                              .hard = reading.hard_peak,
                                                              .limit = now.limit,
                                                              .rise = reading.rise,
                                                              .rate = reading.rate},
                                                             bounds, raises_);
  if (!answer.limit) return std::nullopt;
  raises_ = rollout::Counted(raises_, situation.now);
  progress_.last_raise[std::string(kName)] = situation.now;
  return Resources{now.request, *answer.limit};
}

}  // namespace plimsoll::replay
