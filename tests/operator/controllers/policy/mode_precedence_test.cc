// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/mode_precedence.h"

#include <doctest/doctest.h>

#include <string>

namespace plimsoll::policy {
namespace {

using api::Mode;
using Label = std::optional<std::string>;

struct Row {
  Mode ceiling;
  Label ns_label;
  std::optional<Mode> policy;
  Label workload_label;
  Mode effective;
  ModeSource source;
  bool ceiling_reached;
};

constexpr Mode kOff = Mode::kOff;
constexpr Mode kRecommend = Mode::kRecommend;
constexpr Mode kAuto = Mode::kAutoPatch;
const Label kNo = std::nullopt;
const std::optional<Mode> kNoPolicy = std::nullopt;

TEST_CASE("ResolveMode: the truth table that users are shown") {
  const Row table[] = {
      {kAuto, kNo, kNoPolicy, kNo, kRecommend, ModeSource::kDefault, false},
      {kAuto, "auto-patch", kNoPolicy, kNo, kAuto, ModeSource::kNamespaceLabel, false},
      {kAuto, "auto-patch", kNoPolicy, "off", kOff, ModeSource::kWorkloadLabel, false},
      {kAuto, "auto-patch", kRecommend, kNo, kRecommend, ModeSource::kPolicy, false},
      {kRecommend, "auto-patch", kNoPolicy, "auto-patch", kRecommend, ModeSource::kWorkloadLabel,
       true},
      // and the rows between them
      {kAuto, "off", kAuto, kNo, kAuto, ModeSource::kPolicy, false},
      {kAuto, "off", kRecommend, "auto-patch", kAuto, ModeSource::kWorkloadLabel, false},
      {kAuto, "off", kNoPolicy, kNo, kOff, ModeSource::kNamespaceLabel, false},
      {kRecommend, kNo, kAuto, kNo, kRecommend, ModeSource::kPolicy, true},
      {kRecommend, "auto-patch", kNoPolicy, kNo, kRecommend, ModeSource::kNamespaceLabel, true},
      {kRecommend, "recommend", kNoPolicy, kNo, kRecommend, ModeSource::kNamespaceLabel, false},
      {kRecommend, kNo, kNoPolicy, "off", kOff, ModeSource::kWorkloadLabel, false},
      {kOff, kNo, kNoPolicy, kNo, kOff, ModeSource::kDefault, true},
  };
  for (const Row& row : table) {
    CAPTURE(&row - table);
    const ModeAnswer answer = ResolveMode({.max_mode = row.ceiling, .denied_namespaces = {}},
                                          {.ns = "shop",
                                           .workload_label = row.workload_label,
                                           .policy_mode = row.policy,
                                           .policy_name = "default",
                                           .namespace_label = row.ns_label});
    CHECK(answer.mode == row.effective);
    CHECK(answer.source == row.source);
    CHECK(answer.ceiling_reached == row.ceiling_reached);
    CHECK(!answer.problem.has_value());
  }
}

TEST_CASE("ResolveMode: nothing opens a denied namespace") {
  const ModeAnswer answer = ResolveMode({.max_mode = kAuto, .denied_namespaces = {"kube-system"}},
                                        {.ns = "kube-system",
                                         .workload_label = "auto-patch",
                                         .policy_mode = kAuto,
                                         .policy_name = "p",
                                         .namespace_label = "auto-patch",
                                         .default_mode = kAuto});

  CHECK(answer.mode == kOff);
  CHECK(answer.source == ModeSource::kDeniedNamespace);
  CHECK(!answer.ceiling_reached);
}

TEST_CASE(
    "ResolveMode: an unknown label counts as recommend and is told with the accepted values") {
  for (const std::string value : {"", "auto", "Auto-Patch", "autopatch", "on", "off "}) {
    CAPTURE(value);
    const ModeAnswer answer = ResolveMode(
        {}, {.ns = "shop", .workload_label = kNo, .policy_name = "", .namespace_label = value});
    CHECK(answer.mode == kRecommend);
    REQUIRE(answer.problem.has_value());
    CHECK(answer.problem->find("off, recommend, auto-patch") != std::string::npos);
    CHECK(answer.problem->find("namespace") != std::string::npos);
  }
}

TEST_CASE(
    "ResolveMode: an unknown workload label does not fall through to a namespace that patches") {
  const ModeAnswer answer = ResolveMode(
      {},
      {.ns = "shop", .workload_label = "of", .policy_name = "", .namespace_label = "auto-patch"});

  CHECK(answer.mode == kRecommend);
  CHECK(answer.source == ModeSource::kWorkloadLabel);
}

TEST_CASE("ResolveMode: the ceiling holds for whatever is asked") {
  const Label labels[] = {kNo, "off", "recommend", "auto-patch", "junk"};
  const std::optional<Mode> policies[] = {kNoPolicy, kOff, kRecommend, kAuto};
  for (const Mode ceiling : {kOff, kRecommend, kAuto}) {
    for (const Label& ns_label : labels) {
      for (const Label& workload_label : labels) {
        for (const std::optional<Mode>& policy : policies) {
          const ModeAnswer answer = ResolveMode({.max_mode = ceiling, .denied_namespaces = {}},
                                                {.ns = "shop",
                                                 .workload_label = workload_label,
                                                 .policy_mode = policy,
                                                 .policy_name = "p",
                                                 .namespace_label = ns_label,
                                                 .default_mode = kAuto});
          CHECK(answer.mode <= ceiling);
          CHECK((!answer.ceiling_reached || answer.mode == ceiling));
        }
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll::policy
