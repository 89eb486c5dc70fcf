// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/observe.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "operator/api/names.h"
#include "operator/controllers/autopatch/report.h"
#include "operator/controllers/autopatch/resize_patch.h"
#include "tests/operator/fleet/pods.h"

namespace plimsoll::autopatch {
namespace {

using namespace plimsoll::literals;
using namespace std::chrono_literals;
using fleet::kNow;

fleet::Workload Web(kube::Pod pod) {
  fleet::Workload workload;
  workload.key = fleet::kShopWeb;
  workload.pods["uid-a"].pod = fleet::Shared(std::move(pod));
  workload.advice["app"].recommendation.limit = 256_MiB;
  workload.advice["app"].recommendation.request = 200_MiB;
  return workload;
}

kube::PodCondition Condition(const char* type, const char* reason) {
  kube::PodCondition condition;
  condition.type = type;
  condition.status = kube::ConditionStatus::kTrue;
  condition.reason = reason;
  condition.message = "Node didn't have enough resource: memory";
  condition.last_transition = kNow - 30s;
  return condition;
}

TEST_CASE("StateOf: what the pod asks for and what the agent saw, side by side") {
  fleet::Workload workload = Web(fleet::APod("a", 64_MiB, 128_MiB));
  fleet::Instance& instance = workload.pods["uid-a"].instances["app"];
  instance.newest = fleet::ADigest(kNow, 50_MiB, 96_MiB);

  const rollout::WorkloadState state = StateOf(workload, {}, kNow);

  REQUIRE(state.pods.size() == 1);
  const rollout::ContainerState& app = state.pods[0].containers.at(0);
  CHECK(app.running);
  CHECK(app.spec.limit == 128_MiB);
  CHECK(app.reading->limit == 96_MiB);
}

TEST_CASE("StateOf: where statistics are not to be read for a bad annotation, none are known") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  fleet::Workload workload = Web(pod);
  workload.pods["uid-a"].instances["app"].runtime.emplace().accepts_tuning = true;
  CHECK(StateOf(workload, {}, kNow).pods.at(0).containers.at(0).runtime);

  pod.meta.annotations = kube::Labels({kube::KeyValue{api::kStatsPortAnnotation, "0"}});
  workload.pods["uid-a"].pod = fleet::Shared(std::move(pod));
  const rollout::WorkloadState state = StateOf(workload, {}, kNow);
  CHECK_FALSE(state.pods.at(0).containers.at(0).runtime);
  CHECK(state.pods.at(0).containers.at(0).runtime_problem.find("stats-port") != std::string::npos);
}

TEST_CASE("StateOf: the kubelet's answer to a resize, with its time and words") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  pod.conditions = {Condition("PodResizePending", "Deferred")};
  const rollout::PodState deferred = StateOf(Web(pod), {}, kNow).pods.at(0);
  CHECK(deferred.resize == rollout::ResizeStatus::kDeferred);
  CHECK(deferred.resize_since == kNow - 30s);
  CHECK(deferred.resize_message.find("enough resource") != std::string::npos);

  pod.conditions = {Condition("PodResizePending", "Infeasible")};
  CHECK(StateOf(Web(pod), {}, kNow).pods[0].resize == rollout::ResizeStatus::kInfeasible);
  pod.conditions = {Condition("PodResizeInProgress", "")};
  CHECK(StateOf(Web(pod), {}, kNow).pods[0].resize == rollout::ResizeStatus::kInProgress);
}

TEST_CASE("StateOf: what runs beside the resizable containers counts in their pod's cgroup") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  const auto restarts = [](auto& container) {
    container.memory_resize_policy = kube::ResizePolicy::kRestartContainer;
  };
  fleet::AddContainer(pod, "fixed", restarts);
  fleet::AddInit(pod, "setup");  // has ended
  CHECK(StateOf(Web(pod), {}, kNow).pods.at(0).other_limits == 128_MiB);

  fleet::AddContainer(pod, "free", [&](auto& container) {
    restarts(container);
    container.resources.limits.memory.reset();
  });
  CHECK_FALSE(StateOf(Web(pod), {}, kNow).pods.at(0).other_limits.has_value());
}

TEST_CASE("StateOf: pods that are going or not yet on a node are left out") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  pod.meta.deleted = kNow;
  CHECK(StateOf(Web(pod), {}, kNow).pods.empty());
  pod.meta.deleted.reset();
  pod.node = "";
  CHECK(StateOf(Web(pod), {}, kNow).pods.empty());
}

TEST_CASE("PlanOf: what the policy leaves to its owner is no target") {
  fleet::Workload workload = Web(fleet::APod("a", 64_MiB, 128_MiB));
  workload.advice["app"].limit_is_ours = false;
  const rollout::Plan plan = PlanOf(workload, {.grow = true, .shrink = true}, kNow);
  CHECK_FALSE(plan.targets.at(0).limit);
  CHECK(plan.targets.at(0).request == 200_MiB);
}

