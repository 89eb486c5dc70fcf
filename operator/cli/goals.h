// SPDX-License-Identifier: Apache-2.0
//
// Whether an evaluation meets the goals (goal.h) overall, with the families where VPA is better;
// and what may be asked for besides: nodes, objectives and confidence.
#pragma once

#include <iosfwd>

#include "operator/cli/evaluation.h"

namespace plimsoll::cli {

// Nothing is written unless the plan has vpa-nofloor and one of ours.
void WriteGoals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation);

// Packing, frontier and promises: those that the evaluation has.
void WriteAskedFor(std::ostream& out, const Evaluation& evaluation);

}  // namespace plimsoll::cli
