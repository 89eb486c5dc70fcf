// SPDX-License-Identifier: Apache-2.0
#include "operator/api/memory_policy.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace plimsoll::api {
namespace {
using namespace literals;

constexpr std::string_view kWhole = R"({
  "apiVersion": "plimsoll.dev/v1alpha1", "kind": "MemoryPolicy",
  "metadata": {"name": "default", "namespace": "shop", "uid": "u", "resourceVersion": "7",
    "generation": 3, "creationTimestamp": "2026-08-21T07:12:44Z", "managedFields": [{}]},
  "spec": {
    "targetSelector": {"matchLabels": {"tier": "web"},
      "matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["dev"]}]},
    "mode": "AutoPatch", "objective": "Savings",
    "containers": [
      {"name": "*", "minAllowed": {"memory": "64Mi"}, "maxAllowed": {"memory": "4Gi"}},
      {"name": "proxy", "controlled": "None", "maxAllowed": {"memory": 1048576}}],
    "runtime": {"gc": "Recommend"},
    "learning": {"minimumSeconds": 300},
    "autoPatch": {"minChange": {"percent": 5, "memory": "8Mi"}, "maxStepDownPercent": 10,
      "cooldownSeconds": 60, "windows": [
        {"days": ["Sun", "Mon"], "start": "22:00", "end": "06:30", "timeZone": "Europe/Berlin"},
        {"start": "00:00", "end": "23:59"}]}},
  "status": {"observedGeneration": 2, "matchedWorkloads": 12, "conditions": [
    {"type": "Accepted", "status": "True", "reason": "Valid", "message": "12 workloads",
     "lastTransitionTime": "2026-08-21T07:12:44Z", "observedGeneration": 2}]}})";

Result<MemoryPolicy> Read(std::string_view text) {
  return ParseMemoryPolicy(nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false));
}

TEST_CASE("ParseMemoryPolicy: reads every field") {
  const Result<MemoryPolicy> policy = Read(kWhole);

  REQUIRE(policy.has_value());
  CHECK(policy->meta.name == "default");
  CHECK(policy->meta.generation == 3);
  CHECK(policy->spec.mode == Mode::kAutoPatch);
  CHECK(policy->spec.objective == model::Objective::kSavings);
  CHECK(policy->spec.target_selector->match_labels.at("tier") == "web");
  REQUIRE(policy->spec.containers.size() == 2);
  CHECK(policy->spec.containers[0].min_allowed == 64_MiB);
  CHECK(policy->spec.containers[0].controlled == std::nullopt);
  CHECK(policy->spec.containers[1].controlled == model::Controlled::kNone);
  CHECK(policy->spec.containers[1].max_allowed == 1_MiB);
  CHECK(policy->spec.runtime_gc == Mode::kRecommend);
  CHECK(policy->spec.minimum_observation_seconds == 300);
  CHECK(policy->spec.auto_patch.min_change.percent == 5);
  CHECK(policy->spec.auto_patch.min_change.memory == 8_MiB);
  CHECK(policy->spec.auto_patch.max_step_down_percent == 10);
  CHECK(policy->spec.auto_patch.cooldown_seconds == 60);
  const std::vector<PatchWindow>& windows = policy->spec.auto_patch.windows;
  REQUIRE(windows.size() == 2);
  CHECK(windows[0] == PatchWindow{.hours = {.days = std::bitset<7>("1000001"),
                                            .start = std::chrono::hours(22),
                                            .end = std::chrono::minutes(6 * 60 + 30)},
                                  .time_zone = "Europe/Berlin"});
  CHECK(windows[1].hours.days.all());
  CHECK(windows[1].hours.end == std::chrono::minutes(24 * 60 - 1));
  CHECK(windows[1].time_zone.empty());
  CHECK(CheckPatchWindow(windows[0], "windows[0]"));
  CHECK(CheckPatchWindow(windows[1], "windows[1]"));
  CHECK(policy->status.matched_workloads == 12);
  CHECK(policy->status.conditions.front().status == ConditionStatus::kTrue);
}

TEST_CASE("ParseMemoryPolicy: what is not said stays unsaid") {
  const Result<MemoryPolicy> policy =
      Read(R"({"metadata": {"name": "p"}, "spec": {"targetSelector": {}}})");

  REQUIRE(policy.has_value());
  CHECK(policy->spec.mode == std::nullopt);
  CHECK(policy->spec.objective == std::nullopt);
  CHECK(policy->spec.target_selector->Empty());
  CHECK(policy->status.matched_workloads == std::nullopt);
}