TEST_CASE("NotInPlace: an init container that wants other numbers, not one that has them") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  fleet::AddInit(pod, "setup");
  fleet::Workload workload = Web(pod);
  CHECK(NotInPlace(workload, {}).empty());  // no advice for it

  workload.advice["setup"].recommendation.request = 64_MiB;
  workload.advice["setup"].recommendation.limit = 130_MiB;
  CHECK(NotInPlace(workload, {}).empty());  // nearer than a least change
  workload.advice["setup"].recommendation.limit = 256_MiB;
  CHECK(NotInPlace(workload, {}) == std::vector<std::string>{"setup"});
  workload.advice["setup"].limit_is_ours = false;
  CHECK(NotInPlace(workload, {}).empty());
}

TEST_CASE("PlanOf: a container that a resize would restart is not resized") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  kube::Container container = pod.containers.front();
  container.memory_resize_policy = kube::ResizePolicy::kRestartContainer;
  pod.containers = {container};

  CHECK(PlanOf(Web(pod), {true, true}, kNow).targets.empty());
  CHECK(PlanOf(Web(fleet::APod("a", 64_MiB, 128_MiB)), {true, true}, kNow).targets.size() == 1);
}

TEST_CASE("PlanOf: init containers are not resized, and the policy's words become rules") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  kube::Container container = pod.containers.front();
  container.kind = kube::ContainerKind::kInit;
  pod.containers = {container};
  CHECK(PlanOf(Web(pod), {true, true}, kNow).targets.empty());

  fleet::Workload workload = Web(fleet::APod("a", 64_MiB, 128_MiB));
  workload.permission.cooldown = Duration(20s);
  workload.permission.max_step_down_percent = 5;
  const rollout::Plan plan = PlanOf(workload, {true, true}, kNow);
  CHECK(plan.rules.cooldown == Duration(20s));
  CHECK(plan.rules.max_step_down.value() == doctest::Approx(0.05));
  CHECK(plan.rules.bake == Duration(1min));
  workload.permission.cooldown = Duration(1h);
  CHECK(PlanOf(workload, {true, true}, kNow).rules.bake == Duration(1h));
}

TEST_CASE("PlanOf: outside the policy's windows the plan is closed to cuts") {
  fleet::Workload workload = Web(fleet::APod("a", 64_MiB, 128_MiB));
  CHECK_FALSE(PlanOf(workload, {true, true}, kNow).closed);
  workload.permission.windows = {{.hours = {.start = 3h, .end = 4h}}};
  const TimePoint midnight = std::chrono::floor<std::chrono::days>(kNow);
  CHECK_FALSE(PlanOf(workload, {true, true}, midnight + 3h).closed);
  CHECK(PlanOf(workload, {true, true}, midnight + 4h).closed);
}

TEST_CASE("ResizePatch: memory alone, sidecars among the init containers") {
  const rollout::ContainerResize resize{.container = "app", .limit = 410_MiB};
  CHECK(
      ResizePatch({{resize, kube::ContainerKind::kApp}}) ==
      nlohmann::json::parse(
          R"({"spec":{"containers":[{"name":"app","resources":{"limits":{"memory":"410Mi"}}}]}})"));
  CHECK(ResizePatch({{resize, kube::ContainerKind::kSidecar}})["spec"].contains("initContainers"));
}

TEST_CASE("WhyRefused: the server's refusals by the reason a user can act on") {
  const auto why = [](ErrorCode code, const char* text) {
    return WhyRefused(Error(code, text)).code;
  };
  CHECK(why(ErrorCode::kForbidden, "pods \"a\" is forbidden: exceeded quota: q") ==
        "QuotaExceeded");
  CHECK(why(ErrorCode::kForbidden, "maximum memory usage per Container is 1Gi") ==
        "LimitRangeConflict");
  CHECK(why(ErrorCode::kForbidden,
            "pods \"a\" is forbidden: maximum memory usage per Pod is 1Gi, but limit is 2Gi") ==
        "LimitRangeConflict");
  const char* const no_right =
      "PATCH /api: 403 Forbidden: pods \"a\" is forbidden: User \"o\" cannot patch resource "
      "\"pods/resize\" in API group \"\" in the namespace \"shop\"";
  CHECK(why(ErrorCode::kForbidden, no_right) == "NotPermitted");
  CHECK(WhyRefused(Error(ErrorCode::kForbidden, no_right)).message.find("settings.maxMode") !=
        std::string::npos);
  CHECK(why(ErrorCode::kForbidden, "PATCH /api: 401 Unauthorized: Unauthorized") == "NotPermitted");
  CHECK(why(ErrorCode::kInvalid, "Pod QOS Class may not change") == "ResizeInfeasible");
  for (const ErrorCode code : {ErrorCode::kForbidden, ErrorCode::kInvalid}) {
    const auto denied = WhyRefused(
        Error(code, "admission webhook \"v.example\" denied the request: not on Fridays"));
    CHECK(denied.code == "AdmissionDenied");
    CHECK(denied.message.find("not on Fridays") != std::string::npos);
    CHECK(denied.message.find("maxMode") == std::string::npos);
  }
  CHECK(why(ErrorCode::kInvalid,
            "ValidatingAdmissionPolicy 'x' with binding 'y' denied request: no") ==
        "AdmissionDenied");
}

}  // namespace
}  // namespace plimsoll::autopatch
