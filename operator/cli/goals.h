// SPDX-License-Identifier: Apache-2.0
//
// Whether an evaluation meets the goals (goal.h) overall, with what belongs to it: the families
// where VPA is better, nodes, objectives and confidence.
#pragma once

#include <iosfwd>

#include "operator/cli/evaluation.h"

namespace plimsoll::cli {

// Nothing is written unless the plan has vpa-nofloor and one of ours.
void WriteGoals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation);

}  // namespace plimsoll::cli
