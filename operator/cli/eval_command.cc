// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/eval_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "operator/api/objective.h"
#include "operator/cli/eval_report.h"
#include "operator/cli/evaluation.h"
#include "operator/cli/number_flag.h"

namespace plimsoll::cli {
namespace {

namespace po = boost::program_options;

constexpr int kMaxSeeds = 1000;
constexpr int kMaxDays = 400;
constexpr unsigned kMaxJobs = 1024;
constexpr std::uint64_t kMaxSeed = std::numeric_limits<std::uint32_t>::max();

// Each is played once, however often it or a group that it is of was named.
Result<std::vector<const replay::Family*>> ChosenFamilies(const std::vector<std::string>& names) {
  std::vector<const replay::Family*> chosen;
  const auto choose = [&chosen](const replay::Family& family) {
    if (std::ranges::count(chosen, &family) == 0) chosen.push_back(&family);
  };
  for (const auto& name : names) {
    if (name == "all" || name == "tuning" || name == "late") {
      for (const auto& family : replay::Families()) {
        if (family.infeasible) continue;
        if (name == "all" || family.late == (name == "late")) choose(family);
      }
      continue;
    }
    if (name == "unseen" || name == "blind") {
      const auto group = name == "unseen" ? replay::UnseenFamilies() : replay::BlindFamilies();
      for (const auto& family : group) choose(family);
      continue;
    }
    const auto family = replay::FindFamily(name);
    if (!family) return std::unexpected(family.error().Context("--family"));
    choose(**family);
  }
  return chosen;
}

Result<std::vector<replay::Variant>> ChosenVariants(const std::vector<std::string>& names) {
  std::vector<replay::Variant> chosen;
  for (const auto& name : names) {
    const auto variant = replay::FindVariant(name);
    if (!variant) return std::unexpected(variant.error().Context("--engine"));
    if (std::ranges::count(chosen, name, &replay::Variant::name) == 0) chosen.push_back(*variant);
  }
  if (chosen.empty()) chosen.assign(replay::Variants().begin(), replay::Variants().end());
  return chosen;
}

// Puts the flag's number into `field`.
template <class Number>
Status ReadNumber(const po::variables_map& values, const char* flag, Number lowest, Number highest,
                  Number& field) {
  const auto number = NumberFlag(values, flag, lowest, highest);
  if (!number) return std::unexpected(number.error());
  field = *number;
  return {};
}

Status ReadNumbers(const po::variables_map& values, EvaluationPlan& plan) {
  for (const Status& read :
       {ReadNumber(values, "seeds", 1, kMaxSeeds, plan.seeds),
        ReadNumber(values, "days", 1, kMaxDays, plan.days),
        ReadNumber(values, "first-seed", std::uint64_t{0}, kMaxSeed, plan.first_seed),
        ReadNumber(values, "jobs", 1U, kMaxJobs, plan.jobs),
        ReadNumber(values, "loss", 0.0, 1.0, plan.options.digest_loss),
        ReadNumber(values, "deferred", 0.0, 1.0, plan.options.deferred_share)}) {
    if (!read) return read;
  }
  return {};
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
  if (const auto read = ReadNumbers(values, plan); !read) return std::unexpected(read.error());
  plan.packing = values.count("packing") > 0;
  plan.calibration = values.count("calibration") > 0;
  plan.frontier = values.count("frontier") > 0;
  plan.options.batch = values.count("batch") > 0;
  const auto objective = api::ObjectiveFlag(values["objective"].as<std::string>());
  if (!objective) return std::unexpected(objective.error());
  plan.options.policy.objective = *objective;
  return plan;
}

// Hours of playing would be for nothing.
Status CheckTold(const po::variables_map& values, ReportFormat format) {
  if (format != ReportFormat::kJson) return {};
  for (const char* flag : {"packing", "frontier", "calibration"}) {
    if (values.count(flag) == 0) continue;
    return Fail(
        ErrorCode::kInvalid,
        fmt::format("--{}: JSON has rows of engines and families alone; take --output table "
                    "or markdown, or leave it out",
                    flag));
  }
  return {};
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
      "seeds", po::value<std::string>()->default_value("5"), "workloads of each family, 1 to 1000")(
      "first-seed",
      po::value<std::string>()->default_value(std::to_string(replay::kFirstPublishedSeed)),
      "1000, the default, is the first of the published pages, which have been looked at while "
      "rules were chosen; for a fresh look take another, such as 5000")(
      "days", po::value<std::string>()->default_value("42"),
      "simulated days of each workload, 1 to 400")(
      "jobs",
      po::value<std::string>()->default_value(
          std::to_string(std::max(1U, std::thread::hardware_concurrency()))),
      "threads, 1 to 1024")("loss", po::value<std::string>()->default_value("0"),
                            "share of readings that are lost, 0 to 1")(
      "deferred", po::value<std::string>()->default_value("0"),
      "share of raised requests that the node has no room for, for half an hour, 0 to 1")(
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
  if (const Status told = CheckTold(*values, *format); !told)
    return FailWith(streams, told.error(), kBadArguments);
  const auto evaluation = Evaluate(*plan);
  if (!evaluation) return FailWith(streams, evaluation.error(), kBadArguments);
  WriteReport(streams.out, *format, *plan, *evaluation);
  return 0;
}

}  // namespace plimsoll::cli
