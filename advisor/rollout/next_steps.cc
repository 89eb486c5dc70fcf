// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/next_steps.h"

#include <algorithm>
#include <set>
#include <string>

#include "advisor/rollout/apart.h"
#include "advisor/rollout/grow.h"
#include "advisor/rollout/pod_cgroup.h"
#include "advisor/rollout/refusal.h"
#include "advisor/rollout/shrink.h"
#include "advisor/rollout/shrink_order.h"
#include "advisor/rollout/tune.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {
namespace {

constexpr Duration kPatchSettles = std::chrono::seconds(1);

class Chooser {
 public:
  Chooser(const Plan& plan, const WorkloadState& state, const Progress& progress, TimePoint now)
      : plan_(plan),
        state_(state),
        progress_(progress),
        now_(now),
        wishes_(WishesOf(plan, state, progress, now)) {
    for (const PodState& pod : state.pods) {
      if (PodCgroupIsStale(pod, plan.rules, now)) {
        under_way_.insert(pod.uid);
      } else if (!pod.containers.empty() && AtWish(pod, wishes_)) {
        proven_ = true;
      }
      if (std::ranges::any_of(pod.containers, [&](const ContainerState& container) {
            return IsUnderWay(pod, container);
          })) {
        under_way_.insert(pod.uid);
      }
    }
  }

  Decision Choose() {
    for (const PodState& pod : state_.pods) ChooseFor(pod);
    decision_.in_force =
        under_way_.empty() && std::ranges::all_of(state_.pods, [](const PodState& pod) {
          return pod.resize == ResizeStatus::kNone;
        });
    if (!decision_.reason.code.empty()) return std::move(decision_);
    if (!under_way_.empty()) {
      decision_.reason = {"ResizeInProgress", "a resize is on its way to the kernel"};
    } else if (auto why = WhyAnyIsApart()) {
      decision_.reason = std::move(*why);
    } else if (auto owned = WhyAnyRuntimeIsApart()) {
      decision_.reason = std::move(*owned);
    } else {
      decision_.settled = true;
      decision_.look_again = plan_.rules.reading_fresh;  // it is said of fresh readings only
    }
    return std::move(decision_);
  }

 private:
  // The kernel has not what the pod object asks; or we asked, and nobody has read the kernel since.
  bool IsUnderWay(const PodState& pod, const ContainerState& container) const {
    if (!container.running) return false;
    const std::optional<TimePoint>& patched = MemoryOf(pod).patched;
    if (patched && now_ - *patched < kPatchSettles) return true;  // all we see may be from before
    if (container.reading) return !Actuated(container);
    return MemoryOf(pod).wrote.contains(container.name);
  }

  std::optional<recommend::Reason> WhyAnyIsApart() const {
    if (state_.pods.empty()) return recommend::Reason{"ContainerNotRunning", "no pod is on a node"};
    for (const PodState& pod : state_.pods) {
      if (auto why = WhyApart(pod, wishes_, plan_.rules, now_)) return why;
    }
    return std::nullopt;
  }

  std::optional<recommend::Reason> WhyAnyRuntimeIsApart() const {
    for (const PodState& pod : state_.pods) {
      for (const ContainerState& container : pod.containers) {
        const auto wish = wishes_.find(container.name);
        if (wish == wishes_.end()) continue;
        if (auto why = OwnedByUser(container, *wish->second.target)) return why;
      }
    }
    return std::nullopt;
  }

  // The pod object and the readings still show what was before our last patch.
  bool JustPatched(const PodProgress& memory) {
    if (!memory.patched || now_ - *memory.patched >= kPatchSettles) return false;
    Explain({"ResizeInProgress", "a resize was sent just now"},
            kPatchSettles - (now_ - *memory.patched));
    return true;
  }

  // The API server refused the last patch for good; only a kill since then is worth another try.
  bool Rejected(const PodState& pod, const PodProgress& memory) {
    if (!memory.rejected || now_ - *memory.rejected >= plan_.rules.refused_hold) return false;
    for (const ContainerState& container : pod.containers) {
      const auto oom = state_.last_oom.find(container.name);
      if (oom != state_.last_oom.end() && oom->second.time > *memory.rejected) return false;
    }
    Explain(memory.refused_why, plan_.rules.refused_hold - (now_ - *memory.rejected));
    return true;
  }

  // Most pressing first; the first that applies is all that happens to the pod now.
  void ChooseFor(const PodState& pod) {
    const PodProgress& memory = MemoryOf(pod);
    if (JustPatched(memory) || Rejected(pod, memory)) return;
    RefusalAdvice refusal = Refusal(pod, wishes_, plan_.rules, memory, now_);
    if (!refusal.reason.code.empty()) {
      Explain(refusal.reason, refusal.look_again);
      if (refusal.step) decision_.steps.push_back(std::move(*refusal.step));
      return;
    }
    if (auto heal = Heal(pod, wishes_, plan_, memory, now_)) {
      Explain(heal->reason, std::nullopt);
      decision_.steps.push_back(std::move(*heal));
      return;
    }
    if (GrowPod(pod, memory)) return;
    for (const ContainerState& container : pod.containers) {
      if (SettleContainer(pod, container, memory)) return;
    }
  }

