// SPDX-License-Identifier: Apache-2.0
//
// An evaluation as text: the goals first, also by family, then where a rival is better, then
// every family.
#pragma once

#include <iosfwd>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/cli/evaluation.h"

namespace plimsoll::cli {

enum class ReportFormat { kTable, kMarkdown, kJson };

[[nodiscard]] Result<ReportFormat> ParseReportFormat(std::string_view name);

void WriteReport(std::ostream& out, ReportFormat format, const EvaluationPlan& plan,
                 const Evaluation& evaluation);

}  // namespace plimsoll::cli
