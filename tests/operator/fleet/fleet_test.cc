// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/fleet.h"

#include <doctest/doctest.h>

#include "tests/operator/fleet/pods.h"

namespace plimsoll::fleet {
namespace {

TEST_CASE("Fleet: a digest reaches the workload's history and the pod's newest reading") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 128_MiB)));

  CHECK(fleet.TakeDigest(IdOf("a"), ADigest(kNow, 50_MiB, 128_MiB)) == Fleet::Taken::kYes);

  const Workload workload = fleet.Snapshot(kShopWeb).value();
  const auto reading = ReadingOf(workload.pods.at("uid-a").instances.at("app"), kNow);
  REQUIRE(reading);
  CHECK(reading->hard == 50_MiB);
  CHECK(reading->limit == 128_MiB);
  CHECK_FALSE(workload.histories.at("app").empty());
}

TEST_CASE("Fleet: why a container's readings are refused stands until one of its own is taken") {
  Fleet fleet;
  int told = 0;
  fleet.SetListeners({.on_workload = [&](const auto&, Change) { ++told; }, .on_node = {}});
  kube::Pod pod = APod("a", 64_MiB, 128_MiB);
  AddContainer(pod, "sidecar", [](auto&) {});
  kube::ContainerStatus sidecar = pod.statuses.front();
  sidecar.name = "sidecar";
  sidecar.container_id = "containerd://sidecar";
  pod.statuses = {pod.statuses.front(), sidecar};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(pod));
  const auto refused = [&] { return fleet.Snapshot(kShopWeb)->pods.at("uid-a").Refused(); };

  told = 0;
  CHECK(fleet.TakeRefusal(IdOf("a"), "samples is 0") == Fleet::Taken::kYes);
  CHECK(fleet.TakeRefusal(IdOf("a"), "samples is 0") == Fleet::Taken::kDuplicate);
  CHECK(fleet.TakeRefusal("nobody", "samples is 0") == Fleet::Taken::kUnknownContainer);
  CHECK(told == 1);
  fleet.TakeDigest("sidecar", ADigest(kNow, 50_MiB, 128_MiB));
  CHECK(refused() == "readings of container app on node n1 are refused: samples is 0");
  CHECK(fleet.TakeDigest(IdOf("a"), ADigest(kNow, Bytes(-1), 128_MiB)) == Fleet::Taken::kRefused);
  CHECK_FALSE(refused().empty());
  CHECK_FALSE(fleet.Snapshot(kShopWeb)->pods.at("uid-a").instances.at("app").newest.has_value());
  fleet.TakeDigest(IdOf("a"), ADigest(kNow, 50_MiB, 128_MiB));
  CHECK(refused().empty());
  // Nor does it outlive the run that it was told of.
  fleet.TakeRefusal(IdOf("a"), "samples is 0");
  kube::Pod ended = APod("a", 64_MiB, 128_MiB);
  kube::ContainerStatus first = ended.statuses.front();
  first.state = kube::ContainerRunState::kTerminated;
  ended.statuses = {first};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(ended));
  CHECK(refused().empty());
  kube::Pod restarted = APod("a", 64_MiB, 128_MiB);
  kube::ContainerStatus second = restarted.statuses.front();
  second.container_id = "containerd://second";
  restarted.statuses = {second};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(restarted));
  CHECK(refused().empty());
}

TEST_CASE("Fleet: the container of no known pod is told apart, not guessed") {
  Fleet fleet;
  CHECK(fleet.TakeDigest("nobody", ADigest(kNow, 1_MiB, 2_MiB)) == Fleet::Taken::kUnknownContainer);
  CHECK(fleet.TakeOom("nobody", "uid-none", AKill("nobody/1", kNow, 1_MiB)) ==
        Fleet::Taken::kUnknownContainer);
}

TEST_CASE("Fleet: the same kill counts once, however often it is told") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  const model::OomEvent kill = AKill(IdOf("a") + "/1", kNow, 64_MiB);

  CHECK(fleet.TakeOom(IdOf("a"), "uid-a", kill) == Fleet::Taken::kYes);
  CHECK(fleet.TakeOom(IdOf("a"), "uid-a", kill) == Fleet::Taken::kDuplicate);

  const Workload workload = fleet.Snapshot(kShopWeb).value();
  CHECK(workload.histories.at("app").oom().KillsInLastDay(history::HourOf(kNow)) == 1);
  CHECK(workload.kills.at("app").last_at_limit->time == kNow);
}

