// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/advise_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <ostream>
#include <string_view>

#include "advisor/replay/engines.h"
#include "operator/cli/adviser.h"
#include "operator/cli/line_source.h"
#include "operator/cli/number_flag.h"
#include "operator/cli/policy_file.h"

namespace plimsoll::cli {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kWriteFrom = 64 << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr double kLongestReaction = 3600;

po::options_description Options() {
  po::options_description options(
      "kubectl plimsoll advise -: reads JSON Lines in time order from standard input, answers "
      "every "
      "{\"event\":\"advise\"} with a line of request, limit, verdict, confidence, reasons and "
      "explanation");
  options.add_options()("help,h", "this text")("input", po::value<std::string>(), "must be -")(
      "policy", po::value<std::string>(),
      "a MemoryPolicy in YAML: objective and, of each container, bounds; for lease alone")(
      "engine", po::value<std::string>()->default_value("lease"),
      "lease, vpa, vpa-nofloor, krr, autopilot-max, autopilot-p98 or crane")(
      "guarded", po::value<std::string>(),
      "a raise is in force this many seconds after it is asked for, 0 to 3600; for lease alone")(
      "shape", po::value<std::string>()->default_value("split"),
      "split: request and limit are two numbers; equal: they are one, as in a Guaranteed pod");
  return options;
}

// Rivals have rules of their own: advice as if a flag had not been given would look like theirs
// under it.
Status CheckRival(const po::variables_map& values, const std::string& engine) {
  const auto names = replay::EngineNames();
  if (engine == replay::kOurEngine || std::ranges::count(names, engine) == 0) return {};
  for (const char* flag : {"policy", "guarded"}) {
    if (values.count(flag) == 0) continue;
    return Fail(
        ErrorCode::kInvalid,
        fmt::format("--{}: means nothing to {}; leave it out, or --engine lease", flag, engine));
  }
  return {};
}

Result<AdviserOptions> From(const po::variables_map& values, std::optional<PolicyFile>& policy) {
  AdviserOptions options;
  // As replay: an hour for a clock that is ahead. Asked anew, as a filter may run for months.
  options.latest = [] {
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    return now + std::chrono::hours(1);
  };
  if (values.count("input") == 0 || values["input"].as<std::string>() != "-") {
    return Fail(ErrorCode::kInvalid, "the events come from standard input: say 'advise -'");
  }
  options.engine = values["engine"].as<std::string>();
  if (const Status ok = CheckRival(values, options.engine); !ok) return std::unexpected(ok.error());
  const auto shape = values["shape"].as<std::string>();
  if (shape != "split" && shape != "equal") {
    return Fail(ErrorCode::kInvalid, "--shape: '" + shape + "' is neither split nor equal");
  }
  options.equal = shape == "equal";
  if (values.count("guarded") > 0) {
    const auto seconds = NumberFlag(values, "guarded", 0.0, kLongestReaction);
    if (!seconds) return std::unexpected(seconds.error());
    options.guard = {.active = true, .reaction = Duration(std::llround(*seconds * 1000))};
  }
  if (values.count("policy") > 0) {
    auto read = ReadPolicy(values["policy"].as<std::string>());
    if (!read) return std::unexpected(read.error());
    policy = std::move(*read);
    options.policy = [&policy](std::string_view name) { return policy->For(name); };
  }
  return options;
}

int Filter(Adviser& adviser, const Streams& streams) {
  LineSource lines(streams.in, AdviseEventParser::Padding());
  AdviseEventParser parser;
  std::string out;
  std::string remark;
  const auto write = [&] {
    streams.out.write(out.data(), static_cast<std::streamsize>(out.size()));
    streams.out.flush();
    out.clear();
  };
  const auto fail = [&](std::int64_t line, const Error& error) {
    write();
    return FailWith(streams, error.Context("standard input:" + std::to_string(line)), kBadData);
  };
  for (;;) {
    const auto line = lines.Next([&] {
      if (!out.empty()) write();
    });
    if (!line) return fail(lines.line() + 1, line.error());
    if (!*line) break;
    std::string_view text = **line;
    if (lines.line() == 1 && text.starts_with(kByteOrderMark))
      text.remove_prefix(kByteOrderMark.size());
    if (text.find_first_not_of(" \t") == std::string_view::npos) continue;
    const auto event = parser.Parse(text, lines.Capacity(text));
    if (!event) return fail(lines.line(), event.error());
    if (const auto taken = adviser.Take(*event, out, remark); !taken)
      return fail(lines.line(), taken.error());
    if (!remark.empty()) {
      streams.err << "note: standard input:" << lines.line() << ": " << remark << '\n';
    }
    if (out.size() >= kWriteFrom) write();
  }
  write();
  return 0;
}

}  // namespace

int AdviseCommand(Arguments arguments, const Streams& streams) {
  const auto options = Options();
  const auto values = ParseArguments(arguments, options, "input");
  if (!values) return FailWith(streams, values.error(), kBadArguments);
  if (values->count("help") > 0) {
    streams.out << options;
    return 0;
  }
  std::optional<PolicyFile> policy;
  auto adviser_options = From(*values, policy);
  if (!adviser_options) return FailWith(streams, adviser_options.error(), kBadArguments);
  auto adviser = Adviser::Make(std::move(*adviser_options));
  if (!adviser) return FailWith(streams, adviser.error(), kBadArguments);
  const int status = Filter(*adviser, streams);
  if (policy && status == 0) policy->WriteNotes(streams.err);
  return status;
}

}  // namespace plimsoll::cli
