// SPDX-License-Identifier: Apache-2.0
//
// Any stream of events: refused with a field and a remedy, or answered with numbers that hold.
//   - Always: no NaN or infinity, request <= limit, both within the policy's bounds, both
//   explained.
//   - Bounds win over demand. Without one, and while time does not run backwards:
//     limit * 1.015 >= any hard demand (with swap) read this day, of a start's first ten minutes
//     while they last; 1.015, because a limit in force that differs by no more is kept.
//     request * 1.005 >= what this hour and the one before both reached, likewise.
//   - History ages and knows better, so this is not asked for: of yesterday's demand; of a start's
//     that is over, which the guard follows, or that a kill cut short; of an app that is tuned
//     live, before the last two hours; of a Job before its last start, nor of its request, which is
//     a usual run's; of a reading 35 h after all before it, which another has to confirm.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/recommend/explanation.h"
#include "operator/cli/adviser.h"
#include "operator/cli/line_source.h"

namespace {

using namespace plimsoll;
using nlohmann::json;
using std::chrono::days;
using std::chrono::hours;

constexpr double kKeptLimit = 1.015;
constexpr double kKeptRequest = 1.005;
constexpr Duration kStart = std::chrono::minutes(10);
constexpr Duration kLeap = hours(35);
constexpr double kLeastLimit = 1 << 20;

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Reading {
  TimePoint end{};
  double demand = 0;
  TimePoint started{};

  [[nodiscard]] bool OfStart() const { return end <= started + kStart; }
};

// What a container has shown, as far as its limit must know of it.
struct Seen {
  std::vector<Reading> readings{};
  TimePoint first{};
  TimePoint started{};
  TimePoint last{};
  bool batch = false;
  bool tuned = false;  // its app said at some time that it can be tuned live
};

class Demands {
 public:
  void Note(const cli::AdviseEvent& event) {
    if (event.time < latest_) ordered_ = false;
    latest_ = std::max(latest_, event.time);
    if (event.container.empty()) return;
    const auto [found, is_new] = seen_.try_emplace(std::string(event.container));
    Seen& seen = found->second;
    if (is_new) seen.first = seen.started = seen.last = event.time;
    if (event.batch) seen.batch = *event.batch;
    if (event.kind == cli::EventKind::kStart) seen.started = event.time;
    if (event.kind == cli::EventKind::kRuntime && event.runtime.accepts_tuning) seen.tuned = true;
    if (event.kind == cli::EventKind::kOom) std::erase_if(seen.readings, &Reading::OfStart);
    if (event.kind == cli::EventKind::kDigest && event.has_hard) Read(seen, event);
  }

  // Of this day and lately enough for the limit to have to hold it.
  [[nodiscard]] double ForLimit(const std::string& container, TimePoint now) const {
    double highest = 0;
    for (const Reading& reading : Of(container)) {
      const Seen& seen = seen_.at(container);
      if (Day(reading.end) != std::chrono::floor<days>(now)) continue;
      if (reading.OfStart() && now > reading.started + kStart) continue;
      if (seen.tuned && Hour(reading.end) + hours(1) < std::chrono::floor<hours>(now)) continue;
      if (seen.batch && reading.end < seen.started) continue;
      highest = std::max(highest, reading.demand);
    }
    return highest;
  }

  // What this hour and the one before it both reached.
  [[nodiscard]] double ForRequest(const std::string& container, TimePoint now) const {
    const auto found = seen_.find(container);
    if (found == seen_.end() || found->second.batch || found->second.tuned) return 0;
    double current = 0;
    double before = 0;
    for (const Reading& reading : Of(container)) {
      if (reading.OfStart()) continue;
      const auto hour = Hour(reading.end);
      double& highest = hour == std::chrono::floor<hours>(now) ? current : before;
      if (hour + hours(1) >= std::chrono::floor<hours>(now))
        highest = std::max(highest, reading.demand);
    }
    return std::min(current, before);
  }

 private:
  // A window that ends on the hour is of the hour before.
  static TimePoint Hour(TimePoint end) { return std::chrono::floor<hours>(end - Duration(1)); }
  static TimePoint Day(TimePoint end) { return std::chrono::floor<days>(end - Duration(1)); }

  [[nodiscard]] const std::vector<Reading>& Of(const std::string& container) const {
    static const std::vector<Reading> none;
    const auto found = seen_.find(container);
    return ordered_ && found != seen_.end() ? found->second.readings : none;
  }

  void Read(Seen& seen, const cli::AdviseEvent& event) {
    const bool leap = event.time > seen.last + kLeap;
    seen.last = event.time;
    // The epoch's first day is no time anybody means, and the history has its zero there.
    if (leap || event.time < TimePoint(days(2))) return;
    const double swap = event.digest.swap.value_or(Bytes(0)).AsDouble();
    seen.readings.push_back({event.time, event.digest.hard_peak.AsDouble() + swap, seen.started});
  }

  std::map<std::string, Seen> seen_;
  TimePoint latest_{};
  bool ordered_ = true;
};

void CheckExplained(const json& answer) {
  recommend::Explanation explanation;
  std::map<std::string, double> last;
  for (const json& step : answer.at("explanation")) {
    recommend::Step read;
    read.name = step.at("name").get<std::string>();
    Require(step.at("result").is_number());  // NaN and infinity are null in JSON
    read.result = last[read.name] = step.at("result").get<double>();
    for (int op = 0; op <= static_cast<int>(recommend::Op::kMedian); ++op) {
      if (step.at("op") == recommend::Name(static_cast<recommend::Op>(op)))
        read.op = static_cast<recommend::Op>(op);
    }
    for (const json& term : step.at("terms")) {
      Require(term.at("value").is_number());
      read.terms.push_back({term.at("name").get<std::string>(), term.at("value").get<double>()});
    }
    explanation.steps.push_back(std::move(read));
  }
  Require(recommend::Verify(explanation).has_value());
  Require(last.at("limit") == answer.at("limit").get<double>());
  Require(last.at("request") == answer.at("request").get<double>());
}

void CheckAnswer(const json& answer, TimePoint now, const Demands& demands,
                 const model::Policy& policy) {
  const double confidence = answer.at("confidence").get<double>();
  Require(confidence >= 0 && confidence <= 1);
  if (answer.at("limit").is_null()) {
    Require(answer.at("request").is_null());
    return;
  }
  const double limit = answer.at("limit").get<double>();
  const double request = answer.at("request").get<double>();
  Require(request > 0 && request <= limit && limit >= kLeastLimit);
  CheckExplained(answer);
  const auto container = answer.at("container").get<std::string>();
  const double most = policy.max_allowed ? policy.max_allowed->AsDouble() : INFINITY;
  const double least = policy.min_allowed ? policy.min_allowed->AsDouble() : 0;
  Require(limit <= most && limit >= least && request >= least);
  Require(limit * kKeptLimit >= std::min(demands.ForLimit(container, now), most));
  Require(request * kKeptRequest >= std::min(demands.ForRequest(container, now), most));
}

void Play(const std::string& text, cli::AdviserOptions options, const model::Policy& policy = {}) {
  std::istringstream in(text);
  cli::LineSource lines(in, cli::AdviseEventParser::Padding());
  cli::AdviseEventParser parser;
  options.policy = [&policy](std::string_view) { return policy; };
  auto adviser = cli::Adviser::Make(std::move(options));
  Require(adviser.has_value());
  Demands demands;
  std::string remark;
  std::size_t written = 0;
  for (std::string out; written < (1U << 20); out.clear()) {
    const auto line = lines.Next([] {});
    if (!line || !*line) break;
    const auto event = parser.Parse(**line, lines.Capacity(**line));
    if (!event || !adviser->Take(*event, out, remark)) break;
    demands.Note(*event);
    written += out.size();
    std::istringstream answers(out);
    for (std::string answer; std::getline(answers, answer);)
      CheckAnswer(json::parse(answer), event->time, demands, policy);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Play(text, {});
  Play(text, {.guard = {.active = true, .reaction = std::chrono::seconds(2)}, .equal = true});
  model::Policy bounded;
  bounded.min_allowed = Bytes(64LL << 20);
  bounded.max_allowed = Bytes(256LL << 20);
  Play(text, {.guard = {.active = true, .reaction = std::chrono::seconds(2)}}, bounded);
  return 0;
}
