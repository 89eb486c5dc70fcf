// SPDX-License-Identifier: Apache-2.0
#include "operator/api/status_summary.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace plimsoll::api {
namespace {
using namespace literals;
using recommend::Verdict;

recommend::Recommendation Under() {
  recommend::Recommendation answer;
  answer.verdict = Verdict::kUnderProvisioned;
  answer.request = 624_MiB;
  answer.limit = 784_MiB;
  answer.confidence = Ratio(0.929);
  return answer;
}

ContainerAdvice Advice(std::string name, MemoryAmounts current, MemoryAmounts target,
                       Verdict verdict) {
  ContainerAdvice advice;
  advice.name = std::move(name);
  advice.current = current;
  advice.target = target;
  advice.verdict = verdict;
  advice.confidence_percent = 90;
  return advice;
}

kube::Container Of(std::string_view name, kube::ContainerKind kind) {
  kube::Container container;
  container.name = name;
  container.kind = kind;
  return container;
}

TEST_CASE("AdviceFor: the advisor's numbers, and nothing where it gave none") {
  const ContainerAdvice advice =
      AdviceFor("app", {.request = 512_MiB, .limit = 512_MiB}, Under(), nullptr);

  CHECK(advice.target == MemoryAmounts{624_MiB, 784_MiB});
  CHECK(advice.confidence_percent == 92);
  CHECK(advice.guarded == false);
  CHECK(!advice.oom.has_value());
  CHECK(!advice.runtime.has_value());

  const ContainerAdvice none = AdviceFor("app", {}, recommend::Recommendation{}, nullptr);
  CHECK(none.target == MemoryAmounts{});
  CHECK(!none.guarded.has_value());
}

TEST_CASE("AdviceFor: settings are written as their runtime writes them, rounded down") {
  recommend::Recommendation answer = Under();
  answer.settings = {{.name = "GOMEMLIMIT",
                      .delivery = recommend::Delivery::kLive,
                      .current = std::nullopt,
                      .recommended = 666.9 * 1048576,
                      .unit = "bytes"},
                     {.name = "GOGC",
                      .delivery = recommend::Delivery::kLive,
                      .current = 100,
                      .recommended = -1,
                      .unit = "percent"}};

  const ContainerAdvice advice = AdviceFor("app", {}, answer, nullptr);

  REQUIRE(advice.runtime.has_value());
  CHECK(advice.runtime->settings[0].recommended == "666MiB");
  CHECK(!advice.runtime->settings[0].current.has_value());
  CHECK(advice.runtime->settings[1].current == "100");
  CHECK(advice.runtime->settings[1].recommended == "off");
}

TEST_CASE("Summarize: one container's change as the printer column shows it") {
  const RecommendationSummary summary = Summarize(
      {Advice("app", {512_MiB, 512_MiB}, {624_MiB, 784_MiB}, Verdict::kUnderProvisioned)}, {}, 6);

  CHECK(summary.request == "512Mi->624Mi");
  CHECK(summary.limit == "512Mi->784Mi");
  CHECK(summary.request_change_total == 672_MiB);
  CHECK(summary.severity == Severity::kMedium);
  CHECK(!summary.oom_kills_last_24h.has_value());
}

TEST_CASE("Summarize: a pod's sum; a container without advice counts with what it has") {
  const RecommendationSummary summary =
      Summarize({Advice("app", {2_GiB, 2_GiB}, {768_MiB, 960_MiB}, Verdict::kOverProvisioned),
                 Advice("proxy", {64_MiB, 64_MiB}, {}, Verdict::kInsufficientData)},
                {}, 1);

  CHECK(summary.verdict == Verdict::kOverProvisioned);
  CHECK(summary.request == "2112Mi->832Mi");
  CHECK(summary.limit == "2112Mi->1Gi");
  CHECK(summary.request_change_total == Bytes(-1280 * 1048576LL));
  CHECK(summary.severity == Severity::kMedium);
}

TEST_CASE("Summarize: what should stay is printed once, what is not set is 'none'") {
  const RecommendationSummary same =
      Summarize({Advice("db", {4_GiB, 4_GiB}, {4_GiB, 4_GiB}, Verdict::kRightSized)}, {}, 3);
  CHECK(same.request == "4Gi");
  CHECK(same.severity == Severity::kNone);

  const RecommendationSummary unset =
      Summarize({Advice("app", {}, {64_MiB, 96_MiB}, Verdict::kUnderProvisioned)}, {}, 1);
  CHECK(unset.request == "none->64Mi");
  CHECK(unset.limit == "none->96Mi");

  // One container without a limit leaves the pod without one, whatever the others have.
  const RecommendationSummary open =
      Summarize({Advice("app", {64_MiB, 64_MiB}, {64_MiB, 64_MiB}, Verdict::kRightSized),
                 Advice("side", {32_MiB, std::nullopt}, {}, Verdict::kInsufficientData)},
                {}, 1);
  CHECK(open.request == "96Mi");
  CHECK(open.limit == "none");
}

TEST_CASE("Summarize: an init container counts as Kubernetes counts it, and not in the limit") {
  const std::vector<kube::Container> pod = {Of("app", kube::ContainerKind::kApp),
                                            Of("setup", kube::ContainerKind::kInit)};
  const ContainerAdvice app =
      Advice("app", {64_MiB, 128_MiB}, {30_MiB, 44_MiB}, Verdict::kOverProvisioned);
  ContainerAdvice setup = Advice("setup", {512_MiB, std::nullopt}, {}, Verdict::kInsufficientData);
  setup.confidence_percent = 0;

  const RecommendationSummary larger = Summarize({app, setup}, pod, 3);
  CHECK(larger.request == "512Mi");
  CHECK(larger.limit == "128Mi->44Mi");
  CHECK(larger.confidence_percent == 90);
  CHECK(larger.request_change_total == Bytes(0));
  CHECK(larger.severity == Severity::kLow);  // a node reserves 512Mi either way

  setup.current.request = 48_MiB;
  const RecommendationSummary between = Summarize({app, setup}, pod, 3);
  CHECK(between.request == "64Mi->48Mi");
  CHECK(between.request_change_total == Bytes(-48 * 1048576LL));

  // Once it was observed, its confidence counts.
  setup.observed.last_sample = TimePoint(std::chrono::hours(1));
  CHECK(Summarize({app, setup}, pod, 3).confidence_percent == 0);
}

TEST_CASE("Summarize: a sidecar counts with the app and with the init containers after it") {
  const ContainerAdvice app = Advice("app", {64_MiB, 64_MiB}, {}, Verdict::kInsufficientData);
  const ContainerAdvice mesh = Advice("mesh", {32_MiB, 32_MiB}, {}, Verdict::kInsufficientData);
  const ContainerAdvice setup = Advice("setup", {80_MiB, 80_MiB}, {}, Verdict::kInsufficientData);
  const auto request = [&](const std::vector<kube::Container>& pod) {
    return Summarize({app, mesh, setup}, pod, 1).request;
  };
  const kube::Container runs = Of("app", kube::ContainerKind::kApp);
  const kube::Container sidecar = Of("mesh", kube::ContainerKind::kSidecar);
  const kube::Container init = Of("setup", kube::ContainerKind::kInit);

  CHECK(request({runs, sidecar, init}) == "112Mi");  // 32 + 80
  CHECK(request({runs, init, sidecar}) == "96Mi");   // 64 + 32, and 80 alone before
  CHECK(Summarize({app, mesh, setup}, std::vector{runs, sidecar, init}, 1).limit == "96Mi");
}

TEST_CASE("Summarize: of a pod that sets nothing, or without containers, the amounts are 'none'") {
  for (const std::vector<ContainerAdvice>& containers :
       {std::vector<ContainerAdvice>{}, {Advice("app", {}, {}, Verdict::kInsufficientData)}}) {
    const RecommendationSummary summary = Summarize(containers, {}, 1);
    CHECK(summary.request == "none");
    CHECK(summary.limit == "none");
  }
}

TEST_CASE("Summarize: kills where there is too little are critical; unseen kills are not zero") {
  ContainerAdvice advice =
      Advice("app", {64_MiB, 64_MiB}, {64_MiB, 96_MiB}, Verdict::kUnderProvisioned);
  advice.oom = {{.kills_last_24h = 2}};
  ContainerAdvice blind = Advice("side", {}, {}, Verdict::kInsufficientData);

  const RecommendationSummary summary = Summarize({advice, blind}, {}, 1);

  CHECK(summary.oom_kills_last_24h == 2);
  CHECK(summary.severity == Severity::kCritical);
}

TEST_CASE("Summarize: severity never contradicts the verdict on what is set now") {
  const auto severity = [](Verdict verdict) {
    ContainerAdvice advice = Advice("app", {100_MiB, 128_MiB}, {90_MiB, 128_MiB}, verdict);
    advice.oom = {{.kills_last_24h = 6}};
    return Summarize({advice}, {}, 1).severity;
  };
  CHECK(severity(Verdict::kUnderProvisioned) == Severity::kCritical);
  CHECK(severity(Verdict::kInsufficientData) == Severity::kCritical);
  CHECK(severity(Verdict::kRightSized) == Severity::kLow);
  CHECK(severity(Verdict::kOverProvisioned) == Severity::kLow);
}

}  // namespace
}  // namespace plimsoll::api
