// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/recommendation/conditions.h"

#include <doctest/doctest.h>

#include "operator/api/names.h"
#include "operator/api/reasons.h"
#include "operator/controllers/recommendation/status.h"
#include "tests/operator/fleet/pods.h"

namespace plimsoll::recommendation {
namespace {

using namespace plimsoll::literals;
using namespace std::chrono_literals;
using fleet::kNow;

// A workload with one reporting pod and advice, in recommend mode.
struct Scene {
  fleet::Workload workload;
  std::map<std::string, fleet::Advice> advice;
  ResolvedPolicy policy;
  std::map<std::string, fleet::NodeState> nodes;

  Scene() {
    workload.key = fleet::kShopWeb;
    workload.pods["uid-a"].pod = fleet::Shared(fleet::APod("a", 64_MiB, 128_MiB));
    workload.pods["uid-a"].instances["app"].newest = fleet::ADigest(kNow - 5s, 50_MiB, 128_MiB);
    advice["app"].recommendation.limit = 256_MiB;
    advice["app"].recommendation.confidence = Ratio(0.5);
    nodes["n1"].connected = true;
  }
  std::vector<api::Condition> Conditions(std::vector<api::Condition> previous = {},
                                         TimePoint now = kNow) const {
    const auto facts = FactsOf(workload, now);
    return ConditionsOf({workload, facts, advice, policy, nodes, false, "because"},
                        std::move(previous), now);
  }
  api::Condition Get(std::string_view type) const {
    const auto conditions = Conditions();
    return *api::FindCondition(conditions, type);
  }
};

TEST_CASE("ConditionsOf: all seven from the first time on") {
  const auto conditions = Scene().Conditions();
  CHECK(conditions.size() == 7);
  for (const auto type :
       {api::condition::kReady, api::condition::kTargetResolved, api::condition::kTelemetryHealthy,
        api::condition::kRecommendationProvided, api::condition::kApplied, api::condition::kGuarded,
        api::condition::kHistoryKept}) {
    CHECK(api::FindCondition(conditions, type) != nullptr);
  }
}

TEST_CASE("ConditionsOf: without a fresh reading telemetry is not healthy, and says which node") {
  Scene scene;
  CHECK(scene.Get(api::condition::kTelemetryHealthy).status == api::ConditionStatus::kTrue);

  scene.workload.pods["uid-a"].instances["app"].newest->window_end = kNow - 5min;
  scene.nodes["n1"].connected = false;
  scene.nodes["n1"].problem = "connection refused";
  const api::Condition stale = scene.Get(api::condition::kTelemetryHealthy);
  CHECK(stale.reason == "TelemetryStale");
  CHECK(stale.message.find("n1") != std::string::npos);
  CHECK(stale.message.find("connection refused") != std::string::npos);

  scene.nodes.clear();
  CHECK(scene.Get(api::condition::kTelemetryHealthy).reason == "NoAgent");
}

TEST_CASE("ConditionsOf: why an app's own statistics cannot be had is told") {
  Scene scene;
  scene.workload.pods["uid-a"].instances["app"].runtime_problem = "the socket is a plain file";
  const api::Condition healthy = scene.Get(api::condition::kTelemetryHealthy);
  CHECK(healthy.status == api::ConditionStatus::kTrue);
  CHECK(healthy.message.ends_with("; app statistics: app: the socket is a plain file"));
}

TEST_CASE("ConditionsOf: an annotation that cannot be meant is told where one looks") {
  Scene scene;
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  pod.meta.annotations = kube::Labels({kube::KeyValue{api::kStatsSocketAnnotation, "app.sock"}});
  scene.workload.pods["uid-a"].pod = fleet::Shared(std::move(pod));
  const api::Condition healthy = scene.Get(api::condition::kTelemetryHealthy);
  CHECK(healthy.status == api::ConditionStatus::kTrue);
  CHECK(healthy.message.find("; app statistics: app: annotation plimsoll.dev/stats-socket: "
                             "\"app.sock\" is not an absolute path") != std::string::npos);
}

TEST_CASE("ConditionsOf: statistics that come over TCP are told to be for reading only") {
  Scene scene;
  fleet::Instance& app = scene.workload.pods["uid-a"].instances["app"];
  app.runtime = model::RuntimeStats{};
  CHECK(scene.Get(api::condition::kTelemetryHealthy).message.find("TCP") == std::string::npos);
  app.runtime_read_only = true;
  const std::string message = scene.Get(api::condition::kTelemetryHealthy).message;
  CHECK(message.find("; app statistics: app: they come over TCP") != std::string::npos);
  CHECK(message.find("serve a socket") != std::string::npos);
}

TEST_CASE("ConditionsWithoutPods: nothing is ready, applied or guarded") {
  const auto none = ConditionsWithoutPods(fleet::kShopWeb, Scene().Conditions(), kNow);
  for (const auto type : {api::condition::kReady, api::condition::kTargetResolved,
                          api::condition::kApplied, api::condition::kGuarded}) {
    CHECK(api::FindCondition(none, type)->status == api::ConditionStatus::kFalse);
    CHECK(api::FindCondition(none, type)->reason == "NoPods");
  }
}

TEST_CASE("ConditionsOf: an owner that cannot be read says so, and what to do") {
  Scene scene;
  CHECK(scene.Get(api::condition::kTargetResolved).message == "Deployment web, 1 pod");

  scene.workload.identity.labels_problem = "the operator may not read rollouts.argoproj.io";
  const api::Condition resolved = scene.Get(api::condition::kTargetResolved);
  CHECK(resolved.status == api::ConditionStatus::kTrue);
  CHECK(resolved.reason == "OwnerUnreadable");
  CHECK(resolved.message.find("rollouts.argoproj.io") != std::string::npos);
}

TEST_CASE("ConditionsOf: why a container's readings are refused is told") {
  Scene scene;
  scene.workload.pods["uid-a"].instances.clear();
  scene.workload.pods["uid-a"].instances["app"].refused = "digest.window_end lies in the future";
  const api::Condition silent = scene.Get(api::condition::kTelemetryHealthy);
  CHECK(silent.reason == "SomePodsSilent");
  CHECK(silent.message ==
        "0 of 1 running container reported within a minute; readings of container app on node n1 "
        "are refused: digest.window_end lies in the future");
  // Nor is a reading from ahead of our time one of the last minute.
  scene.workload.pods["uid-a"].instances["app"].refused.clear();
  scene.workload.pods["uid-a"].instances["app"].newest =
      fleet::ADigest(kNow + 6min, 50_MiB, 128_MiB);
  CHECK(scene.Get(api::condition::kTelemetryHealthy).reason == "SomePodsSilent");
}

TEST_CASE("ConditionsOf: history that is kept but for some pods' refusals is kept, and says so") {
  Scene scene;
  CHECK(scene.Get(api::condition::kHistoryKept).status == api::ConditionStatus::kTrue);
  scene.workload.unkept = {std::string(api::reason::kCheckpointCurrent), "no room for 9 more pods"};
  CHECK(scene.Get(api::condition::kHistoryKept).status == api::ConditionStatus::kTrue);
  CHECK(scene.Get(api::condition::kHistoryKept).message == "no room for 9 more pods");
  scene.workload.unkept = {std::string(api::reason::kCheckpointRefused), "too large"};
  CHECK(scene.Get(api::condition::kHistoryKept).status == api::ConditionStatus::kFalse);
}

TEST_CASE("ConditionsOf: Ready is no more than what it stands on") {
  Scene scene;
  CHECK(scene.Get(api::condition::kReady).status == api::ConditionStatus::kTrue);
  scene.nodes.clear();
  scene.workload.pods["uid-a"].instances.clear();
  CHECK(scene.Get(api::condition::kReady).status == api::ConditionStatus::kFalse);
  CHECK(scene.Get(api::condition::kReady).reason == "NoAgent");
}

TEST_CASE("ConditionsOf: an init container that nobody saw is not waited for") {
  Scene scene;
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  fleet::AddInit(pod, "setup");
  scene.workload.pods["uid-a"].pod = fleet::Shared(pod);
  scene.advice["setup"];
  const api::Condition provided = scene.Get(api::condition::kRecommendationProvided);
  CHECK(provided.message.starts_with("advice for 1 of 1 container,"));
}

TEST_CASE(
    "ConditionsOf: a workload all of whose containers are left out says by what that may be") {
  Scene scene;
  scene.advice["app"] = {.excluded = true};
  const api::Condition provided = scene.Get(api::condition::kRecommendationProvided);
  CHECK(provided.reason == api::reason::kExcluded);
  for (const char* by : {"plimsoll.dev/exclude-containers", "excludeContainers", "None"}) {
    CHECK(provided.message.find(by) != std::string::npos);
  }
}

TEST_CASE("ConditionsOf: no data is InsufficientData and not ready") {
  Scene scene;
  scene.advice["app"].recommendation = {};
  CHECK(scene.Get(api::condition::kRecommendationProvided).reason == "InsufficientData");
  CHECK(scene.Get(api::condition::kReady).status == api::ConditionStatus::kFalse);
}

TEST_CASE("ConditionsOf: Applied tells the mode, the ceiling, or what patching says") {
  Scene scene;
  CHECK(scene.Get(api::condition::kApplied).reason == "ModeRecommend");

  scene.policy.mode_note = recommend::Reason{"CeilingReached", "more was asked for"};
  CHECK(scene.Get(api::condition::kApplied).reason == "CeilingReached");

  scene.policy.mode_note.reset();
  scene.policy.effective.mode = api::Mode::kAutoPatch;
  scene.workload.carried = {.settled = true, .reason = {"AllPodsAtTarget", "1 pod"}};
  CHECK(scene.Get(api::condition::kApplied).status == api::ConditionStatus::kTrue);

  scene.workload.permission.forbidden = recommend::Reason{"HPAOnMemory", "by memory"};
  CHECK(scene.Get(api::condition::kApplied).reason == "HPAOnMemory");
}

TEST_CASE("ConditionsOf: the transition time moves with the status only") {
  Scene scene;
  const auto first = scene.Conditions({}, kNow);
  const auto second = scene.Conditions(first, kNow + 10s);
  CHECK(api::FindCondition(second, api::condition::kTargetResolved)->last_transition == kNow);
}

TEST_CASE("ConditionsOf: pods of which no container runs are told from no pods at all") {
  Scene scene;
  auto pod = fleet::APod("a", 64_MiB, 128_MiB);
  kube::ContainerStatus waiting;
  waiting.name = "app";
  waiting.state = kube::ContainerRunState::kWaiting;
  pod.statuses = {waiting};
  scene.workload.pods["uid-a"].pod = fleet::Shared(std::move(pod));

  const api::Condition healthy = scene.Get(api::condition::kTelemetryHealthy);

  CHECK(healthy.status == api::ConditionStatus::kFalse);
  CHECK(healthy.reason == "NoContainerRuns");
  CHECK(healthy.message.find("1 pod") != std::string::npos);
  CHECK(scene.Get(api::condition::kTargetResolved).reason == "Found");
}

TEST_CASE("ConditionsWithoutPods: the advice stays, and it is told that no pod stands behind it") {
  const auto before = Scene().Conditions();
  const auto after = ConditionsWithoutPods(fleet::kShopWeb, before, kNow + 1min);
  CHECK(after.size() == before.size());
  CHECK(api::FindCondition(after, api::condition::kTargetResolved)->reason == "NoPods");
  CHECK(*api::FindCondition(after, api::condition::kRecommendationProvided) ==
        *api::FindCondition(before, api::condition::kRecommendationProvided));
}

TEST_CASE("DiffersInSubstance: usage that moves does not count, a verdict does") {
  Scene scene;
  const auto facts = FactsOf(scene.workload, kNow);
  const ConditionInputs inputs{scene.workload, facts, scene.advice, scene.policy,
                               scene.nodes,    false, "because"};
  const api::MemoryRecommendationStatus before = StatusOf(inputs, {}, kNow);
  api::MemoryRecommendationStatus after = before;
  after.containers.at(0).observed.usage = 77_MiB;
  CHECK_FALSE(DiffersInSubstance(before, after));
  CHECK_FALSE(api::ShowsTheSame(before, after));

  after.summary.verdict = recommend::Verdict::kUnderProvisioned;
  CHECK(DiffersInSubstance(before, after));
}

TEST_CASE("StatusOf: without an agent on its node kills are unknown, not zero") {
  Scene scene;
  scene.nodes.clear();
  const auto facts = FactsOf(scene.workload, kNow);
  const api::MemoryRecommendationStatus status = StatusOf(
      {scene.workload, facts, scene.advice, scene.policy, scene.nodes, false, "because"}, {}, kNow);
  CHECK_FALSE(status.containers.at(0).oom.has_value());
}

TEST_CASE("StatusOf: an init container that was never observed leaves the app's columns alone") {
  Scene scene;
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  kube::Container setup;
  setup.name = "setup";
  setup.kind = kube::ContainerKind::kInit;
  setup.resources.requests.memory = 512_MiB;
  pod.containers = {pod.containers.front(), setup};
  scene.workload.pods["uid-a"].pod = fleet::Shared(std::move(pod));
  scene.advice["setup"] = {};
  const auto facts = FactsOf(scene.workload, kNow);

  const api::RecommendationSummary summary =
      StatusOf({scene.workload, facts, scene.advice, scene.policy, scene.nodes, false, "because"},
               {}, kNow)
          .summary;

  CHECK(summary.request == "512Mi");
  CHECK(summary.limit == "128Mi->256Mi");
  CHECK(summary.confidence_percent == 50);
}

TEST_CASE("PartOf: of all pods that still hold memory, and of the newest one's limits") {
  fleet::Workload workload;
  for (const char* name : {"a", "b", "done"}) {
    kube::Pod pod = fleet::APod(name, 192_MiB, 300_MiB);
    fleet::AddContainer(pod, "sidecar", [](kube::Container& sidecar) {
      sidecar.kind = kube::ContainerKind::kSidecar;
      sidecar.resources.requests.memory = 64_MiB;
      sidecar.resources.limits.memory = 100_MiB;
    });
    fleet::AddInit(pod, "setup");
    if (pod.meta.name == "done") pod.phase = kube::PodPhase::kSucceeded;
    workload.pods["uid-" + std::string(name)].pod = fleet::Shared(pod);
  }
  const kube::Pod& newest = *workload.pods.at("uid-a").pod;
  const cluster::Part part = PartOf("app", newest, workload);
  CHECK(part.pods == 2);
  CHECK(part.requests == 384_MiB);
  CHECK(part.all_requests == 512_MiB);
  CHECK(part.of_pod_limit == Ratio(0.75));
  CHECK(PartOf("setup", newest, workload).of_pod_limit == Ratio(1));

  kube::Pod unlimited = newest;
  fleet::AddContainer(unlimited, "logs",
                      [](kube::Container& logs) { logs.resources.limits.memory.reset(); });
  CHECK_FALSE(PartOf("app", unlimited, workload).of_pod_limit);
  CHECK(PartOf("app", fleet::APod("alone", 64_MiB, 128_MiB), workload).of_pod_limit == Ratio(1));
}

}  // namespace
}  // namespace plimsoll::recommendation
