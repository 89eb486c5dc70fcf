// SPDX-License-Identifier: Apache-2.0
#include "tests/advisor/replay/scenario_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace plimsoll::replay {
namespace {

constexpr long long kStart = 1'790'035'200;

[[noreturn]] void Unknown(const std::string& path, const std::string& key) {
  throw std::runtime_error(path + ": unknown key '" + key + "'");
}

Expectation ReadExpectation(const YAML::Node& node, const std::string& path) {
  Expectation expectation;
  for (const auto& entry : node) {
    const auto key = entry.first.as<std::string>();
    if (key == "at") continue;
    if (key == "reasons")
      expectation.reasons_all = entry.second.as<std::vector<std::string>>();
    else if (key == "reasons_any")
      expectation.reasons_any = entry.second.as<std::vector<std::string>>();
    else if (key == "reasons_none")
      expectation.reasons_none = entry.second.as<std::vector<std::string>>();
    else if (key == "says")
      expectation.says = entry.second.as<std::string>();
    else if (entry.second.IsSequence() && entry.second.size() == 2)
      expectation.bounds[key] = {entry.second[0].as<double>(), entry.second[1].as<double>()};
    else
      Unknown(path, key);
  }
  return expectation;
}

long long Days(const YAML::Node& node) {
  const auto text = node.as<std::string>();
  if (!text.ends_with("d")) throw std::runtime_error("a time is whole days, as 8d: " + text);
  return std::stoll(text.substr(0, text.size() - 1)) * 86400;
}

// `index` counts an entry's events from 1: "*30" is 30 times that.
nlohmann::json ValueJson(const YAML::Node& node, long long index) {
  if (node.IsMap()) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& entry : node)
      object[entry.first.as<std::string>()] = ValueJson(entry.second, index);
    return object;
  }
  const auto text = node.as<std::string>();
  if (text == "true" || text == "false") return text == "true";
  if (text.starts_with('*')) return index * std::stoll(text.substr(1));
  if (double number = 0; node.Tag() != "!" && YAML::convert<double>::decode(node, number))
    return number;
  return text;
}

nlohmann::json EventJson(const YAML::Node& node, long long index) {
  auto event = ValueJson(node, index);
  event["container"] = "c";
  return event;
}

// Lines of all entries, in time order; one entry's lines keep theirs.
std::string ReadEvents(const YAML::Node& events, const YAML::Node& ask) {
  std::vector<std::pair<long long, std::string>> lines;
  for (const auto& entry : events) {
    const long long from = Days(entry["from"]);
    const long long to = entry["to"] ? Days(entry["to"]) : from + 1;
    const long long every = entry["every"] ? entry["every"].as<long long>() : 1;
    const int pods = entry["pods"] ? entry["pods"].as<int>() : 0;
    const long long late = entry["late"] ? entry["late"].as<long long>() : 0;
    long long index = 0;
    for (long long at = from; at < to; at += every) {
      auto event = EventJson(entry["event"], ++index);
      event["time"] = kStart + at;
      for (int pod = 0; pod < std::max(pods, 1); ++pod) {
        if (pods > 0) event["pod"] = "p" + std::to_string(pod);
        lines.emplace_back(at + late, event.dump());
      }
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [at, line] : lines) text += line + '\n';
  const nlohmann::json question = {
      {"event", "advise"}, {"container", "c"}, {"time", kStart + Days(ask["at"])}};
  return text + question.dump() + '\n';
}

ScenarioRun ReadRun(const YAML::Node& node, const std::string& path) {
  ScenarioRun run;
  for (const auto& entry : node) {
    const auto key = entry.first.as<std::string>();
    if (key == "engine")
      run.engine = entry.second.as<std::string>();
    else if (key == "rival")
      run.rival = entry.second.as<std::string>();
    else if (key == "days")
      run.days = entry.second.as<int>();
    else if (key == "stop_hours")
      run.stop_hours = entry.second.as<int>();
    else if (key == "since_hours")
      run.since_hours = entry.second.as<int>();
    else if (key == "min_allowed")
      run.min_allowed = entry.second.as<double>();
    else if (key == "batch")
      run.batch = entry.second.as<bool>();
    else if (key == "expect")
      run.expect = ReadExpectation(entry.second, path);
    else
      Unknown(path, key);
  }
  return run;
}

}  // namespace

Scenario LoadScenario(const std::string& path) {
  const YAML::Node file = YAML::LoadFile(path);
  Scenario scenario;
  scenario.path = path;
  for (const auto& entry : file) {
    const auto key = entry.first.as<std::string>();
    if (key == "family")
      scenario.family = entry.second.as<std::string>();
    else if (key == "seeds")
      scenario.seeds = entry.second.as<std::vector<int>>();
    else if (key == "loss")
      scenario.loss = entry.second.as<double>();
    else if (key == "skew_seconds")
      scenario.skew_seconds = entry.second.as<int>();
    else if (key == "events")
      scenario.json_lines = ReadEvents(entry.second, file["ask"]);
    else if (key == "ask")
      scenario.answer = ReadExpectation(entry.second, path);
    else if (key == "runs") {
      for (const auto& run : entry.second) {
        scenario.runs.push_back(ReadRun(run, path));
      }
    } else
      Unknown(path, key);
  }
  if (scenario.runs.empty() && scenario.json_lines.empty())
    throw std::runtime_error(path + ": nothing to check");
  return scenario;
}

}  // namespace plimsoll::replay
