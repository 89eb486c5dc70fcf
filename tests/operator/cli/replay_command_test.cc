// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/replay_command.h"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/operator/cli/run_command.h"
#include "tests/operator/cli/scratch_file.h"

namespace plimsoll::cli {
namespace {

// Eight days at 200 MiB with a spike of four times on the fifth.
std::string Trace() {
  std::string text = "time,container,hard_bytes\n";
  for (int minute = 0; minute < 8 * 1440; ++minute) {
    const long long mib = minute >= 4 * 1440 + 600 && minute < 4 * 1440 + 620 ? 800 : 200;
    text += std::to_string(1'780'000'000 + minute * 60) + ",shop/web," + std::to_string(mib << 20) +
            "\n";
  }
  return text;
}

TEST_CASE("replay: engines side by side, and only those that were asked for") {
  const auto ran =
      Run(ReplayCommand, {"--trace", "-", "--engine", "lease", "--engine", "krr"}, Trace());
  CHECK(ran.status == 0);
  CHECK(ran.err == "");
  CHECK(ran.out.find("1 container, 8.0 container-days") == 0);
  CHECK(ran.out.find(" lease ") != std::string::npos);
  CHECK(ran.out.find(" krr\n") != std::string::npos);
  CHECK(ran.out.find(" vpa") == std::string::npos);
}

TEST_CASE("replay: what a container holds, its node has, however much that is") {
  for (const long long gib : {70LL, 4000LL}) {
    CAPTURE(gib);
    std::string text = "time,container,hard_bytes\n";
    for (int row = 0; row < 2 * 288; ++row) {
      text += std::to_string(1'780'000'000 + row * 300) + ",shop/db," + std::to_string(gib << 30) +
              "\n";
    }
    const auto ran = Run(ReplayCommand, {"--trace", "-", "-o", "json"}, text);
    REQUIRE(ran.status == 0);
    const auto engines = nlohmann::json::parse(ran.out)["containers"][0]["engines"];
    CHECK(engines.size() == 4);
    for (const auto& [name, outcome] : engines.items()) {
      CAPTURE(name);
      CHECK(outcome["oomKills"] == 0);
      CHECK(outcome["upMinutes"] == outcome["days"].get<double>() * 1440);
    }
  }
}

TEST_CASE("replay: JSON, CSV and the page tell the same kills") {
  const std::vector<std::string> arguments = {"--trace", "-", "--engine", "vpa-nofloor", "-o"};
  const auto with = [&arguments](const std::string& format) {
    auto all = arguments;
    all.push_back(format);
    return Run(ReplayCommand, all, Trace()).out;
  };
  const auto json = nlohmann::json::parse(with("json"));
  const auto& outcome = json["containers"][0]["engines"]["vpa-nofloor"];
  const auto kills = outcome["oomKills"].get<int>();
  CHECK(kills >= 1);
  CHECK(outcome["days"] == 8.0);
  const auto csv = with("csv");
  const auto up = std::to_string(outcome["upMinutes"].get<int>());
  const auto down = std::to_string(outcome["downMinutes"].get<int>());
  CHECK(csv.find("\ncontainer,\"shop/web\",vpa-nofloor,8," + up + "," + down + "," +
                 std::to_string(kills) + ",") != std::string::npos);
  const auto page = with("html");
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.find("</b> " + std::to_string(kills) + " OOM kill") != std::string::npos);
  CHECK(page.find("http") == std::string::npos);  // nothing is loaded from anywhere
}

TEST_CASE("replay: a container's name cannot become markup") {
  const auto ran = Run(ReplayCommand, {"--trace", "-", "-o", "html"},
                       "time,container,hard_bytes\n1,<script>alert(1)</script>,5\n");
  CHECK(ran.status == 0);
  CHECK(ran.out.find("<script>") == std::string::npos);
}

TEST_CASE("replay: the page draws the containers that come first, and says so") {
  std::string text = "time,container,hard_bytes\n";
  for (int i = 60; i >= 0; --i) text += "60,c" + std::to_string(100 + i) + ",5\n";
  const auto page = Run(ReplayCommand, {"--trace", "-", "--engine", "krr", "-o", "html"}, text).out;
  CHECK(page.find("Drawn: the 50 containers that come first in the trace, of 61;") !=
        std::string::npos);
  CHECK(page.find("<h2>c160</h2>") != std::string::npos);
  CHECK(page.find("<h2>c111</h2>") != std::string::npos);
  CHECK(page.find("<h2>c110</h2>") == std::string::npos);
}

TEST_CASE("replay: a folder for a trace is an error that names it") {
  const std::string folder = std::filesystem::temp_directory_path();
  const auto ran = Run(ReplayCommand, {"--trace", folder}, "");
  CHECK(ran.status == kBadData);
  CHECK(ran.err.starts_with("error: " + folder + ": cannot be read: "));
}

// A job of ten minutes every hour, its peaks by turns 100, 200 and 300 MiB.
std::string Jobs(const std::string& batch) {
  std::string text = "time,container,hard_bytes,start,batch\n";
  for (int run = 0; run < 3 * 24; ++run) {
    for (int minute = 0; minute <= 10; ++minute) {
      const long long mib = minute < 10 ? 100LL * (1 + run % 3) : 0;
      text += std::to_string(1'780'000'000 + run * 3600 + minute * 60) + ",nightly," +
              std::to_string(mib << 20) + (minute == 0 ? ",1," : ",0,") + batch + "\n";
    }
  }
  return text;
}

TEST_CASE("replay: a Job's container is sized by its runs where the trace says so") {
  const auto slack = [](const std::string& batch) {
    const auto ran =
        Run(ReplayCommand, {"--trace", "-", "--engine", "lease", "-o", "json"}, Jobs(batch));
    CHECK(ran.err == "");
    const auto json = nlohmann::json::parse(ran.out);
    return json["containers"][0]["engines"]["lease"]["requestSlack"].get<double>();
  };
  CHECK(slack("1") != slack("0"));
  CHECK(slack("") == slack("0"));
  const auto mixed =
      Run(ReplayCommand, {"--trace", "-"}, "time,container,hard_bytes,batch\n1,a,5,1\n2,a,5,0\n");
  CHECK(mixed.err.find("standard input:3: batch: ") != std::string::npos);
  CHECK(Run(ReplayCommand, {"--trace", "-"}, "time,container,hard_bytes,batch\n1,a,5,yes\n")
            .err.find("standard input:2: batch: 'yes' is neither 0 nor 1") != std::string::npos);
}

Ran Notes(const std::string& rows) {
  return Run(ReplayCommand, {"--trace", "-", "--engine", "krr", "-o", "json"},
             "time,container,hard_bytes,start,batch\n" + rows);
}

TEST_CASE(
    "replay: gaps and repeated times are told with line, field and remedy, and are no error") {
  const auto gap = Notes("60,a,5,,\n120,a,5,,\n180,a,5,,\n1140,a,5,,\n1200,a,5,,\n9999,a,5,,\n");
  CHECK(gap.status == 0);
  CHECK(gap.err ==
        "note: standard input:5: time: 16 minutes without a row of 'a', of which each holds for 15 "
        "(2 such gaps in all); nothing runs in a gap, but up to 60 days of each count as "
        "container-days. A row holds for three times what usually lies between its container's "
        "rows, from 15 minutes to 3 days; where the container was away, start 1 in its first row "
        "after it says so\n");
  CHECK(nlohmann::json::parse(gap.out).contains("overall"));  // notes are not on the output
  const auto repeat = Notes("60,a,5,,\n60,b,5,,\n60,a,9,,\n");
  CHECK(repeat.status == 0);
  CHECK(repeat.err ==
        "note: standard input:4: time: the same time twice for 'a' (1 such row in all); the "
        "highest counts as the minute's peak, the last as its level. If these are several pods, "
        "give each a container name of its own\n");
}

TEST_CASE("replay: of a gap of years the days count that the note says") {
  const auto gap = Notes("0,a,5,,\n60,a,5,,\n120,a,5,,\n86400000,a,5,,\n");  // 1000 days
  CHECK(gap.err.find("up to 60 days of each count as container-days") != std::string::npos);
  CHECK(nlohmann::json::parse(gap.out)["containers"][0]["engines"]["krr"]["days"].get<double>() ==
        doctest::Approx(60).epsilon(0.001));
}

TEST_CASE("replay: what notes and errors repeat of a trace cannot steer the terminal") {
  const std::string name = "\x1b]0;x\x07 b\xc2\x9bm \xc3\xa9\x7f";
  const auto shown = [&name](const std::string& rows) {
    return Run(ReplayCommand, {"--trace", "-", "--engine", "krr"},
               "time,container,hard_bytes\n" + rows)
        .err;
  };
  const std::string twice = shown("60," + name + ",5\n60," + name + ",5\n");
  CHECK(twice.find("the same time twice for '?]0;x? b?m \xc3\xa9?' ") != std::string::npos);
  const std::string gap = shown("60," + name + ",5\n600000," + name + ",5\n");
  CHECK(gap.find("without a row of '?]0;x? b?m \xc3\xa9?', ") != std::string::npos);
  CHECK(shown("60,a,\x1b[2J\n").find("'?[2J' is not a number") != std::string::npos);
}

TEST_CASE("replay: no note where there is nothing to mend") {
  CHECK(Notes("0,a,5,,\n60,a,5,,\n1019,a,5,,\n").err == "");    // 15 minutes are held
  CHECK(Notes("60,a,5,1,\n99999,a,5,1,\n").err == "");          // it was away
  CHECK(Notes("60,a,5,,1\n99999,a,5,,1\n").err == "");          // a Job's
  CHECK(Notes("60,a,5,,\n99999,b,5,,\n60,c,5,,\n").err == "");  // each its own time
}

TEST_CASE("replay: hourly rows are the same load as rows every five minutes, and no gaps") {
  const auto engine = [](int minutes) {
    std::string rows;
    for (int i = 0; i <= 14 * 1440; i += minutes)
      rows += std::to_string(1'780'000'000 + i * 60) + ",a,209715200,,\n";
    const auto ran = Run(ReplayCommand, {"--trace", "-", "--engine", "lease", "-o", "json"},
                         "time,container,hard_bytes,start,batch\n" + rows);
    CHECK(ran.err == "");
    return nlohmann::json::parse(ran.out)["containers"][0]["engines"]["lease"];
  };
  const auto fine = engine(5);
  const auto coarse = engine(60);
  CHECK(coarse["upMinutes"] == fine["upMinutes"]);
  CHECK(coarse["limitSlack"].get<double>() == fine["limitSlack"].get<double>());
}

TEST_CASE("replay: each container is bounded by its own entry") {
  std::string rows = "time,container,hard_bytes\n";
  for (int minute = 0; minute < 2 * 1440; minute += 5) {
    for (const char* name : {"shop/web", "shop/api", "shop/proxy"}) {
      rows += std::to_string(1'780'000'000 + minute * 60) + "," + name + ",104857600\n";
    }
  }
  const auto replay = [&rows](const std::string& containers, const std::string& engine) {
    const ScratchFile policy(PolicyText(containers));
    const auto ran =
        Run(ReplayCommand,
            {"--trace", "-", "--policy", policy.path(), "--engine", engine, "-o", "json"}, rows);
    CHECK(ran.status == 0);
    const auto all = nlohmann::json::parse(ran.out)["containers"];
    REQUIRE(all.size() == 3);  // by name: shop/api, shop/proxy, shop/web
    return std::array{all[0]["engines"][engine], all[1]["engines"][engine],
                      all[2]["engines"][engine]};
  };
  for (const char* engine : {"lease", "lease-guarded"}) {
    const auto [api, proxy, web] =
        replay("[{name: web, minAllowed: {memory: 1Gi}}, {name: proxy, controlled: None}]", engine);
    CHECK(web["limitSlack"].get<double>() > 0.85);  // 100 of 1024 MiB are used
    CHECK(api["limitSlack"].get<double>() < 0.6);
    CHECK(proxy["limitSlack"].get<double>() ==
          doctest::Approx(0.5).epsilon(0.001));  // what it began with
    CHECK(proxy["requestChanges"] == 0);
    CHECK(api["requestChanges"] > 0);
  }
}

// Demand that doubles within a minute, at an hour of each day.
TEST_CASE("replay: a limit that is its owner's is not raised before a kill either") {
  std::string rows = "time,container,hard_bytes\n";
  for (int minute = 0; minute < 3 * 1440; ++minute) {
    const long long mib = 100 + (minute > 1440 && minute % 1440 == 700 ? 200 : 0);
    rows +=
        std::to_string(1'780'000'000 + minute * 60) + ",web," + std::to_string(mib << 20) + "\n";
  }
  const auto kills = [&rows](const std::string& controlled) {
    const ScratchFile policy(PolicyText("[{name: web, controlled: " + controlled + "}]"));
    const auto ran =
        Run(ReplayCommand,
            {"--trace", "-", "--policy", policy.path(), "--engine", "lease-guarded", "-o", "json"},
            rows);
    return nlohmann::json::parse(ran.out)["containers"][0]["engines"]["lease-guarded"];
  };
  CHECK(kills("RequestsAndLimits")["limitChanges"] > 0);
  CHECK(kills("RequestsAndLimits")["oomKills"] == 0);
  CHECK(kills("RequestsOnly")["limitChanges"] == 0);
  CHECK(kills("RequestsOnly")["oomKills"] > 0);
  CHECK(kills("None")["limitChanges"] == 0);
}

TEST_CASE("replay: a policy is for lease alone; who plays without it is told, and all cannot") {
  const ScratchFile policy(PolicyText("[]"));
  const std::string rows = "time,container,hard_bytes\n60,a,5\n120,a,5\n";
  const auto error = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--trace", "-", "--policy", policy.path()});
    const Ran ran = Run(ReplayCommand, arguments, rows);
    CHECK(ran.status == (ran.err.starts_with("error: ") ? kBadArguments : 0));
    return ran.err;
  };
  CHECK(error({"--engine", "lease", "--engine", "lease-guarded"}) == "");
  CHECK(error({}) == "note: --policy: is for lease alone; without it play: vpa, vpa-nofloor\n");
  CHECK(error({"--engine", "krr"}) ==
        "error: --policy: is for lease alone, which is not among the engines; add --engine lease, "
        "or leave it out\n");
}

TEST_CASE("replay: an engine named twice plays once, and a second trace is an error") {
  const auto twice = Run(
      ReplayCommand, {"--trace", "-", "--engine", "krr", "--engine", "krr", "-o", "csv"}, Trace());
  CHECK(twice.out ==
        Run(ReplayCommand, {"--trace", "-", "--engine", "krr", "-o", "csv"}, Trace()).out);
  const auto traces = Run(ReplayCommand, {"--trace", "a.csv", "--trace=b.csv"}, "");
  CHECK(traces.status == kBadArguments);
  CHECK(traces.err ==
        "error: --trace: given 2 times, and a run reads one; join the files under one header, or "
        "run once for each\n");
}

TEST_CASE("replay: bad arguments and bad data are told apart and named") {
  CHECK(Run(ReplayCommand, {}, "").status == kBadArguments);
  CHECK(Run(ReplayCommand, {"--trace", "-", "--engine", "goldilocks"}, "")
            .err.find("autopilot-p98") != std::string::npos);
  CHECK(Run(ReplayCommand, {"--trace", "-", "-o", "xml"}, "").status == kBadArguments);
  CHECK(Run(ReplayCommand, {"--trace", "/no/such/file"}, "").err ==
        "error: /no/such/file: cannot be opened for reading\n");
  const auto bad = Run(ReplayCommand, {"--trace", "-"}, "time,container,hard_bytes\n1,a,x\n");
  CHECK(bad.status == kBadData);
  CHECK(bad.err.find("standard input:2: hard_bytes") != std::string::npos);
  CHECK(bad.out == "");
  CHECK(Run(ReplayCommand, {"--trace", "-"}, "time,container,hard_bytes\n").err.find("no row; ") !=
        std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli
