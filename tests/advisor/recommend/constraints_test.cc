// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/constraints.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "advisor/recommend/explanation.h"
#include "advisor/recommend/rounding.h"
#include "advisor/recommend/steady.h"
#include "advisor/recommend/verdict.h"

namespace plimsoll::recommend {
namespace {
using namespace literals;

constexpr double kMiB = 1 << 20;

struct Bench {
  model::Policy policy{};
  model::Constraints constraints{};
  model::CurrentResources current{};
  ReasonSet reasons{};
  sizing::Ledger ledger{nullptr};

  Pair Run(double request, double limit) {
    return Constrain({.request = request * kMiB, .limit = limit * kMiB}, policy, constraints,
                     current, ledger, reasons);
  }
};

TEST_CASE_FIXTURE(Bench, "Constrain: policy and LimitRange bounds, maxima above minima") {
  policy.min_allowed = 100_MiB;
  policy.max_allowed = 500_MiB;
  constraints.limit_range_max = 400_MiB;
  const Pair pair = Run(50, 900);
  CHECK(pair.request == 100 * kMiB);
  CHECK(pair.limit == 400 * kMiB);
  CHECK(reasons.Has(ReasonCode::kRaisedToPolicyMinimum));
  CHECK(reasons.Has(ReasonCode::kCappedByPolicyMaximum));
  CHECK(reasons.Has(ReasonCode::kCappedByLimitRangeMaximum));
}

TEST_CASE_FIXTURE(Bench, "Constrain: a policy that contradicts itself ends at its maximum") {
  policy.min_allowed = 500_MiB;
  policy.max_allowed = 100_MiB;
  CHECK(Run(50, 60).limit == 100 * kMiB);
}

TEST_CASE_FIXTURE(Bench, "Constrain: no bound holds the limit below what can start") {
  policy.max_allowed = Bytes(1);
  CHECK(Run(50, 60).limit == kSmallestLimit);
  CHECK(Run(50, 60).request == 1);
  policy.max_allowed.reset();
  constraints.limit_range_max = 0_MiB;
  CHECK(Run(50, 60).limit == kSmallestLimit);
}

TEST_CASE_FIXTURE(Bench, "Constrain: no node gives more than it has") {
  constraints.node_allocatable = 1_GiB;
  CHECK(Run(2000, 3000).limit == 1024 * kMiB);
  CHECK(Run(2000, 3000).request == 1024 * kMiB);
  CHECK(reasons.Has(ReasonCode::kExceedsNodeAllocatable));
}

TEST_CASE_FIXTURE(Bench, "Constrain: the quota's share bounds the request, and only the request") {
  constraints.quota_share = 150_MiB;
  CHECK(Run(300, 400).request == 150 * kMiB);
  CHECK(reasons.Has(ReasonCode::kQuotaExceeded));
  CHECK(Run(300, 400).limit == 400 * kMiB);
  CHECK(Run(80, 400).request == 80 * kMiB);
}

TEST_CASE_FIXTURE(Bench, "Constrain: the ratio of a LimitRange raises the request, not the risk") {
  constraints.limit_range_max_ratio = Ratio(2);
  CHECK(Run(100, 400).request == 200 * kMiB);
  CHECK(Run(100, 400).limit == 400 * kMiB);
}

TEST_CASE_FIXTURE(Bench, "Constrain: Guaranteed stays equal, under a tight quota too") {
  constraints.guaranteed = true;
  CHECK(Run(100, 400).request == 400 * kMiB);
  constraints.quota_share = 320_MiB;
  const Pair pair = Run(350, 400);
  CHECK(pair.request == 320 * kMiB);
  CHECK(pair.limit == 320 * kMiB);
}

TEST_CASE_FIXTURE(Bench, "Constrain: what the policy leaves to the user stays the user's") {
  current = {.request = 200_MiB, .limit = 300_MiB};
  policy.controlled = model::Controlled::kLimitsOnly;
  CHECK(Run(50, 100).request == 200 * kMiB);
  CHECK(Run(50, 100).limit == 200 * kMiB);
  policy.controlled = model::Controlled::kRequestsOnly;
  CHECK(Run(50, 100).limit == 300 * kMiB);
  CHECK(Run(50, 100).request == 50 * kMiB);
  policy.controlled = model::Controlled::kNone;
  CHECK(Run(50, 100).limit == 300 * kMiB);
  CHECK(Run(50, 100).request == 200 * kMiB);
  CHECK(reasons.Has(ReasonCode::kNotControlled));
}

TEST_CASE_FIXTURE(Bench, "Constrain: who may not set one number of a Guaranteed pod sets neither") {
  current = {.request = 200_MiB, .limit = 200_MiB};
  constraints.guaranteed = true;
  for (const auto controlled : {model::Controlled::kLimitsOnly, model::Controlled::kRequestsOnly}) {
    policy.controlled = controlled;
    CHECK(Run(50, 400).limit == 200 * kMiB);
    CHECK(Run(50, 400).request == 200 * kMiB);
  }
}

TEST_CASE("Judge: the limit speaks first, 10 % either way is right enough") {
  CHECK(Judge({.request = 100_MiB, .limit = 190_MiB}, 100_MiB, 200_MiB) ==
        Verdict::kUnderProvisioned);
  CHECK(Judge({.request = 80_MiB, .limit = 200_MiB}, 100_MiB, 200_MiB) ==
        Verdict::kUnderProvisioned);
  CHECK(Judge({.request = 105_MiB, .limit = 210_MiB}, 100_MiB, 200_MiB) == Verdict::kRightSized);
  CHECK(Judge({.request = 105_MiB, .limit = 230_MiB}, 100_MiB, 200_MiB) ==
        Verdict::kOverProvisioned);
  CHECK(Judge({.request = 130_MiB}, 100_MiB, 200_MiB) == Verdict::kOverProvisioned);
  CHECK(Judge({}, 100_MiB, 200_MiB) == Verdict::kUnderProvisioned);
}

TEST_CASE("RoundingStep: 1/256 of the leading power of two, from 1 to 16 MiB") {
  CHECK(RoundingStep(5 * kMiB) == kMiB);
  CHECK(RoundingStep(100 * kMiB) == kMiB);
  CHECK(RoundingStep(511 * kMiB) == kMiB);
  CHECK(RoundingStep(1023 * kMiB) == 2 * kMiB);
  CHECK(RoundingStep(1024 * kMiB) == 4 * kMiB);
  CHECK(RoundingStep(65536 * kMiB) == 16 * kMiB);
}

TEST_CASE("KeepIfClose: small changes are none, and the request never passes the limit") {
  sizing::Ledger ledger(nullptr);
  ReasonSet reasons;
  const auto limit = [&](double needed) {
    return KeepIfClose({.request = 1, .limit = needed * kMiB}, {.limit = 400_MiB}, false, ledger,
                       reasons)
               .limit /
           kMiB;
  };
  CHECK(limit(404) == 400);
  CHECK(limit(410) == 410);
  CHECK(limit(370) == 400);
  CHECK(limit(362) == 400);
  CHECK(limit(358) == 358);
  const Pair pair = KeepIfClose({.request = 395 * kMiB, .limit = 395 * kMiB},
                                {.request = 410_MiB, .limit = 395_MiB}, false, ledger, reasons);
  CHECK(pair.request <= pair.limit);
}

TEST_CASE("Verify: names the step that does not follow from its terms") {
  Explanation wrong;
  wrong.steps = {{.name = "a", .op = Op::kAdd, .terms = {{"x", 1}, {"y", 2}}, .result = 4}};
  CHECK(Verify(wrong).error().message().find("step a") != std::string::npos);
  wrong.steps = {{.name = "a", .op = Op::kInput, .terms = {{"a", 1}}, .result = 1},
                 {.name = "b", .op = Op::kMax, .terms = {{"a", 2}}, .result = 2}};
  CHECK(Verify(wrong).error().message().find("term a") != std::string::npos);
  CHECK_FALSE(Evaluate(Op::kDivide, {1}).has_value());
  CHECK(*Evaluate(Op::kMedian, {3, 1, 2, 10}) == 2.5);
}

TEST_CASE("ReasonCode: every code has its own name and a meaning") {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(ReasonCode::kCount); ++i) {
    const auto code = static_cast<ReasonCode>(i);
    CHECK(names.insert(Name(code)).second);
    CHECK_FALSE(Meaning(code).empty());
  }
}

}  // namespace
}  // namespace plimsoll::recommend