  // True when the pod is (or waits to be) grown.
  bool GrowPod(const PodState& pod, const PodProgress& memory) {
    GrowAdvice grow = Grow(pod, wishes_, plan_, memory, proven_, now_);
    if (!grow.reason.code.empty()) Explain(grow.reason, grow.look_again);
    if (!grow.withheld.code.empty()) Explain(grow.withheld, grow.look_again);
    if (!grow.step) return !grow.reason.code.empty();
    const bool another = first_taken_ || under_way_.size() > under_way_.count(pod.uid);
    if (!grow.urgent && !proven_ && another) {
      Explain({"RolloutInProgress", "one pod first; the others follow when it has its new limit"},
              std::nullopt);
      return true;
    }
    first_taken_ = true;
    Explain({"RolloutInProgress", grow.step->reason.message}, std::nullopt);
    decision_.steps.push_back(std::move(*grow.step));
    return true;
  }

  // Cuts and tunes one container; true when a step was chosen.
  bool SettleContainer(const PodState& pod, const ContainerState& container,
                       const PodProgress& memory) {
    const auto wish = wishes_.find(container.name);
    if (wish == wishes_.end()) return false;
    const ContainerTarget& target = *wish->second.target;
    if (wish->second.rollback && progress_.hold_until) {
      Explain({"RolledBack", wish->second.hurt + "; no cut before the hold is over"},
              *progress_.hold_until - now_);
    }
    const ShrinkAdvice shrink = Shrink(pod, container, wish->second, plan_, progress_, now_);
    ExplainTune(container, target, shrink, memory);
    if (!shrink.reason.code.empty()) Explain(shrink.reason, shrink.look_again);
    if (shrink.next) {
      const ShrinkTurn turn = TurnOf(pod, container, state_, progress_, plan_.rules, now_);
      if (turn.may_go) return CutOrTune(pod, container, target, shrink, memory);
      Explain(turn.reason, turn.look_again);
    }
    if (!Actuated(container) || !container.spec.limit) return false;
    auto tune = Tune(pod, container, target, *container.spec.limit, memory, plan_.rules, now_);
    if (!tune) return false;
    Explain(tune->reason, std::nullopt);
    decision_.steps.push_back(std::move(*tune));
    return true;
  }

  // What became of the last Tune matters more than what else a cut waits for.
  void ExplainTune(const ContainerState& container, const ContainerTarget& target,
                   const ShrinkAdvice& shrink, const PodProgress& memory) {
    const bool cuts = shrink.next && shrink.next->limit;
    const std::optional<Bytes> limit = cuts ? shrink.next->limit : container.spec.limit;
    if (!limit || !Actuated(container)) return;
    if (auto standing = TuneStanding(container, target, *limit, memory)) {
      Explain(*std::move(standing), plan_.rules.tune_shows);
    }
  }

  bool CutOrTune(const PodState& pod, const ContainerState& container,
                 const ContainerTarget& target, const ShrinkAdvice& shrink,
                 const PodProgress& memory) {
    if (shrink.next->limit) {
      auto tune = Tune(pod, container, target, *shrink.next->limit, memory, plan_.rules, now_);
      if (tune) {
        Explain(tune->reason, std::nullopt);
        decision_.steps.push_back(std::move(*tune));
        return true;
      }
      if (auto wait =
              TuneOutstanding(container, target, *shrink.next->limit, memory, plan_.rules, now_)) {
        Explain(std::move(*wait), plan_.rules.tune_shows);
        return true;
      }
    }
    if (!shrink.allowed) return true;  // usage has to fall first; the reason is told already
    Explain({"RolloutInProgress", "memory is taken back step by step"}, std::nullopt);
    decision_.steps.push_back(
        Step{.kind = StepKind::kResize,
             .intent = Intent::kShrink,
             .pod_uid = pod.uid,
             .pod_name = pod.name,
             .resizes = {*shrink.next},
             .reason = {"OverProvisioned", "lowered towards the recommendation"}});
    return true;
  }

  const PodProgress& MemoryOf(const PodState& pod) const {
    static const PodProgress kNone;
    const auto found = progress_.pods.find(pod.uid);
    return found == progress_.pods.end() ? kNone : found->second;
  }

  // The first reason stands; the soonest look wins.
  void Explain(recommend::Reason reason, std::optional<Duration> look_again) {
    if (decision_.reason.code.empty()) decision_.reason = std::move(reason);
    if (look_again && (!decision_.look_again || *look_again < *decision_.look_again)) {
      decision_.look_again = look_again;
    }
  }

  const Plan& plan_;
  const WorkloadState& state_;
  const Progress& progress_;
  TimePoint now_;
  Wishes wishes_;
  Decision decision_;
  bool proven_ = false;                // some pod already runs at the wish
  std::set<std::string> under_way_{};  // uids of pods with a resize not in the kernel yet
  bool first_taken_ = false;           // the first pod of this round is chosen
};

}  // namespace

Decision NextSteps(const Plan& plan, const WorkloadState& state, const Progress& progress,
                   TimePoint now) {
  return Chooser(plan, state, progress, now).Choose();
}

}  // namespace plimsoll::rollout
