// SPDX-License-Identifier: Apache-2.0
//
// A replayed trace as a table, Markdown, JSON, CSV (one line an engine, then one a container and
// engine) or one self-contained page with a plot of every container. Every one tells all
// Measures().
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/cli/trace_replay.h"

namespace plimsoll::cli {

enum class ReplayFormat { kTable, kMarkdown, kJson, kCsv, kHtml };

[[nodiscard]] Result<ReplayFormat> ParseReplayFormat(std::string_view name);

void WriteReplay(std::ostream& out, ReplayFormat format, std::span<const replay::Variant> variants,
                 std::span<const ContainerResult> results);

// Of how many containers the page has a drawing; its table is of all.
inline constexpr std::size_t kMaxDrawn = 50;

// The page; in a file of its own for its length.
void WriteReplayPage(std::ostream& out, std::span<const replay::Variant> variants,
                     std::span<const ContainerResult> results);

// "3 containers, 9.0 container-days; mean (95 % interval over containers)".
[[nodiscard]] std::string Heading(std::span<const ContainerResult> results);

// The outcomes of one variant over all containers.
[[nodiscard]] std::vector<replay::Outcome> OutcomesOf(std::span<const ContainerResult> results,
                                                      std::size_t variant);

}  // namespace plimsoll::cli
