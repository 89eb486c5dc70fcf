// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/evaluation.h"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

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

// One workload at every objective, in the order of kObjectives and then of kFrontierVariants.
std::vector<replay::Outcome> PlayFrontier(const replay::Workload& workload,
                                          replay::SimulationOptions options) {
  std::vector<replay::Outcome> played;
  for (const model::Objective objective : kObjectives) {
    options.policy.objective = objective;
    for (const std::string_view name : kFrontierVariants) {
      const auto variant = replay::FindVariant(name);
      const auto engine = replay::MakeEngine(variant->engine);
      played.push_back(replay::Simulate(workload, **engine, replay::OptionsOf(*variant, options)));
    }
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

Evaluation Evaluate(const EvaluationPlan& plan) {
  const auto jobs = Jobs(plan);
  std::vector<std::vector<replay::Outcome>> results(jobs.size());
  std::vector<std::vector<replay::Timeline>> timelines(jobs.size());
  std::vector<std::vector<replay::Promise>> promises(jobs.size());
  std::vector<std::vector<replay::Outcome>> frontiers(jobs.size());
  InParallel(jobs.size(), plan.jobs, [&](std::size_t i) {
    const auto workload = replay::Generate(*jobs[i].family, jobs[i].seed, plan.days);
    for (const auto& variant : plan.variants) {
      const auto engine = replay::MakeEngine(variant.engine);
      replay::Timeline timeline;
      results[i].push_back(replay::Simulate(workload, **engine,
                                            replay::OptionsOf(variant, plan.options),
                                            plan.packing ? &timeline : nullptr));
      if (plan.packing) timelines[i].push_back(std::move(timeline));
    }
    if (plan.frontier) frontiers[i] = PlayFrontier(workload, plan.options);
    if (plan.calibration) promises[i] = replay::Promises(workload, **replay::MakeEngine("lease"));
  });

  Evaluation evaluation;
  for (const auto& each : promises) {
    evaluation.promises.insert(evaluation.promises.end(), each.begin(), each.end());
  }
  for (const auto& played : frontiers) {
    for (std::size_t i = 0; i < played.size(); ++i) {
      const model::Objective objective = kObjectives[i / kFrontierVariants.size()];
      const std::string name(kFrontierVariants[i % kFrontierVariants.size()]);
      evaluation.frontier[objective][name].push_back(played[i]);
    }
  }
  for (std::size_t v = 0; v < plan.variants.size(); ++v) {
    const std::string name(plan.variants[v].name);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      evaluation.outcomes[name][std::string(jobs[i].family->name)].push_back(results[i][v]);
    }
    if (!plan.packing) continue;
    std::vector<replay::Timeline> containers;
    for (auto& each : timelines) containers.push_back(std::move(each[v]));
    evaluation.packing[name] = replay::PackAndReplay(containers, kPackingNodeBytes, kPackingOrders);
  }
  return evaluation;
}

}  // namespace plimsoll::cli
