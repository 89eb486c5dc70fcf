// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/eval_command.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "operator/api/objective.h"
#include "operator/cli/eval_report.h"
#include "operator/cli/evaluation.h"

namespace plimsoll::cli {
namespace {

namespace po = boost::program_options;

constexpr int kMaxSeeds = 1000;
constexpr int kMaxDays = 400;

Result<std::vector<const replay::Family*>> ChosenFamilies(const std::vector<std::string>& names) {
  std::vector<const replay::Family*> chosen;
  for (const auto& name : names) {
    if (name == "all" || name == "tuning" || name == "late") {
      for (const auto& family : replay::Families()) {
        if (family.infeasible) continue;
        if (name == "all" || family.late == (name == "late")) chosen.push_back(&family);
      }
      continue;
    }
    if (name == "unseen" || name == "blind") {
      const auto group = name == "unseen" ? replay::UnseenFamilies() : replay::BlindFamilies();
      for (const auto& family : group) chosen.push_back(&family);
      continue;
    }
    const auto family = replay::FindFamily(name);
    if (!family) return std::unexpected(family.error().Context("--family"));
    chosen.push_back(*family);
  }
  return chosen;
}

Result<std::vector<replay::Variant>> ChosenVariants(const std::vector<std::string>& names) {
  std::vector<replay::Variant> chosen;
  for (const auto& name : names) {
    const auto variant = replay::FindVariant(name);
    if (!variant) return std::unexpected(variant.error().Context("--engine"));
    chosen.push_back(*variant);
  }
  if (chosen.empty()) chosen.assign(replay::Variants().begin(), replay::Variants().end());
  return chosen;
}

Result<EvaluationPlan> PlanFrom(const po::variables_map& values) {
  EvaluationPlan plan;
  auto families = ChosenFamilies(values["family"].as<std::vector<std::string>>());
  if (!families) return std::unexpected(families.error());
  plan.families = std::move(*families);
  auto variants =
      ChosenVariants(values.count("engine") > 0 ? values["engine"].as<std::vector<std::string>>()
                                                : std::vector<std::string>{});
  if (!variants) return std::unexpected(variants.error());
  plan.variants = std::move(*variants);
  plan.seeds = values["seeds"].as<int>();
  plan.days = values["days"].as<int>();
  plan.first_seed = values["first-seed"].as<std::uint64_t>();
  plan.jobs = values["jobs"].as<unsigned>();
  plan.packing = values.count("packing") > 0;
  plan.calibration = values.count("calibration") > 0;
  plan.frontier = values.count("frontier") > 0;
  plan.options.batch = values.count("batch") > 0;
  const auto objective = api::ObjectiveFlag(values["objective"].as<std::string>());
  if (!objective) return std::unexpected(objective.error());
  plan.options.policy.objective = *objective;
  plan.options.digest_loss = values["loss"].as<double>();
  plan.options.deferred_share = values["deferred"].as<double>();
  if (plan.seeds < 1 || plan.seeds > kMaxSeeds) {
    return Fail(ErrorCode::kInvalid, "--seeds: between 1 and " + std::to_string(kMaxSeeds));
  }
  if (plan.days < 1 || plan.days > kMaxDays) {
    return Fail(ErrorCode::kInvalid, "--days: between 1 and " + std::to_string(kMaxDays));
  }
  return plan;
}

}  // namespace

int EvalCommand(Arguments arguments, const Streams& streams) {
  po::options_description options(
      "kubectl plimsoll eval: play generated workloads against every engine and compare");
  options.add_options()("help,h", "this text")(
      "family", po::value<std::vector<std::string>>()->multitoken()->default_value({"all"}, "all"),
      "families by name, or a group: tuning (what the engine was fitted on from the start), late "
      "(left out at first and looked at since), all (both; that a node can hold), unseen (written "
      "apart from the engine, and looked at since), blind (likewise, but of the rules only "
      "confidence was fitted with them in view)")(
      "engine", po::value<std::vector<std::string>>()->multitoken(),
      "lease, lease-guarded, lease-equal, lease-guarded-equal, vpa, vpa-nofloor, krr, "
      "autopilot-max, autopilot-p98, crane; default all")(
      "seeds", po::value<int>()->default_value(5), "workloads of each family")(
      "first-seed", po::value<std::uint64_t>()->default_value(replay::kFirstPublishedSeed),
      "1000, the default, is the first of the published pages, which have been looked at while "
      "rules were chosen; for a fresh look take another, such as 5000")(
      "days", po::value<int>()->default_value(42), "simulated days of each workload")(
      "jobs",
      po::value<unsigned>()->default_value(std::max(1U, std::thread::hardware_concurrency())),
      "threads")("loss", po::value<double>()->default_value(0), "share of readings that are lost")(
      "deferred", po::value<double>()->default_value(0),
      "share of raised requests that the node has no room for, for half an hour")(
      "objective", po::value<std::string>()->default_value("Balanced"),
      "Savings, Balanced or Reliability: what lease is asked for")(
      "batch",
      "tell every engine that the containers are a Job's (lease sizes them by their runs)")(
      "frontier", "also play lease and lease-guarded at every objective")(
      "calibration", "also see how often an answer of each confidence is right")(
      "packing", "also pack the containers on nodes by first fit and count overfull nodes")(
      "output,o", po::value<std::string>()->default_value("table"), "table, markdown or json");
  const auto values = ParseArguments(arguments, options, "");
  if (!values) return FailWith(streams, values.error(), kBadArguments);
  if (values->count("help") > 0) {
    streams.out << options;
    return 0;
  }
  const auto plan = PlanFrom(*values);
  if (!plan) return FailWith(streams, plan.error(), kBadArguments);
  const auto format = ParseReportFormat((*values)["output"].as<std::string>());
  if (!format) return FailWith(streams, format.error(), kBadArguments);
  const auto evaluation = Evaluate(*plan);
  if (!evaluation) return FailWith(streams, evaluation.error(), kBadArguments);
  WriteReport(streams.out, *format, *plan, *evaluation);
  return 0;
}

}  // namespace plimsoll::cli
