// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/resolution.h"

#include <doctest/doctest.h>

#include "tests/operator/controllers/policy/policy_builders.h"

namespace plimsoll::policy {
namespace {
using namespace literals;
using api::Mode;

api::MemoryPolicySpec Bounded() {
  api::MemoryPolicySpec spec = Everything();
  spec.objective = model::Objective::kReliability;
  spec.containers = {{.name = "*", .min_allowed = 64_MiB, .max_allowed = 4_GiB},
                     {.name = "app", .max_allowed = 1_GiB},
                     {.name = "proxy", .controlled = model::Controlled::kNone}};
  return spec;
}

TEST_CASE("Resolve: without any policy there are no bounds and the settings' defaults hold") {
  const Resolution resolved =
      Resolve({.objective = model::Objective::kSavings}, ADeployment("web"), {}, {});

  CHECK(resolved.effective == api::EffectivePolicy{Mode::kRecommend, "default", ""});
  CHECK(resolved.PolicyFor("app").objective == model::Objective::kSavings);
  CHECK(!resolved.PolicyFor("app").max_allowed.has_value());
  CHECK(!resolved.Excludes("app"));
  CHECK(resolved.problems.empty());
}

TEST_CASE("Resolve: a container's own entry is used alone, the others have the entry '*'") {
  const Resolution resolved = Resolve({}, ADeployment("web"), {{"plimsoll.dev/mode", "auto-patch"}},
                                      {APolicy("default", Bounded())});

  CHECK(resolved.effective == api::EffectivePolicy{Mode::kAutoPatch, "namespace label", "default"});
  CHECK(resolved.PolicyFor("app").max_allowed == 1_GiB);
  CHECK(!resolved.PolicyFor("app").min_allowed.has_value());
  CHECK(resolved.PolicyFor("side").min_allowed == 64_MiB);
  CHECK(resolved.PolicyFor("side").objective == model::Objective::kReliability);
  CHECK(resolved.Excludes("proxy"));
}

TEST_CASE("Resolve: settings and the annotation each exclude containers") {
  const Resolution resolved = Resolve(
      {.exclude_containers = {"istio-proxy"}},
      ADeployment("web", {}, {{"plimsoll.dev/exclude-containers", " sidecar ,,tool"}}), {}, {});

  CHECK(resolved.Excludes("istio-proxy"));
  CHECK(resolved.Excludes("sidecar"));
  CHECK(resolved.Excludes("tool"));
  CHECK(!resolved.Excludes("app"));
  CHECK(!resolved.Excludes(""));
}

TEST_CASE("Resolve: settings of the runtime never do more than the mode") {
  api::MemoryPolicySpec spec = Everything();
  const kube::Labels auto_patch = {{"plimsoll.dev/mode", "auto-patch"}};
  CHECK(Resolve({}, ADeployment("web"), {}, {}).runtime_gc == Mode::kRecommend);
  CHECK(Resolve({}, ADeployment("web"), auto_patch, {}).runtime_gc == Mode::kAutoPatch);

  spec.runtime_gc = Mode::kAutoPatch;
  CHECK(Resolve({}, ADeployment("web"), {}, {APolicy("p", spec)}).runtime_gc == Mode::kRecommend);

  spec.runtime_gc = Mode::kOff;
  CHECK(Resolve({}, ADeployment("web"), auto_patch, {APolicy("p", spec)}).runtime_gc == Mode::kOff);
}

TEST_CASE("Resolve: a policy that contradicts itself stops patching instead of losing its bounds") {
  api::MemoryPolicySpec spec = Everything();
  spec.mode = Mode::kAutoPatch;
  spec.containers = {{.name = "*", .min_allowed = 2_GiB, .max_allowed = 1_GiB}};

  const Resolution resolved = Resolve({}, ADeployment("web"), {}, {APolicy("broken", spec)});

  CHECK(resolved.effective.mode == Mode::kRecommend);
  CHECK(!resolved.PolicyFor("app").min_allowed.has_value());
  REQUIRE(resolved.problems.size() == 1);
  CHECK(resolved.problems[0].code == "PolicyInvalid");
  CHECK(resolved.problems[0].message.find("MemoryPolicy broken is not used") != std::string::npos);
}

TEST_CASE("Resolve: each mistake of a user has its code") {
  const Resolution resolved =
      Resolve({}, ADeployment("web", {{"plimsoll.dev/mode", "on"}}, {{"plimsoll.dev/policy", "x"}}),
              {}, {});

  REQUIRE(resolved.problems.size() == 2);
  CHECK(resolved.problems[0].code == "UnknownModeLabel");
  CHECK(resolved.problems[1].code == "PolicyNotFound");
}

TEST_CASE("Resolve: a policy that is not there stops patching instead of losing its bounds") {
  const Resolution resolved = Resolve({}, ADeployment("web", {}, {{"plimsoll.dev/policy", "x"}}),
                                      {{"plimsoll.dev/mode", "auto-patch"}}, {});

  CHECK(resolved.effective.mode == Mode::kRecommend);
}

TEST_CASE("Resolve: a namespace that is being deleted is off, whatever its labels say") {
  Subject subject = ADeployment("web", {{"plimsoll.dev/mode", "auto-patch"}});
  subject.namespace_ends = true;

  const Resolution resolved =
      Resolve({}, subject, {{"plimsoll.dev/mode", "auto-patch"}}, {APolicy("p", Everything())});

  CHECK(resolved.effective.mode == Mode::kOff);
  CHECK(resolved.effective.mode_from == "namespace is being deleted");
}

TEST_CASE("Resolve: a ceiling that caps is told, with where the wish came from") {
  const Resolution resolved =
      Resolve({.guards = {.max_mode = Mode::kRecommend, .denied_namespaces = {}}},
              ADeployment("web", {{"plimsoll.dev/mode", "auto-patch"}}), {}, {});

  CHECK(resolved.ceiling_reached);
  CHECK(resolved.effective.mode_from == "workload label");
}

}  // namespace
}  // namespace plimsoll::policy
