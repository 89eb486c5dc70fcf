// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/replay_command.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/operator/cli/run_command.h"

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

TEST_CASE("replay: side by side, one line an engine") {
  const auto ran =
      Run(ReplayCommand, {"--trace", "-", "--engine", "lease", "--engine", "krr"}, Trace());
  CHECK(ran.status == 0);
  CHECK(ran.err == "");
  CHECK(ran.out.find("1 container, 8.0 container-days") == 0);
  CHECK(ran.out.find("\nlease ") != std::string::npos);
  CHECK(ran.out.find("\nkrr ") != std::string::npos);
  CHECK(ran.out.find("\nvpa ") == std::string::npos);
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
  CHECK(csv.find("\"shop/web\",vpa-nofloor,8.0000,") != std::string::npos);
  CHECK(csv.find("," + std::to_string(kills) + ",") != std::string::npos);
  const auto page = with("html");
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.find(std::to_string(kills) + " OOM kills") != std::string::npos);
  CHECK(page.find("http") == std::string::npos);  // nothing is loaded from anywhere
}

TEST_CASE("replay: a container's name cannot become markup") {
  const auto ran = Run(ReplayCommand, {"--trace", "-", "-o", "html"},
                       "time,container,hard_bytes\n1,<script>alert(1)</script>,5\n");
  CHECK(ran.status == 0);
  CHECK(ran.out.find("<script>") == std::string::npos);
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
  CHECK(Run(ReplayCommand, {"--trace", "-"}, "time,container,hard_bytes\n").err.find("no row") !=
        std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli
