// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/status_kills.h"

#include <doctest/doctest.h>

#include "tests/operator/fleet/pods.h"

namespace plimsoll::fleet {
namespace {

// A pod whose container runs again after run `dead` of it was killed at `when`.
kube::Pod Killed(const std::string& dead, TimePoint when, std::string reason = "OOMKilled") {
  kube::Pod pod = APod("a", 64_MiB, 96_MiB);
  kube::Termination end;
  end.reason = reason;
  end.exit_code = 137;
  end.started = when - 30s;
  end.finished = when;
  end.container_id = "containerd://" + dead;
  kube::ContainerStatus status = *pod.FindStatus("app");
  status.last_terminated = std::make_shared<const kube::Termination>(end);
  pod.statuses = {status};
  return pod;
}

std::uint64_t Counted(const Fleet& fleet) {
  const Workload workload = fleet.Snapshot(kShopWeb).value();
  const auto kills = workload.kills.find("app");
  if (kills == workload.kills.end()) return 0;
  std::uint64_t all = 0;
  for (const std::uint64_t count : kills->second.counted) all += count;
  return all;
}

// Lets the grace pass from the first look on.
int Settle(Fleet& fleet, TimePoint now) {
  (void)fleet.TakeStatusKills(now);
  return fleet.TakeStatusKills(now + StatusKills::kGrace);
}

TEST_CASE("Fleet: without an agent a run that ended as OOMKilled counts once, with its limit") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow - 5min)));
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow - 5min)));

  CHECK(fleet.TakeStatusKills(kNow) == 0);  // an agent might still be on its way
  CHECK(fleet.TakeStatusKills(kNow + StatusKills::kGrace) == 1);
  CHECK(Settle(fleet, kNow + 5min) == 0);

  const Kills kills = fleet.Snapshot(kShopWeb)->kills.at("app");
  REQUIRE(kills.last);
  CHECK(kills.last->by_pod_status);
  CHECK(kills.last->kind == model::OomKind::kContainerOom);
  CHECK(kills.last->limit == 96_MiB);
  CHECK_FALSE(kills.last->peak.has_value());
  CHECK(kills.last->container_age == 30s);

  fleet.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run2", kNow)));
  CHECK(Settle(fleet, kNow + 10min) == 1);
  CHECK(Counted(fleet) == 2);
}

TEST_CASE("Fleet: ends that were no OOM kill do not count") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow, "Error")));
  CHECK(Settle(fleet, kNow) == 0);
}

TEST_CASE("Fleet: a connected agent tells of kills itself") {
  Fleet fleet;
  fleet.PutNode("n1", [](NodeState& state) { state.connected = true; });
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow)));
  CHECK(Settle(fleet, kNow) == 0);
}

TEST_CASE("Fleet: what a status told first and an agent tells later is one kill") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow)));
  CHECK(Settle(fleet, kNow) == 1);
  // It was the third kill of that run by the kernel's count; two children died before.
  CHECK(fleet.TakeOom("run1", "uid-a", AKill("run1/3", kNow, 96_MiB)) == Fleet::Taken::kDuplicate);
  model::OomEvent child = AKill("run1/1", kNow - 1min, 96_MiB);
  child.id = "run1/2";
  child.kind = model::OomKind::kChildOom;
  CHECK(fleet.TakeOom("run1", "uid-a", child) == Fleet::Taken::kYes);
  CHECK(Counted(fleet) == 2);
}

TEST_CASE("Fleet: what an agent told first and a status shows later is one kill") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow)));
  CHECK(fleet.TakeOom("run1", "uid-a", AKill("run1/1", kNow, 96_MiB)) == Fleet::Taken::kYes);
  CHECK(Settle(fleet, kNow) == 0);
}

TEST_CASE("Fleet: after a restart, kills up to the last stored one are not counted again") {
  Fleet before;
  before.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow - 5min)));
  CHECK(Settle(before, kNow) == 1);
  const Workload stored = before.Snapshot(kShopWeb).value();

  Fleet after;
  after.Restore(kShopWeb, stored.histories, stored.kills, stored.progress);
  after.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run0", kNow - 6min)));
  CHECK(Settle(after, kNow) == 0);
  after.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run2", kNow + 2min)));
  CHECK(Settle(after, kNow + 10min) == 1);
}

TEST_CASE("Fleet: a kill without a limit was the node's") {
  Fleet fleet;
  kube::Pod pod = Killed("run1", kNow);
  kube::Container container = *pod.FindContainer("app");
  container.resources.limits.memory.reset();
  pod.containers = {container};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(pod));
  CHECK(Settle(fleet, kNow) == 1);
  CHECK(fleet.Snapshot(kShopWeb)->kills.at("app").last->kind == model::OomKind::kNodeOom);
}

TEST_CASE("Fleet: a job's pod that ended by its kill is counted too") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 96_MiB)));
  fleet.NoteEnd(Killed("run1", kNow));
  fleet.RemovePod("uid-a", kNow);
  CHECK(Settle(fleet, kNow) == 1);
}

// As the kubelet words it (pkg/kubelet/eviction of 1.36).
kube::Pod Evicted(const std::string& message) {
  kube::Pod pod = APod("a", 64_MiB, 96_MiB);
  AddContainer(pod, "app-helper", [](auto&) {});
  pod.phase = kube::PodPhase::kFailed;
  pod.reason = "Evicted";
  pod.conditions = {{.type = "DisruptionTarget",
                     .status = kube::ConditionStatus::kTrue,
                     .reason = "TerminationByKubelet",
                     .message = message,
                     .last_transition = kNow}};
  return pod;
}

TEST_CASE("Fleet: an eviction under memory pressure counts for who was above the request") {
  Fleet fleet;
  fleet.PutNode("n1", [](NodeState& state) { state.connected = true; });  // it tells of none
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 96_MiB)));
  const kube::Pod evicted = Evicted(
      "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. "
      "Container app was using 90Mi, request is 64Mi, has larger consumption of memory. ");
  fleet.NoteEnd(evicted);
  fleet.NoteEnd(evicted);
  fleet.RemovePod("uid-a", kNow);
  CHECK(Settle(fleet, kNow) == 1);

  const Workload workload = fleet.Snapshot(kShopWeb).value();
  CHECK(workload.kills.size() == 1);
  CHECK(workload.kills.at("app").last->kind == model::OomKind::kEvicted);
  CHECK(workload.kills.at("app").last->time == kNow);
  CHECK_FALSE(workload.kills.at("app").last_at_limit.has_value());
  CHECK(workload.histories.at("app").oom().Last(model::OomKind::kEvicted) ==
        history::MinuteOf(kNow));
  CHECK(workload.histories.at("app").oom().refuted().empty());
}

const char* const kAppWasAbove =
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. "
    "Container app was using 90Mi, request is 64Mi, has larger consumption of memory. ";

TEST_CASE("Fleet: after a restart an eviction counts though a later kill was stored, but once") {
  Fleet before;
  before.PutPod(kShopWeb, kWebIdentity, Shared(Killed("run1", kNow + 30s)));
  CHECK(Settle(before, kNow + 1min) == 1);
  const Workload stored = before.Snapshot(kShopWeb).value();

  Fleet after;
  after.Restore(kShopWeb, stored.histories, stored.kills, stored.progress);
  after.NoteEnd(kShopWeb, Evicted(kAppWasAbove));
  CHECK(Settle(after, kNow + 2min) == 1);
  const Workload again = after.Snapshot(kShopWeb).value();

  Fleet third;
  third.Restore(kShopWeb, again.histories, again.kills, again.progress);
  third.NoteEnd(kShopWeb, Evicted(kAppWasAbove));
  CHECK(Settle(third, kNow + 5min) == 0);
}

TEST_CASE("Fleet: of two evictions the older one counts, too, when it is seen later") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("b", 64_MiB, 96_MiB)));
  kube::Pod older = Evicted(kAppWasAbove);
  older.meta.uid = "uid-older";
  kube::PodCondition before = *older.FindCondition("DisruptionTarget");
  before.last_transition = kNow - 2min;
  older.conditions = {before};
  fleet.NoteEnd(kShopWeb, Evicted(kAppWasAbove));
  CHECK(Settle(fleet, kNow) == 1);
  fleet.NoteEnd(kShopWeb, older);
  CHECK(Settle(fleet, kNow + 3min) == 1);
}

TEST_CASE("Fleet: an eviction for want of disk, or of nobody above a request, counts for none") {
  for (const char* message :
       {"The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 9Mi. "
        "Container app was using 2Gi, request is 0, has larger consumption of ephemeral-storage. ",
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ", ""}) {
    Fleet fleet;
    fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 96_MiB)));
    fleet.NoteEnd(Evicted(message));
    CHECK(Settle(fleet, kNow) == 0);
  }
}

}  // namespace
}  // namespace plimsoll::fleet
