// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/unanswered.h"

#include <doctest/doctest.h>

#include "tests/advisor/rollout/fixture.h"

namespace plimsoll::rollout {
namespace {

Step ACut(const PodState& pod, Bytes from, Bytes to) {
  return {.intent = Intent::kShrink,
          .pod_uid = pod.uid,
          .pod_name = pod.name,
          .resizes = {{.container = "app", .limit = to, .from_limit = from}}};
}

TEST_CASE("CatchUp: a cut without an answer is remembered once the pod shows it") {
  WorkloadState state = AWorkload({APod("a", 32_MiB, 512_MiB)});
  const Step cut = ACut(state.pods[0], 512_MiB, 436_MiB);
  Progress progress = RecordedUnanswered({}, {.step = cut, .sent = kNow - 3s});

  const CaughtUp before = CatchUp(progress, state, {});
  CHECK(before.done.empty());
  CHECK_FALSE(before.progress.last_cut.contains("app"));

  App(state.pods[0]).spec.limit = 436_MiB;
  const CaughtUp after = CatchUp(progress, state, {});
  REQUIRE(after.done.size() == 1);
  CHECK(after.progress.last_cut.at("app").from == 512_MiB);
  CHECK(after.progress.last_cut.at("app").time == kNow - 3s);
  CHECK(after.progress.pods.at("uid-a").unanswered.empty());
}

TEST_CASE("CatchUp: a pod that shows only a part of a resize does not show it") {
  WorkloadState state = AWorkload({APod("a", 32_MiB, 512_MiB)});
  Step cut = ACut(state.pods[0], 512_MiB, 436_MiB);
  cut.resizes[0].request = 16_MiB;
  App(state.pods[0]).spec.limit = 436_MiB;

  CHECK(CatchUp(RecordedUnanswered({}, {.step = cut, .sent = kNow}), state, {}).done.empty());
}

TEST_CASE("CatchUp: a rollback without an answer holds cuts down as an answered one does") {
  WorkloadState state = AWorkload({APod("a", 32_MiB, 512_MiB)});
  Step back = ACut(state.pods[0], 436_MiB, 512_MiB);
  back.intent = Intent::kRollback;
  const Rules rules;

  const CaughtUp seen = CatchUp(RecordedUnanswered({}, {.step = back, .sent = kNow}), state, rules);

  CHECK(seen.progress.hold_until == kNow + rules.hold_down);
}

TEST_CASE("RecordedUnanswered: a step that is answered ends the wait, and few are kept") {
  const WorkloadState state = AWorkload({APod("a", 32_MiB, 512_MiB)});
  const Step cut = ACut(state.pods[0], 512_MiB, 436_MiB);
  Progress progress;
  for (int i = 0; i < 20; ++i) {
    progress = RecordedUnanswered(std::move(progress), {.step = cut, .sent = kNow});
  }
  CHECK(progress.pods.at("uid-a").unanswered.size() <= 4);

  progress = Recorded(std::move(progress), cut, {}, kNow, kNow);
  CHECK(progress.pods.at("uid-a").unanswered.empty());
}

}  // namespace
}  // namespace plimsoll::rollout
