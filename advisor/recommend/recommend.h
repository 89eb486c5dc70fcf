// SPDX-License-Identifier: Apache-2.0
//
// From what is remembered of a container to what it should have. A pure function: the same inputs
// give the same answer, whatever the time of asking or the order within a tick.
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/history/container_history.h"
#include "advisor/model/policy.h"
#include "advisor/recommend/reason.h"
#include "advisor/recommend/recommendation.h"

namespace plimsoll::recommend {

struct Question {
  TimePoint now{};
  model::Policy policy{};
  model::Constraints constraints{};
  model::CurrentResources current{};
  model::Guard guard{};
  // A Job's or CronJob's container: sized by the peaks of its runs.
  bool batch = false;
  // What was advised before: kept while the new numbers hardly differ, so that what is shown does
  // not change with every reading.
  std::optional<model::CurrentResources> previous{};
};

// The numbers alone, without a sentence or a step: what a pass over all containers asks for, to
// find the few that need a full answer.
struct Numbers {
  Verdict verdict = Verdict::kInsufficientData;
  std::optional<Bytes> request{};
  std::optional<Bytes> limit{};
  std::optional<Bytes> uncapped_request{};
  std::optional<Bytes> uncapped_limit{};
  Ratio confidence{0};
  Ratio stated_slack{0.5};
  bool guarded = false;
  bool may_shrink = false;
  ReasonSet reasons{};
};

[[nodiscard]] Numbers RecommendNumbers(const history::ContainerHistory& history,
                                       const Question& question);

[[nodiscard]] Recommendation Recommend(const history::ContainerHistory& history,
                                       const Question& question);

}  // namespace plimsoll::recommend