TEST_CASE("Fleet: a kill of the run before is laid to the container after its restart") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  kube::Pod restarted = APod("a", 64_MiB, 64_MiB);
  kube::ContainerStatus status = restarted.statuses.front();
  status.container_id = "containerd://second";
  restarted.statuses = {status};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(restarted));

  CHECK(fleet.TakeOom(IdOf("a"), "uid-a", AKill("x/1", kNow, 64_MiB)) == Fleet::Taken::kYes);
  // Its readings are history, not the present.
  CHECK(fleet.TakeDigest(IdOf("a"), ADigest(kNow, 60_MiB, 64_MiB)) == Fleet::Taken::kYes);
  const Workload workload = fleet.Snapshot(kShopWeb).value();
  CHECK_FALSE(workload.pods.at("uid-a").instances.contains("app"));
}

TEST_CASE("Fleet: reports about a pod just deleted are taken, and forgotten in time") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  CHECK(fleet.NodesWithPods() == std::set<std::string>{"n1"});
  fleet.RemovePod("uid-a", kNow);
  CHECK(fleet.NodesWithPods().empty());

  CHECK(fleet.TakeOom(IdOf("a"), "uid-a", AKill("a/1", kNow, 64_MiB)) == Fleet::Taken::kYes);
  CHECK(fleet.WatchedOn("n1").empty());
  CHECK(fleet.Sweep(kNow + 11min).empty());
  CHECK(fleet.TakeDigest(IdOf("a"), ADigest(kNow, 1_MiB, 2_MiB)) ==
        Fleet::Taken::kUnknownContainer);
}

TEST_CASE("Fleet: a workload is remembered for five weeks after its last pod, a Job for a day") {
  Fleet fleet;
  const model::WorkloadKey job{"shop", "Job", "report-28"};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  fleet.PutPod(job, kWebIdentity, Shared(APod("b", 64_MiB, 64_MiB)));
  fleet.RemovePod("uid-a", kNow);
  fleet.RemovePod("uid-b", kNow);

  CHECK(fleet.Sweep(kNow + 23h).empty());
  CHECK(fleet.Sweep(kNow + 24h) == std::vector{job});
  CHECK(fleet.Sweep(kNow + 34 * 24h).empty());
  CHECK(fleet.Snapshot(kShopWeb).has_value());
  CHECK(fleet.Sweep(kNow + 35 * 24h) == std::vector{kShopWeb});
  CHECK_FALSE(fleet.Snapshot(kShopWeb).has_value());
}

TEST_CASE("Fleet: what a newer operator wrote is not forgotten, since it would be written over") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  fleet.RemovePod("uid-a", kNow);
  fleet.PutUnkept(kShopWeb, recommend::Reason{"CheckpointNewer", "format 9"});
  CHECK(fleet.Sweep(kNow + 100 * 24h).empty());
}

TEST_CASE("Fleet: a namespace made anew under its old name knows nothing of the one before") {
  Fleet fleet;
  const auto ago = Shared(APod("a", 64_MiB, 64_MiB));
  fleet.PutPod(kShopWeb, kWebIdentity, ago);
  (void)fleet.TakeDigest(IdOf("a"), ADigest(kNow, 60_MiB, 64_MiB));
  (void)fleet.TakeOom(IdOf("a"), "uid-a", AKill(IdOf("a") + "/1", kNow, 64_MiB));
  fleet.ChangeProgress(kShopWeb, [](rollout::Progress progress) {
    progress.hold_until = kNow + 24h;
    return progress;
  });
  fleet.RemovePod("uid-a", kNow);
  const auto nothing_is_known = [&] {
    const auto workload = fleet.Snapshot(kShopWeb);
    return !workload ||
           (workload->kills.empty() && !workload->progress.hold_until &&
            (!workload->histories.contains("app") || workload->histories.at("app").empty()));
  };
  CHECK_FALSE(nothing_is_known());

  SUBCASE("before its new pods come") {
    fleet.ForgetNamespace("shop");
    CHECK(nothing_is_known());
    fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("b", 64_MiB, 64_MiB)));
  }
  SUBCASE("when its new pods were seen first") {
    fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("b", 64_MiB, 64_MiB)));
    fleet.ForgetNamespace("shop");
  }
  CHECK(nothing_is_known());
  // The old pod's agent still has something to say.
  CHECK(fleet.TakeDigest(IdOf("a"), ADigest(kNow, 60_MiB, 64_MiB)) ==
        Fleet::Taken::kUnknownContainer);
  CHECK(nothing_is_known());
  CHECK(fleet.TakeDigest(IdOf("b"), ADigest(kNow, 20_MiB, 64_MiB)) == Fleet::Taken::kYes);
  CHECK(fleet.Snapshot(kShopWeb)->pods.contains("uid-b"));
}

