// SPDX-License-Identifier: Apache-2.0
//
// A replayed trace as a table, JSON, CSV (one line a container and engine) or one self-contained
// page with a plot of every container.
#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/cli/trace_replay.h"

namespace plimsoll::cli {

enum class ReplayFormat { kTable, kJson, kCsv, kHtml };

[[nodiscard]] Result<ReplayFormat> ParseReplayFormat(std::string_view name);

void WriteReplay(std::ostream& out, ReplayFormat format, std::span<const replay::Variant> variants,
                 std::span<const ContainerResult> results);

// The page; in a file of its own for its length.
void WriteReplayPage(std::ostream& out, std::span<const replay::Variant> variants,
                     std::span<const ContainerResult> results);

// The outcomes of one variant over all containers.
[[nodiscard]] std::vector<replay::Outcome> OutcomesOf(std::span<const ContainerResult> results,
                                                      std::size_t variant);

}  // namespace plimsoll::cli
