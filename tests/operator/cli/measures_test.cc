// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/measures.h"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "operator/cli/eval_command.h"
#include "operator/cli/plot_series.h"
#include "operator/cli/replay_command.h"
#include "tests/operator/cli/run_command.h"

namespace plimsoll::cli {
namespace {

constexpr int kDays = 3;

// `containers` of 100, 200, ... MiB; all but the last have a spike on the third day, each higher.
std::string Trace(int containers) {
  std::string text = "time,container,hard_bytes\n";
  for (int container = 1; container <= containers; ++container) {
    for (int minute = 0; minute < kDays * 1440; minute += 5) {
      const bool spike = minute >= 2 * 1440 + 600 && minute < 2 * 1440 + 20 * container + 600;
      const long long mib =
          100LL * container * (spike && container < containers ? 2 + container : 1);
      text += fmt::format("{},c{},{}\n", 1'780'000'020 + minute * 60, container, mib << 20);
    }
  }
  return text;
}

std::string Replayed(const std::string& format, int containers) {
  const auto ran = Run(ReplayCommand,
                       {"--trace", "-", "--engine", "vpa-nofloor", "--engine", "lease", "--engine",
                        "autopilot-p98", "--engine", "krr", "--engine", "crane", "-o", format},
                       Trace(containers));
  CHECK(ran.status == 0);
  CHECK(ran.err == "");
  return ran.out;
}

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream in(line + ",");
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

// Over all containers, by engine and column.
std::map<std::string, std::map<std::string, std::string>> OverallCsv(const std::string& csv) {
  std::map<std::string, std::map<std::string, std::string>> overall;
  std::stringstream in(csv);
  std::string line;
  std::getline(in, line);
  const auto columns = Cells(line);
  while (std::getline(in, line)) {
    const auto cells = Cells(line);
    REQUIRE(cells.size() == columns.size());
    if (cells[0] != "all") continue;
    for (std::size_t i = 3; i < cells.size(); ++i) overall[cells[2]][columns[i]] = cells[i];
  }
  return overall;
}

TEST_CASE("Measures: what was promised of a comparison is in the list, once") {
  for (const auto* key :
       {"limitSlack", "requestSlack", "killsPer1000Days", "repeatKillsPer1000Days",
        "killsAfterCutPer1000Days", "changesPerDay", "flipsPerDay", "requestChangesPerDay",
        "thrashMinutesPerDay", "overRequestShare", "recoveryMinutes"}) {
    CAPTURE(key);
    CHECK(std::ranges::count(Measures(), std::string_view(key), &Measure::key) == 1);
  }
}

TEST_CASE("replay: every format tells every measure of every engine with the same interval") {
  const auto json = nlohmann::json::parse(Replayed("json", 4))["overall"];
  auto csv = OverallCsv(Replayed("csv", 4));
  const std::map<std::string, std::string> texts = {{"table", Replayed("table", 4)},
                                                    {"markdown", Replayed("markdown", 4)},
                                                    {"html", Replayed("html", 4)}};
  REQUIRE(json.size() == 5);
  bool wide = false;  // some interval is one
  for (const auto& [engine, told] : json.items()) {
    for (const auto& measure : Measures()) {
      CAPTURE(engine);
      CAPTURE(measure.key);
      for (const auto& [format, text] : texts) {
        CAPTURE(format);
        CHECK(text.find(measure.title) != std::string::npos);
      }
      const auto& cells = csv.at(engine);
      const std::string column(measure.column);
      const auto& value = told.at(std::string(measure.key));
      if (value.is_null()) {
        CHECK(cells.at(column) == "");
        continue;
      }
      const auto shown = [&](const char* part) {
        return fmt::format("{:.{}f}", measure.scale * value.at(part).get<double>(), measure.digits);
      };
      wide = wide || value.at("low") < value.at("high");
      for (const auto& [format, text] : texts) {
        CAPTURE(format);
        CHECK(text.find(fmt::format("{} ({}-{})", shown("value"), shown("low"), shown("high"))) !=
              std::string::npos);
      }
      for (const auto& [part, name] :
           {std::pair{"value", column}, {"low", column + "_low"}, {"high", column + "_high"}}) {
        CHECK(cells.at(name) == fmt::format("{:.6g}", value.at(part).get<double>()));
      }
    }
  }
  CHECK(wide);
}

TEST_CASE("replay: one container has no interval, and no kill no time to recover") {
  const auto json = nlohmann::json::parse(Replayed("json", 1))["overall"]["lease"];
  CHECK(json["oomKills"] == 0);
  CHECK(json["recoveryMinutes"].is_null());
  CHECK(json["limitSlack"]["value"] > 0);
  CHECK(json["limitSlack"]["low"].is_null());
  auto csv = OverallCsv(Replayed("csv", 1)).at("lease");
  CHECK(csv.at("limit_slack") != "");
  CHECK(csv.at("limit_slack_low") == "");
  CHECK(csv.at("recovery_minutes") == "");
  const auto table = Replayed("table", 1);
  CHECK(table.find("no intervals") != std::string::npos);
  CHECK(table.find('(') == std::string::npos);
}

TEST_CASE("eval: markdown and JSON tell every measure with its interval") {
  const auto evaluated = [](const std::string& format) {
    return Run(EvalCommand,
               {"--family", "heavy-tail", "--engine", "krr", "--seeds", "2", "--days", "2", "-o",
                format},
               "")
        .out;
  };
  const auto row = nlohmann::json::parse(evaluated("json")).at(0);
  CHECK(row["family"] == "heavy-tail");
  CHECK(row["containers"] == 2);
  const auto markdown = evaluated("markdown");
  for (const auto& measure : Measures()) {
    CAPTURE(measure.key);
    CHECK(markdown.find(fmt::format(" {} |", measure.title)) != std::string::npos);
    const auto& value = row.at(std::string(measure.key));
    if (value.is_null()) continue;
    CHECK(value.at("low") <= value.at("value"));
    CHECK(value.at("high") >= value.at("value"));
  }
}

std::string KillMarks(const std::string& page, const std::string& engine) {
  const auto drawing = page.find("<figcaption><b>" + engine + "</b>");
  REQUIRE(drawing != std::string::npos);
  const std::string mark = "<path class=\"kill\" d=\"";
  const auto begin = page.find(mark, drawing) + mark.size();
  return page.substr(begin, page.find('"', begin) - begin);
}

TEST_CASE("replay: the page marks every kill in the plot it belongs to") {
  // Two kills an hour apart on the last of four days; krr, scanned daily, sees neither coming.
  std::string text = "time,container,hard_bytes\n";
  for (int minute = 0; minute < 4 * 1440; ++minute) {
    const int at = minute - 3 * 1440;
    const bool spike = at == 600 || at == 1200;
    text += fmt::format("{},a,{}\n", 1'780'000'020 + minute * 60, (spike ? 900LL : 100LL) << 20);
  }
  const auto with = [&text](const std::string& format) {
    return Run(ReplayCommand,
               {"--trace", "-", "--engine", "krr", "--engine", "lease-guarded", "-o", format}, text)
        .out;
  };
  const auto json = nlohmann::json::parse(with("json"))["overall"];
  const auto page = with("html");
  CHECK(page.find("OOM kill (dotted") != std::string::npos);
  for (const std::string engine : {"krr", "lease-guarded"}) {
    CAPTURE(engine);
    const auto marks = KillMarks(page, engine);
    CHECK(json[engine]["oomKills"] == std::ranges::count(marks, 'M'));
  }
  CHECK(json["krr"]["oomKills"] > 0);
  // 600 minutes into the fourth day of four: (3 * 1440 + 600) / (4 * 1440) of 800 wide.
  CHECK(std::abs(std::stod(KillMarks(page, "krr").substr(1)) - 683.3) < 5);
}

TEST_CASE("PlotSeries: kills of merged minutes add up, none is lost") {
  PlotSeries plot;
  for (int i = 0; i < 5'000; ++i) {
    PlotPoint point;
    point.kills = i % 1000 == 999 ? 2 : 0;
    plot.Add(point);
  }
  std::int64_t kills = 0;
  for (const auto& point : plot.points()) kills += point.kills;
  CHECK(kills == 10);
  CHECK(plot.points().size() <= PlotSeries::kMaxPoints);
}

}  // namespace
}  // namespace plimsoll::cli