TEST_CASE("Fleet: a deleted namespace takes nothing from another") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  (void)fleet.TakeDigest(IdOf("a"), ADigest(kNow, 60_MiB, 64_MiB));
  fleet.ForgetNamespace("sho");
  CHECK_FALSE(fleet.Snapshot(kShopWeb)->histories.at("app").empty());
}

TEST_CASE("Fleet: nothing counts as stored while a workload holds something unstored below it") {
  Fleet fleet;
  const model::WorkloadKey other{"shop", "Deployment", "api"};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  fleet.PutPod(other, kWebIdentity, Shared(APod("b", 64_MiB, 64_MiB)));
  fleet.TakeDigest(IdOf("a"), ADigest(kNow, 1_MiB, 64_MiB));
  fleet.TakeDigest(IdOf("b"), ADigest(kNow, 1_MiB, 64_MiB));
  REQUIRE(fleet.LastIntake() == 2);
  CHECK(fleet.StoredUpTo() == 0);

  fleet.MarkStored(other, 2);
  CHECK(fleet.StoredUpTo() == 0);
  fleet.MarkStored(kShopWeb, 1);
  CHECK(fleet.StoredUpTo() == 2);

  // An intake after the snapshot that was stored stays unstored.
  const std::uint64_t snapshot = fleet.LastIntake();
  fleet.TakeDigest(IdOf("a"), ADigest(kNow + 15s, 2_MiB, 64_MiB));
  fleet.MarkStored(kShopWeb, snapshot);
  CHECK(fleet.StoredUpTo() == 2);
  CHECK(fleet.Unstored() == std::vector{kShopWeb});
}

TEST_CASE("Fleet: when an agent goes away, what it told of its node is to be stored at once") {
  Fleet fleet;
  const model::WorkloadKey stored{"shop", "Deployment", "api"};
  const model::WorkloadKey elsewhere{"shop", "Deployment", "far"};
  const auto on = [](kube::Pod pod, const char* node) {
    pod.node = node;
    return Shared(std::move(pod));
  };
  fleet.PutPod(kShopWeb, kWebIdentity, on(APod("a", 64_MiB, 64_MiB), "near"));
  fleet.PutPod(stored, kWebIdentity, on(APod("b", 64_MiB, 64_MiB), "near"));
  fleet.PutPod(elsewhere, kWebIdentity, on(APod("c", 64_MiB, 64_MiB), "other"));
  for (const char* pod : {"a", "b", "c"}) fleet.TakeDigest(IdOf(pod), ADigest(kNow, 1_MiB, 64_MiB));
  fleet.MarkStored(stored, fleet.LastIntake());
  std::vector<model::WorkloadKey> told;
  fleet.SetListeners({.on_workload =
                          [&](const model::WorkloadKey& key, Change change) {
                            if (change == Change::kCheckpoint) told.push_back(key);
                          },
                      .on_node = {}});

  fleet.StoreSoon("near");

  CHECK(told == std::vector{kShopWeb});
}

TEST_CASE("Fleet: what an earlier life stored is merged with what came meanwhile") {
  Fleet earlier;
  earlier.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  earlier.TakeDigest(IdOf("a"), ADigest(kNow - 1h, 60_MiB, 64_MiB));
  earlier.TakeOom(IdOf("a"), "uid-a", AKill("a/1", kNow - 1h, 64_MiB));
  const Workload stored = earlier.Snapshot(kShopWeb).value();

  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 64_MiB)));
  fleet.Restore(kShopWeb, stored.histories, stored.kills, stored.progress);

  CHECK(fleet.TakeOom(IdOf("a"), "uid-a", AKill("a/1", kNow - 1h, 64_MiB)) ==
        Fleet::Taken::kDuplicate);
  CHECK(fleet.Snapshot(kShopWeb)->kills.at("app").last_at_limit->limit == 64_MiB);
}

TEST_CASE("Fleet: only auto-patch with advice lets a container be raised before the kill") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 128_MiB)));
  CHECK_FALSE(fleet.Urgent(IdOf("a")).has_value());

  Permission permission{.mode = api::Mode::kAutoPatch};
  fleet.PutAdvice(kShopWeb, {{"app", Advice{.max_allowed = 1_GiB}}}, permission);
  fleet.PutNode("n1", [](NodeState& node) {
    node.connected = true;
    node.memory_available = 4_GiB;
  });
  const auto urgent = fleet.Urgent(IdOf("a"));
  REQUIRE(urgent);
  CHECK(urgent->max_allowed == 1_GiB);
  CHECK(urgent->node_available == 4_GiB);

  permission.mode = api::Mode::kRecommend;
  fleet.PutAdvice(kShopWeb, {{"app", Advice{}}}, permission);
  CHECK_FALSE(fleet.Urgent(IdOf("a")).has_value());
}

TEST_CASE("Fleet: nothing is raised where that restarts the container or the limit is not ours") {
  Fleet fleet;
  const Permission permission{.mode = api::Mode::kAutoPatch};
  kube::Pod pod = APod("a", 64_MiB, 128_MiB);
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(pod));
  fleet.PutAdvice(kShopWeb, {{"app", Advice{.limit_is_ours = false}}}, permission);
  CHECK_FALSE(fleet.Urgent(IdOf("a")).has_value());

  fleet.PutAdvice(kShopWeb, {{"app", Advice{}}}, permission);
  CHECK(fleet.Urgent(IdOf("a")).has_value());

  kube::Container restarts = pod.containers.front();
  restarts.memory_resize_policy = kube::ResizePolicy::kRestartContainer;
  pod.containers = {restarts};
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(pod));
  CHECK_FALSE(fleet.Urgent(IdOf("a")).has_value());
}

TEST_CASE("Fleet: what was carried out is told only when it changed") {
  Fleet fleet;
  int told = 0;
  fleet.SetListeners({.on_workload =
                          [&](const auto&, Change change) {
                            if (change == Change::kCarried) ++told;
                          },
                      .on_node = nullptr});
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 128_MiB)));
  const auto settle = [](Carried& carried) { carried.reason = {"AllPodsAtTarget", "1 pod"}; };

  fleet.ChangeCarried(kShopWeb, settle);
  fleet.ChangeCarried(kShopWeb, settle);

  CHECK(told == 1);
}

// The history of "app" after pod a and then pod b, an hour younger, each with its image and labels.
history::ContainerHistory AfterTwo(kube::Pod a, kube::Pod b) {
  Fleet fleet;
  b.meta.created = a.meta.created + 1h;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(std::move(a)));
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(std::move(b)));
  return fleet.Snapshot(kShopWeb)->histories.at("app");
}

TEST_CASE("Fleet: a new image or template is a release, another label is none") {
  const auto labelled = [](const char* name, kube::Labels labels) {
    kube::Pod pod = APod(name, 64_MiB, 96_MiB);
    pod.meta.labels = std::move(labels);
    return pod;
  };
  const kube::Pod first = labelled("a", {{"pod-template-hash", "5d8"}});
  const auto same = AfterTwo(first, labelled("b", {{"pod-template-hash", "5d8"}}));
  CHECK(AfterTwo(first, labelled("b", {{"color", "red"}, {"pod-template-hash", "5d8"}})) == same);
  CHECK_FALSE(AfterTwo(first, labelled("b", {{"pod-template-hash", "7f9"}})) == same);

  const kube::Pod of_set = labelled("a", {{"controller-revision-hash", "web-1"}});
  CHECK_FALSE(AfterTwo(of_set, labelled("b", {{"controller-revision-hash", "web-2"}})) ==
              AfterTwo(of_set, labelled("b", {{"controller-revision-hash", "web-1"}})));

  kube::Pod newer = labelled("b", {{"pod-template-hash", "5d8"}});
  kube::Container container = newer.containers[0];
  container.image = "web:2";
  newer.containers = {container};
  CHECK_FALSE(AfterTwo(first, newer) == same);
}

TEST_CASE("Fleet: which release came last does not hang on the order in which pods are seen") {
  kube::Pod old = APod("a", 64_MiB, 96_MiB);
  old.meta.labels = {{"pod-template-hash", "5d8"}};
  kube::Pod young = APod("b", 64_MiB, 96_MiB);
  young.meta.labels = {{"pod-template-hash", "7f9"}};
  young.meta.created = old.meta.created + 30min;
  const auto after = [](const kube::Pod& first, const kube::Pod& second) {
    Fleet fleet;
    fleet.PutPod(kShopWeb, kWebIdentity, Shared(first));
    fleet.PutPod(kShopWeb, kWebIdentity, Shared(second));
    return fleet.Snapshot(kShopWeb)->histories.at("app");
  };
  CHECK(after(young, old) == after(old, young));
}

TEST_CASE("GuardMemory: a short loss is none, a long one starts the time anew") {
  using enum Guardable;
  GuardMemory memory;
  CHECK(memory.Update(kNow, fleet::kNow).active);
  CHECK_FALSE(memory.Update(kNow, fleet::kNow).since.has_value());

  CHECK(memory.Update(kAway, fleet::kNow + 10s).active);
  CHECK_FALSE(memory.Update(kNow, fleet::kNow + 60s).since.has_value());

  CHECK(memory.Update(kAway, fleet::kNow + 100s).active);
  CHECK_FALSE(memory.Update(kAway, fleet::kNow + 160s).active);
  const model::Guard back = memory.Update(kNow, fleet::kNow + 170s);
  CHECK(back.active);
  CHECK(back.since == fleet::kNow + 170s);
}

TEST_CASE("GuardMemory: what the mode forbids is no short loss, not even the first time") {
  using enum Guardable;
  GuardMemory memory;
  CHECK_FALSE(memory.Update(kNever, fleet::kNow).active);
  CHECK(memory.Update(kNow, fleet::kNow + 5s).since == fleet::kNow + 5s);  // labelled now
  CHECK_FALSE(memory.Update(kNever, fleet::kNow + 10s).active);
}

TEST_CASE("GcCpuPercent: of the CPU the runtime may use, between two reports of one process") {
  model::RuntimeStats before;
  before.process_start = kNow - 1h;
  before.time = kNow;
  before.gc_cpu_seconds_total = 10;
  before.processors = 2;
  model::RuntimeStats now = before;
  now.time = kNow + 60s;
  now.gc_cpu_seconds_total = 11.5;
  CHECK(GcCpuPercent(before, now).value() == doctest::Approx(1.25));
  CHECK_FALSE(GcCpuPercent(now, before).has_value());  // no time has passed
  now.process_start = kNow + 1s;                       // counts from zero again
  CHECK_FALSE(GcCpuPercent(before, now).has_value());
  now = before;
  now.time = kNow + 60s;
  now.processors.reset();
  CHECK_FALSE(GcCpuPercent(before, now).has_value());
}

TEST_CASE("Fleet: a node's clock set back leaves the present reading the one told last") {
  Fleet fleet;
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(APod("a", 64_MiB, 128_MiB)));
  const auto present = [&] {
    return fleet.Snapshot(kShopWeb)->pods.at("uid-a").instances.at("app").newest->hard_peak;
  };
  (void)fleet.TakeDigest(IdOf("a"), ADigest(kNow, 20_MiB, 128_MiB));
  (void)fleet.TakeDigest(IdOf("a"), ADigest(kNow - 15s, 30_MiB, 128_MiB));  // only late
  CHECK(present() == 20_MiB);
  (void)fleet.TakeDigest(IdOf("a"), ADigest(kNow - 4min, 120_MiB, 256_MiB));
  CHECK(present() == 120_MiB);
}

TEST_CASE("HourPeak: the highest of the last hour, and nothing older") {
  HourPeak peak;
  peak.Observe(kNow - 2h, 900_MiB);
  CHECK_FALSE(peak.Highest(kNow).has_value());
  peak.Observe(kNow - 50min, 300_MiB);
  peak.Observe(kNow - 5min, 100_MiB);
  CHECK(peak.Highest(kNow) == 300_MiB);
  CHECK(peak.Highest(kNow + 20min) == 100_MiB);
}

TEST_CASE("UnderPressure: stalls above 0.1 % of the window; unknown is no pressure") {
  model::MemoryDigest digest = ADigest(kNow, 1_MiB, 2_MiB);
  CHECK_FALSE(UnderPressure(digest));
  digest.pressure = model::PressureDelta{.some = 10ms, .full = 0ms};
  CHECK_FALSE(UnderPressure(digest));
  digest.pressure->some = 20ms;
  CHECK(UnderPressure(digest));
}

}  // namespace
}  // namespace plimsoll::fleet
