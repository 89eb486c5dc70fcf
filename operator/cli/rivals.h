// SPDX-License-Identifier: Apache-2.0
//
// Where a rival is better than we are, family by family: fewer OOM kills at no more limit slack, or
// less limit slack at no more kills.
#pragma once

#include <iosfwd>

#include "operator/cli/evaluation.h"

namespace plimsoll::cli {

// Better on one of both and not worse on the other; worked: 3 kills at 40 % beat 5 kills at 40 %
// and 3 kills at 45 %, and neither beat nor lose against 2 kills at 50 %.
[[nodiscard]] bool Beats(double kills, double slack, double our_kills, double our_slack);

// Nothing is written unless the plan has lease or lease-guarded, and a rival.
void WriteRivals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation);

}  // namespace plimsoll::cli
