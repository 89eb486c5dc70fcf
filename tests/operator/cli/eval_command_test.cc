// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/eval_command.h"

#include <doctest/doctest.h>

#include "tests/operator/cli/run_command.h"

namespace plimsoll::cli {
namespace {

Ran Eval(const std::string& family) {
  return Run(&EvalCommand, {"--family", family, "--engine", "krr", "--seeds", "1", "--days", "1"},
             "");
}

TEST_CASE("EvalCommand: unseen is a group of its own, and its families go by name too") {
  const auto group = Eval("unseen");
  CAPTURE(group.err);
  REQUIRE(group.status == 0);
  CHECK(group.out.find("26 families x 1 seeds") != std::string::npos);
  CHECK(group.out.find("## queue-consumer") != std::string::npos);
  CHECK(group.out.find("## search-index") != std::string::npos);
  CHECK(group.out.find("## log-shipper") == std::string::npos);
  CHECK(group.out.find("## flat\n") == std::string::npos);
  CHECK(Eval("tenants").out.find("1 families x 1 seeds") != std::string::npos);
  const auto tuning = Eval("tuning");
  REQUIRE(tuning.status == 0);
  CHECK(tuning.out.find("## queue-consumer") == std::string::npos);
  CHECK(tuning.out.find("## flat\n") != std::string::npos);
}

TEST_CASE("EvalCommand: families left out at first are marked so, and are a group") {
  const auto late =
      Run(&EvalCommand, {"--family", "late", "--engine", "krr", "--seeds", "1", "--days", "1"}, "");
  REQUIRE(late.status == 0);
  CHECK(late.out.find("## cron-bimodal\n\nScenario 23, left out at first: ") != std::string::npos);
  CHECK(late.out.find("## flat\n") == std::string::npos);
  CHECK(Eval("held-out").status == kBadArguments);
}

TEST_CASE("EvalCommand: families that are told to be Jobs are sized by their runs") {
  const auto lease = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"--family", "short-jobs", "--engine", "lease",
                                          "--seeds",  "1",          "--days",   "3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(&EvalCommand, arguments, "").out;
  };
  CHECK(lease({"--batch"}) != lease({}));
}

TEST_CASE("EvalCommand: blind is a group; its families are not played to test that") {
  const auto ran = Run(&EvalCommand, {"--family", "blind", "--seeds", "0"}, "");
  CHECK(ran.status == kBadArguments);
  CHECK(ran.err.find("--seeds") != std::string::npos);
  CHECK(ran.err.find("--family") == std::string::npos);
}

TEST_CASE("EvalCommand: what is asked for besides is told without VPA, too") {
  const auto eval = [](const std::string& engine) {
    return Run(&EvalCommand,
               {"--family", "flat", "--engine", "krr", engine, "--seeds", "1", "--days", "10",
                "--packing", "--frontier", "--calibration"},
               "")
        .out;
  };
  const auto section = [](const std::string& out, const std::string& title) {
    const auto begin = out.find("\n" + title + "\n");
    REQUIRE(begin != std::string::npos);
    return out.substr(begin, out.find("\n## ", begin + 1) - begin);
  };
  const auto alone = eval("krr");
  const auto beside = eval("vpa-nofloor");
  CHECK(section(alone, "## On nodes").find("\n| krr | ") != std::string::npos);
  CHECK(section(alone, "## Objectives").find("\n| Savings | lease | - | - | - | ") !=
        std::string::npos);
  CHECK(section(alone, "## Objectives").find("vpa-nofloor would have to be among the engines") !=
        std::string::npos);
  CHECK(section(beside, "## Objectives").find("vpa-nofloor") == std::string::npos);
  CHECK(section(alone, "## Confidence").find("Of all answers ") != std::string::npos);
  CHECK(section(alone, "## Confidence") == section(beside, "## Confidence"));
}

TEST_CASE("EvalCommand: what JSON has no place for is an error before anything is played") {
  for (const std::string flag : {"--packing", "--frontier", "--calibration"}) {
    // Played, this would take days.
    const auto ran =
        Run(&EvalCommand, {flag, "-o", "json", "--seeds", "1000", "--days", "400"}, "");
    CHECK(ran.status == kBadArguments);
    CHECK(ran.out == "");
    CHECK(ran.err == "error: " + flag +
                         ": JSON has rows of engines and families alone; take --output table or "
                         "markdown, or leave it out\n");
  }
}

TEST_CASE("EvalCommand: a family or an engine named twice, or with its group, counts once") {
  const auto eval = [](const std::vector<std::string>& families,
                       const std::vector<std::string>& engines) {
    std::vector<std::string> arguments = {"--seeds", "1", "--days", "1"};
    for (const auto& family : families) arguments.insert(arguments.end(), {"--family", family});
    for (const auto& engine : engines) arguments.insert(arguments.end(), {"--engine", engine});
    const auto ran = Run(&EvalCommand, arguments, "");
    CHECK(ran.status == 0);
    return ran.out;
  };
  const auto once = eval({"flat"}, {"krr"});
  CHECK(once.find("1 families x 1 seeds") != std::string::npos);
  CHECK(eval({"flat", "flat"}, {"krr"}) == once);
  CHECK(eval({"flat"}, {"krr", "krr"}) == once);
  CHECK(eval({"unseen", "tenants"}, {"krr"}) == eval({"unseen"}, {"krr"}));
}

TEST_CASE("EvalCommand: a word that belongs to no option is an error") {
  const auto ran = Run(&EvalCommand, {"flat", "--seeds", "1"}, "");
  CHECK(ran.status == kBadArguments);
  CHECK(ran.err == "error: 'flat' belongs to no option; --help lists the options\n");
}

TEST_CASE("EvalCommand: a number out of its range is an error with flag, value and range") {
  const auto error = [](const std::string& argument) {
    const auto ran = Run(&EvalCommand, {"--family", "flat", argument}, "");
    CHECK(ran.status == kBadArguments);
    return ran.err;
  };
  CHECK(error("--loss=2") == "error: --loss: '2' is not a number between 0 and 1\n");
  CHECK(error("--loss=nan") == "error: --loss: 'nan' is not a number between 0 and 1\n");
  CHECK(error("--loss=-0.1").starts_with("error: --loss: '-0.1' is not "));
  CHECK(error("--deferred=1.01").starts_with("error: --deferred: '1.01' is not "));
  CHECK(error("--jobs=0") == "error: --jobs: '0' is not a whole number between 1 and 1024\n");
  CHECK(error("--jobs=-1").starts_with("error: --jobs: '-1' is not "));
  CHECK(error("--first-seed=-1") ==
        "error: --first-seed: '-1' is not a whole number between 0 and 4294967295\n");
  CHECK(error("--seeds=0") == "error: --seeds: '0' is not a whole number between 1 and 1000\n");
  CHECK(error("--seeds=99999999999").starts_with("error: --seeds: '99999999999' is not "));
  CHECK(error("--seeds=2.5").starts_with("error: --seeds: '2.5' is not a whole number"));
  CHECK(error("--days=401") == "error: --days: '401' is not a whole number between 1 and 400\n");
  CHECK(error("--days=two").starts_with("error: --days: 'two' is not "));
}

TEST_CASE("EvalCommand: a family that is not there is an error that names the flag and lists all") {
  const auto ran = Eval("nonesuch");
  CHECK(ran.status == kBadArguments);
  CHECK(ran.err.find("--family") != std::string::npos);
  CHECK(ran.err.find("web-weekday") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli
