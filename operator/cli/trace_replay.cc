// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/trace_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "advisor/replay/engines.h"
#include "advisor/replay/simulate.h"

namespace plimsoll::cli {
namespace {

// A trace does not say what its owner had set: twice the first hour's highest, for every engine.
constexpr std::size_t kFirstMinutes = 60;
constexpr double kInitialLimitFactor = 2;

}  // namespace

class TraceReplay::Container {
 public:
  Container(std::string name, bool batch, bool plotted, const ReplayOptions& options)
      : name_(std::move(name)), batch_(batch), plotted_(plotted), options_(options) {}

  [[nodiscard]] bool batch() const { return batch_; }
  [[nodiscard]] const Gaps& gaps() const { return assembler_.gaps(); }
  // Of the last row; nothing before the first.
  [[nodiscard]] std::optional<TimePoint> last_time() const { return last_time_; }

  [[nodiscard]] bool Add(const TraceRow& row) {
    last_time_ = row.time;
    return assembler_.Add(row, [this](const AssembledMinute& minute) { Take(minute); });
  }

  [[nodiscard]] ContainerResult Finish() {
    assembler_.Finish([this](const AssembledMinute& minute) { Take(minute); });
    if (runs_.empty()) Begin();
    ContainerResult result{.container = name_, .from = start_, .to = end_};
    for (auto& run : runs_) {
      result.outcomes.push_back(run.simulation.Close());
      if (plotted_) result.plots.push_back(std::move(run.plot));
    }
    return result;
  }

 private:
  struct Run {
    std::unique_ptr<replay::Engine> engine;
    replay::Simulation simulation;
    PlotSeries plot{};
  };

  void Take(const AssembledMinute& minute) {
    if (!runs_.empty()) return Play(minute);
    first_.push_back(minute);
    if (first_.size() >= kFirstMinutes) Begin();
  }

  void Begin() {
    float highest = 1;
    for (const auto& minute : first_) highest = std::max(highest, minute.minute.peak);
    replay::Traits traits;
    traits.base = highest;
    traits.initial_limit = kInitialLimitFactor * highest;
    replay::SimulationOptions options = options_.simulation;
    options.batch = batch_;
    options.policy = options_.policy(name_);
    if (!first_.empty()) start_ = TimePoint(std::chrono::minutes(first_.front().number));
    options.start = start_;
    for (const auto& variant : options_.variants) {
      auto engine = replay::MakeEngine(variant.engine).value();
      replay::Simulation simulation(traits, std::hash<std::string>()(name_), *engine,
                                    replay::OptionsOf(variant, options));
      runs_.push_back({std::move(engine), std::move(simulation)});
    }
    for (const auto& minute : first_) Play(minute);
    first_.clear();
    first_.shrink_to_fit();
  }

  void Play(const AssembledMinute& minute) {
    const replay::MinuteEvents events{.restart = minute.start || !minute.release.empty(),
                                      .release = minute.release};
    end_ = TimePoint(std::chrono::minutes(minute.number + 1));
    for (auto& run : runs_) {
      const auto before = run.simulation.kills();
      const auto point = run.simulation.Step(minute.minute, events);
      if (plotted_) run.plot.Add({point, run.simulation.kills() - before});
    }
  }

  std::string name_;
  bool batch_;
  bool plotted_;
  const ReplayOptions& options_;
  MinuteAssembler assembler_;
  std::vector<AssembledMinute> first_;
  std::vector<Run> runs_;
  std::optional<TimePoint> last_time_;
  TimePoint start_{};
  TimePoint end_{};
};

TraceReplay::TraceReplay(ReplayOptions options) : options_(std::move(options)) {}
TraceReplay::~TraceReplay() = default;

Status TraceReplay::Add(const TraceRow& row, const TraceReader& reader) {
  auto found = containers_.find(row.container);
  if (found == containers_.end()) {
    if (containers_.size() >= kMaxContainers) {
      return reader.Complain(
          "container",
          fmt::format("more than {} containers; split the file by container", kMaxContainers));
    }
    const bool plotted = containers_.size() < options_.plotted;
    auto container = std::make_unique<Container>(row.container, row.batch, plotted, options_);
    found = containers_.emplace(row.container, std::move(container)).first;
  }
  if (found->second->batch() != row.batch) {
    return reader.Complain("batch",
                           "not as in this container's first row; a Job's has 1 on every row");
  }
  const auto before = found->second->last_time();
  if (!found->second->Add(row)) {
    return reader.Complain("time", "older than this container's row before; sort the file by time");
  }
  if (before == row.time && repeats_.count++ == 0) {
    repeats_.first_line = row.line;
    repeats_.first_container = row.container;
  }
  return {};
}

std::vector<ContainerResult> TraceReplay::Finish() {
  std::vector<ContainerResult> results;
  results.reserve(containers_.size());
  for (auto& [name, container] : containers_) results.push_back(container->Finish());
  return results;
}

TraceGaps TraceReplay::gaps() const {
  TraceGaps all;
  for (const auto& [name, container] : containers_) {
    const Gaps& gaps = container->gaps();
    if (gaps.count == 0) continue;
    const std::int64_t count = all.gaps.count + gaps.count;
    if (all.gaps.count == 0 || gaps.first_line < all.gaps.first_line) all = {gaps, name};
    all.gaps.count = count;
  }
  return all;
}

}  // namespace plimsoll::cli
