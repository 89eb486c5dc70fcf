// SPDX-License-Identifier: Apache-2.0
//
// A user's trace against several engines at once, in one pass: per container and engine a
// simulation that holds what the engine remembers, whatever the trace's length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/replay/variants.h"
#include "operator/cli/minute_assembler.h"
#include "operator/cli/plot_series.h"

namespace plimsoll::cli {

// Of its node a trace says nothing; where the demand was lived, there was room for it. Far above
// what a row may have (kMostBytes) and what any engine would give for it.
inline constexpr Bytes kAmpleNode{1LL << 50};

struct ReplayOptions {
  std::vector<replay::Variant> variants;
  replay::SimulationOptions simulation{.node_allocatable = kAmpleNode};
  // What is allowed to the container of this name; asked once for each.
  std::function<model::Policy(std::string_view name)> policy = [](std::string_view) {
    return model::Policy();
  };
  std::size_t plotted = 0;  // containers, the first of the trace: plots of all would fill memory
};

// One container's result, by variant in the order of ReplayOptions::variants.
struct ContainerResult {
  std::string container;
  TimePoint from{};  // of the first minute that was played
  TimePoint to{};    // the end of the last
  std::vector<replay::Outcome> outcomes{};
  std::vector<PlotSeries> plots{};  // empty unless it is among those to plot
};

// What is no error, and yet may not be what the trace's owner meant.
struct Repeats {
  std::int64_t count = 0;
  std::int64_t first_line = 0;
  std::string first_container{};
};
struct TraceGaps {
  Gaps gaps{};  // the first of all containers; their number
  std::string first_container{};
};

class TraceReplay {
 public:
  static constexpr std::size_t kMaxContainers = 10'000;

  explicit TraceReplay(ReplayOptions options);
  ~TraceReplay();

  // kInvalid, naming field and remedy, for a row older than the container's last, one that is a
  // Job's where its first was not, or one container too many.
  [[nodiscard]] Status Add(const TraceRow& row, const TraceReader& reader);
  // Rows of the very time of the container's row before.
  [[nodiscard]] const Repeats& repeats() const { return repeats_; }
  [[nodiscard]] std::vector<ContainerResult> Finish();
  // Complete after Finish.
  [[nodiscard]] TraceGaps gaps() const;

 private:
  class Container;

  ReplayOptions options_;
  Repeats repeats_;
  std::map<std::string, std::unique_ptr<Container>, std::less<>> containers_;
};

}  // namespace plimsoll::cli