struct Broken {
  std::string_view json;
  std::string_view says;
};

TEST_CASE("ParseMemoryPolicy: a broken field is named with what it should be") {
  const Broken cases[] = {
      {"[]", "must be an object"},
      {R"({"metadata": {}})", "metadata.name: is required"},
      {R"({"metadata": {"name": "p"}, "spec": {"mode": "Auto"}})",
       "spec.mode: 'Auto' is not one of Off, Recommend, AutoPatch"},
      {R"({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a"},
          {"name": "b", "minAllowed": {"memory": "64MB"}}]}})",
       "spec.containers[1].minAllowed.memory: \"64MB\" is no quantity"},
      {R"({"metadata": {"name": "p"}, "spec": {"containers": [{"maxAllowed": {"memory": 1.5}}]}})",
       "spec.containers[0].name: is required"},
      {R"({"metadata": {"name": "p"}, "spec": {"autoPatch": {"maxStepDownPercent": 90}}})",
       "spec.autoPatch.maxStepDownPercent: must be a whole number from 1 to 20"},
      {R"({"metadata": {"name": "p"}, "spec": {"autoPatch": {"cooldownSeconds": 18446744073709551615}}})",
       "spec.autoPatch.cooldownSeconds: must be a whole number"},
      {R"({"metadata": {"name": "p"}, "spec": {"autoPatch": {"windows": {"start": "09:00"}}}})",
       "spec.autoPatch.windows: must be a list"},
      {R"({"metadata": {"name": "p"}, "spec": {"autoPatch": {"windows": [
          {"start": "09:00", "end": "16:00"}, {"start": "09:00"}]}}})",
       "spec.autoPatch.windows[1].end: is required"},
      {R"({"metadata": {"name": "p"}, "spec": {"autoPatch": {"windows": [
          {"start": 540, "end": "16:00"}]}}})",
       "spec.autoPatch.windows[0].start: must be a string"},
      {R"({"metadata": {"name": "p"}, "spec": {"autoPatch": {"windows": [
          {"days": ["Mon", "Tuesday"], "start": "09:00", "end": "16:00"}]}}})",
       "windows[0].days[1]: 'Tuesday' is not one of Mon, Tue, Wed, Thu, Fri, Sat, Sun"},
      {R"({"metadata": {"name": "p"}, "spec": {"autoPatch": {"windows": [
          {"days": [], "start": "09:00", "end": "16:00"}]}}})",
       "windows[0].days: must name a day; leave it out for every day"},
      {R"({"metadata": {"name": "p"}, "spec": {"targetRefs": {"kind": "Deployment"}}})",
       "spec.targetRefs: must be a list"},
      {R"({"metadata": {"name": "p"}, "spec": {"targetSelector": {"matchLabels": {"a": 1}}}})",
       "spec.targetSelector.matchLabels.a: must be a string"},
  };
  for (const Broken& broken : cases) {
    CAPTURE(broken.json);
    const Result<MemoryPolicy> policy = Read(broken.json);
    REQUIRE(!policy.has_value());
    CAPTURE(policy.error().message());
    CHECK(policy.error().code() == ErrorCode::kInvalid);
    CHECK(policy.error().message().find(broken.says) != std::string::npos);
  }
}

TEST_CASE("ParseMemoryPolicy: a time of day is two digits, a colon and two digits") {
  const auto policy_at = [](const char* start) {
    return ParseMemoryPolicy(
        {{"metadata", {{"name", "p"}}},
         {"spec", {{"autoPatch", {{"windows", {{{"start", start}, {"end", "16:00"}}}}}}}}});
  };
  for (const char* time : {"00:00", "09:59", "23:59"}) {
    CAPTURE(time);
    CHECK(policy_at(time));
  }
  for (const char* time : {"9:00", "24:00", "09:60", "09.00", "09:00:00", "-9:00", "09:5 "}) {
    CAPTURE(time);
    const auto policy = policy_at(time);
    REQUIRE_FALSE(policy);
    CHECK(policy.error().message().find("spec.autoPatch.windows[0].start: '" + std::string(time) +
                                        "' is no time of day; write one such as \"09:00\"") !=
          std::string::npos);
  }
}

TEST_CASE("ParseMemoryPolicy: any one byte changed is read or refused, never worse") {
  for (std::size_t i = 0; i < kWhole.size(); ++i) {
    for (const char c : {'\0', '"', '}', '9', '\xff'}) {
      std::string changed(kWhole);
      changed[i] = c;
      const Result<MemoryPolicy> policy = Read(changed);
      if (!policy) REQUIRE(policy.error().code() == ErrorCode::kInvalid);
    }
  }
}

