// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/evaluation.h"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "advisor/replay/engines.h"

namespace plimsoll::cli {
namespace {

constexpr double kPackingNodeBytes = 32.0 * (1LL << 30);
constexpr int kPackingOrders = 10;

struct Job {
  const replay::Family* family;
  std::uint64_t seed;
};

std::vector<Job> Jobs(const EvaluationPlan& plan) {
  std::vector<Job> jobs;
  for (const auto* family : plan.families) {
    for (int i = 0; i < plan.seeds; ++i) {
      jobs.push_back({family, plan.first_seed + static_cast<std::uint64_t>(i)});
    }
  }
  return jobs;
}

constexpr std::array kObjectives = {model::Objective::kSavings, model::Objective::kBalanced,
                                    model::Objective::kReliability};
constexpr std::array<std::string_view, 2> kFrontierVariants = {"lease", "lease-guarded"};

Result<replay::Outcome> PlayOne(const replay::Workload& workload, const replay::Variant& variant,
                                const replay::SimulationOptions& options,
                                replay::Timeline* timeline = nullptr) {
  const auto engine = replay::MakeEngine(variant.engine);
  if (!engine) return std::unexpected(engine.error());
  return replay::Simulate(workload, **engine, replay::OptionsOf(variant, options), timeline);
}

// One workload at every objective, in the order of kObjectives and then of kFrontierVariants.
Result<std::vector<replay::Outcome>> PlayFrontier(const replay::Workload& workload,
                                                  replay::SimulationOptions options) {
  std::vector<replay::Outcome> played;
  for (const model::Objective objective : kObjectives) {
    options.policy.objective = objective;
    for (const std::string_view name : kFrontierVariants) {
      const auto variant = replay::FindVariant(name);
      if (!variant) return std::unexpected(variant.error());
      auto outcome = PlayOne(workload, *variant, options);
      if (!outcome) return std::unexpected(outcome.error());
      played.push_back(std::move(*outcome));
    }
  }
  return played;
}

// What came of one workload, by variant in the plan's order.
struct Played {
  std::vector<replay::Outcome> outcomes{};
  std::vector<replay::Timeline> timelines{};  // where containers are packed
  std::vector<replay::Outcome> frontier{};
  std::vector<replay::Promise> promises{};
};

Result<Played> PlayAll(const EvaluationPlan& plan, const Job& job) {
  const auto workload = replay::Generate(*job.family, job.seed, plan.days);
  Played played;
  for (const auto& variant : plan.variants) {
    replay::Timeline timeline;
    auto outcome = PlayOne(workload, variant, plan.options, plan.packing ? &timeline : nullptr);
    if (!outcome) return std::unexpected(outcome.error());
    played.outcomes.push_back(std::move(*outcome));
    if (plan.packing) played.timelines.push_back(std::move(timeline));
  }
  if (plan.frontier) {
    auto frontier = PlayFrontier(workload, plan.options);
    if (!frontier) return std::unexpected(frontier.error());
    played.frontier = std::move(*frontier);
  }
  if (plan.calibration) {
    const auto engine = replay::MakeEngine("lease");
    if (!engine) return std::unexpected(engine.error());
    played.promises = replay::Promises(workload, **engine);
  }
  return played;
}

// Runs work(i) for every i below `count` on `threads` threads.
template <class Work>
void InParallel(std::size_t count, unsigned threads, Work work) {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> pool;
  for (unsigned t = 0; t < std::max(threads, 1U); ++t) {
    pool.emplace_back([&] {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    });
  }
}

}  // namespace

std::vector<replay::Outcome> Evaluation::All(const std::string& variant) const {
  std::vector<replay::Outcome> all;
  const auto found = outcomes.find(variant);
  if (found == outcomes.end()) return all;
  for (const auto& [family, each] : found->second) all.insert(all.end(), each.begin(), each.end());
  return all;
}

Result<Evaluation> Evaluate(const EvaluationPlan& plan) {
  const auto jobs = Jobs(plan);
  std::vector<Result<Played>> results(jobs.size());
  InParallel(jobs.size(), plan.jobs, [&](std::size_t i) { results[i] = PlayAll(plan, jobs[i]); });

  Evaluation evaluation;
  for (auto& played : results) {
    if (!played) return std::unexpected(played.error());
    evaluation.promises.insert(evaluation.promises.end(), played->promises.begin(),
                               played->promises.end());
    for (std::size_t i = 0; i < played->frontier.size(); ++i) {
      const model::Objective objective = kObjectives[i / kFrontierVariants.size()];
      const std::string name(kFrontierVariants[i % kFrontierVariants.size()]);
      evaluation.frontier[objective][name].push_back(played->frontier[i]);
    }
  }
  for (std::size_t v = 0; v < plan.variants.size(); ++v) {
    const std::string name(plan.variants[v].name);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      evaluation.outcomes[name][std::string(jobs[i].family->name)].push_back(
          results[i]->outcomes[v]);
    }
    if (!plan.packing) continue;
    std::vector<replay::Timeline> containers;
    for (auto& each : results) containers.push_back(std::move(each->timelines[v]));
    evaluation.packing[name] = replay::PackAndReplay(containers, kPackingNodeBytes, kPackingOrders);
  }
  return evaluation;
}

}  // namespace plimsoll::cli
