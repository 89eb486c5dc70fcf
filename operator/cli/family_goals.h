// SPDX-License-Identifier: Apache-2.0
//
// The goals (goal.h) family by family: which of them each one meets, since a mean over families
// hides the one that kills.
#pragma once

#include <iosfwd>

#include "operator/cli/evaluation.h"

namespace plimsoll::cli {

// Nothing is written unless the plan has vpa-nofloor, and lease or lease-guarded.
void WriteFamilyGoals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation);

}  // namespace plimsoll::cli