TEST_CASE("ValidateMemoryPolicy: what the schema refuses, an older schema may have let through") {
  MemoryPolicySpec spec;
  CHECK(ValidateMemoryPolicy(spec).error().message().find("targetSelector") != std::string::npos);

  spec.target_selector.emplace();
  spec.target_refs = {{.api_version = "", .kind = "Deployment", .name = "web"}};
  CHECK(!ValidateMemoryPolicy(spec).has_value());

  spec.target_refs.clear();
  CHECK(ValidateMemoryPolicy(spec).has_value());

  spec.containers = {{.name = "app", .min_allowed = 2_GiB, .max_allowed = 1_GiB}};
  CHECK(ValidateMemoryPolicy(spec).error().message().find("minAllowed") != std::string::npos);

  spec.containers = {{.name = "app", .min_allowed = 8_MiB, .max_allowed = Bytes(1L << 50)}};
  CHECK(ValidateMemoryPolicy(spec).has_value());
  for (const char* amount : {"100m", "-5", "8191Ki", "1e400", "2Pi"}) {
    for (const std::string field : {"minAllowed", "maxAllowed"}) {
      CAPTURE(amount);
      const auto policy =
          ParseMemoryPolicy({{"metadata", {{"name", "p"}}},
                             {"spec",
                              {{"targetSelector", nlohmann::json::object()},
                               {"containers", {{{"name", "*"}, {field, {{"memory", amount}}}}}}}}});
      REQUIRE(policy);
      const Status valid = ValidateMemoryPolicy(policy->spec);
      REQUIRE_FALSE(valid);
      CHECK(valid.error().message().starts_with("spec.containers[0]." + field +
                                                ".memory: must be an amount from 8Mi to 1Pi"));
    }
  }
  spec.auto_patch.min_change.memory = Bytes(INT64_MAX);
  CHECK(
      ValidateMemoryPolicy(spec).error().message().starts_with("spec.autoPatch.minChange.memory"));
  spec.auto_patch = {};

  spec.containers.clear();
  spec.auto_patch.windows = {{.time_zone = "Europe/Berlin"}, {.time_zone = "Europe/Berln"}};
  CHECK(ValidateMemoryPolicy(spec).error().message() ==
        "spec.autoPatch.windows[1].timeZone: 'Europe/Berln' is no time zone of the IANA database; "
        "write one such as Europe/Berlin, or leave it out for UTC");
  spec.auto_patch = {};

  spec.containers = {{.name = "app"}, {.name = "app"}};
  CHECK(ValidateMemoryPolicy(spec).error().message().find("twice") != std::string::npos);
}

TEST_CASE("LabelSelector: matches as Kubernetes does") {
  using Operator = LabelRequirement::Operator;
  LabelSelector selector;
  CHECK(selector.Matches({}));

  selector.match_expressions = {{.key = "env", .op = Operator::kNotIn, .values = {"dev"}}};
  CHECK(selector.Matches({}));
  CHECK(!selector.Matches({{"env", "dev"}}));

  selector.match_expressions = {{.key = "env", .op = Operator::kIn, .values = {"dev", "test"}},
                                {.key = "team", .op = Operator::kExists, .values = {}},
                                {.key = "old", .op = Operator::kDoesNotExist, .values = {}}};
  CHECK(selector.Matches({{"env", "test"}, {"team", "a"}}));
  CHECK(!selector.Matches({{"env", "test"}}));
  CHECK(!selector.Matches({{"env", "test"}, {"old", ""}, {"team", "a"}}));
}

TEST_CASE("MemoryPolicyStatusApply: carries identity and status, nothing of the spec") {
  Result<MemoryPolicy> policy = Read(kWhole);
  REQUIRE(policy.has_value());

  CHECK(MemoryPolicyStatusApply(*policy).dump() ==
        R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"MemoryPolicy",)"
        R"("metadata":{"name":"default","namespace":"shop"},"status":{"conditions":[)"
        R"({"lastTransitionTime":"2026-08-21T07:12:44Z","message":"12 workloads",)"
        R"("observedGeneration":2,"reason":"Valid","status":"True","type":"Accepted"}],)"
        R"("matchedWorkloads":12,"observedGeneration":2}})");
}

}  // namespace
}  // namespace plimsoll::api
