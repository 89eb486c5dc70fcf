// SPDX-License-Identifier: Apache-2.0
//
// What Plimsoll promises against VPA 1.7.1 without its floor, and whether an evaluation kept it:
// overall and, for kills, in every single family.
#pragma once

#include <iosfwd>

#include "operator/cli/evaluation.h"

namespace plimsoll::cli {

// Nothing is written unless the plan has vpa-nofloor and one of ours.
void WriteGoals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation);

}  // namespace plimsoll::cli
