// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/replay_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>

#include "advisor/replay/engines.h"
#include "operator/api/text.h"
#include "operator/cli/policy_file.h"
#include "operator/cli/replay_report.h"
#include "operator/cli/shown.h"

namespace plimsoll::cli {
namespace {

namespace po = boost::program_options;

po::options_description Options() {
  po::options_description options(
      "kubectl plimsoll replay --trace FILE.csv: what each engine would have done with these "
      "containers. The limit at the start is twice the first hour's highest demand, for every "
      "engine; from then on each lives with its own decisions (a kill ends the container, which "
      "comes back after Kubernetes' back-off). A row holds until its container's next, for at most "
      "three times what usually lies between its rows (the median of the last five), from 15 "
      "minutes to 3 days; longer is a gap, in which nothing runs.");
  options.add_options()("help,h", "this text")(
      "trace", po::value<std::vector<std::string>>()->composing(),
      "CSV with a header: time (RFC 3339 or Unix seconds), container, hard_bytes, and optionally "
      "peak_bytes, soft_bytes, swap_bytes, start (1 at a container start), release, batch (1 on "
      "every row of a Job's or CronJob's container); '-' reads standard input")(
      "policy", po::value<std::string>(),
      "a MemoryPolicy in YAML: objective and, of each container, bounds; for lease alone")(
      "engine", po::value<std::vector<std::string>>()->composing(),
      "once for each of lease, lease-guarded, lease-equal, lease-guarded-equal, vpa, vpa-nofloor, "
      "krr, autopilot-max, autopilot-p98, crane; default lease, lease-guarded, vpa, vpa-nofloor")(
      "output,o", po::value<std::string>()->default_value("table"),
      "table, markdown, json, csv or html");
  return options;
}

Result<std::vector<replay::Variant>> Chosen(const po::variables_map& values) {
  std::vector<std::string> names = {"lease", "lease-guarded", "vpa", "vpa-nofloor"};
  if (values.count("engine") > 0) names = values["engine"].as<std::vector<std::string>>();
  std::vector<replay::Variant> chosen;
  for (const auto& name : names) {
    const auto variant = replay::FindVariant(name);
    if (!variant) return std::unexpected(variant.error().Context("--engine"));
    if (std::ranges::count(chosen, name, &replay::Variant::name) == 0) chosen.push_back(*variant);
  }
  return chosen;
}

Result<std::string> TraceOf(const po::variables_map& values) {
  if (values.count("trace") == 0) {
    return Fail(ErrorCode::kInvalid, "--trace FILE.csv is missing; --help tells its columns");
  }
  const auto& paths = values["trace"].as<std::vector<std::string>>();
  if (paths.size() > 1) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("--trace: given {} times, and a run reads one; join the files under "
                            "one header, or run once for each",
                            paths.size()));
  }
  return paths.front();
}

bool IsRival(const replay::Variant& variant) { return variant.engine != replay::kOurEngine; }

// The engines that would play without the policy are told; where that is all of them, it is a slip.
Result<PolicyFile> PolicyFor(const std::vector<replay::Variant>& variants, const std::string& path,
                             std::ostream& err) {
  if (std::ranges::all_of(variants, IsRival)) {
    return Fail(ErrorCode::kInvalid,
                "--policy: is for lease alone, which is not among the engines; add --engine lease, "
                "or leave it out");
  }
  auto policy = ReadPolicy(path);
  if (!policy) return policy;
  std::string rivals;
  for (const auto& variant : variants) {
    if (IsRival(variant)) rivals += fmt::format("{}{}", rivals.empty() ? "" : ", ", variant.name);
  }
  if (!rivals.empty()) {
    err << "note: --policy: is for lease alone; without it play: " << rivals << '\n';
  }
  return policy;
}

Status ReadInto(TraceReplay& replay, std::istream& in, const std::string& name) {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  TraceReader reader(in, name, now + std::chrono::hours(1));
  if (const auto opened = reader.Open(); !opened) return opened;
  bool any = false;
  for (;;) {
    const auto row = reader.Next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    any = true;
    if (const auto added = replay.Add(**row, reader); !added) return added;
  }
  if (!any) {
    return reader.Complain("rows", "there is a header and no row; add one a container and reading");
  }
  return {};
}

void WriteNotes(std::ostream& err, const TraceReplay& replay, const std::string& name) {
  const auto at = [&name](std::int64_t line) {
    return "note: " + name + ":" + std::to_string(line) + ": time: ";
  };
  if (const auto& [gaps, container] = replay.gaps(); gaps.count > 0) {
    err << at(gaps.first_line) << gaps.first_minutes << " minutes without a row of '"
        << ShownName(container) << "', of which each holds for " << gaps.first_hold << " ("
        << api::Counted(gaps.count, "such gap") << " in all); nothing runs in a gap, but up to "
        << MinuteAssembler::kLongestGapDays
        << " days of each count as container-days. A row holds for three times "
           "what usually lies between its container's rows, from 15 minutes to 3 days; where the "
           "container was away, start 1 in its first row after it says so\n";
  }
  if (const auto& repeats = replay.repeats(); repeats.count > 0) {
    err << at(repeats.first_line) << "the same time twice for '"
        << ShownName(repeats.first_container) << "' (" << api::Counted(repeats.count, "such row")
        << " in all); the highest counts as the minute's peak, the last as its level. If these are "
           "several pods, give each a container name of its own\n";
  }
}

}  // namespace

int ReplayCommand(Arguments arguments, const Streams& streams) {
  const auto options = Options();
  const auto values = ParseArguments(arguments, options, "");
  if (!values) return FailWith(streams, values.error(), kBadArguments);
  if (values->count("help") > 0) {
    streams.out << options;
    return 0;
  }
  const auto path = TraceOf(*values);
  if (!path) return FailWith(streams, path.error(), kBadArguments);
  auto variants = Chosen(*values);
  if (!variants) return FailWith(streams, variants.error(), kBadArguments);
  const auto format = ParseReplayFormat((*values)["output"].as<std::string>());
  if (!format) return FailWith(streams, format.error(), kBadArguments);
  ReplayOptions replay_options{.variants = std::move(*variants),
                               .plotted = *format == ReplayFormat::kHtml ? kMaxDrawn : 0};
  std::optional<PolicyFile> policy;
  if (values->count("policy") > 0) {
    auto read =
        PolicyFor(replay_options.variants, (*values)["policy"].as<std::string>(), streams.err);
    if (!read) return FailWith(streams, read.error(), kBadArguments);
    policy = std::move(*read);
    replay_options.policy = [&policy](std::string_view name) { return policy->For(name); };
  }

  std::ifstream file;
  if (*path != "-") file.open(*path, std::ios::binary);
  if (*path != "-" && !file) {
    return FailWith(streams, Error(ErrorCode::kNotFound, *path + ": cannot be opened for reading"),
                    kBadData);
  }
  const auto shown = replay_options.variants;
  TraceReplay replay(std::move(replay_options));
  const std::string name = *path == "-" ? "standard input" : *path;
  const auto read = ReadInto(replay, *path == "-" ? streams.in : file, name);
  if (!read) return FailWith(streams, read.error(), kBadData);
  const auto results = replay.Finish();
  WriteNotes(streams.err, replay, name);
  if (policy) policy->WriteNotes(streams.err);
  WriteReplay(streams.out, *format, shown, results);
  return 0;
}

}  // namespace plimsoll::cli
