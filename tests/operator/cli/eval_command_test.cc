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

TEST_CASE("EvalCommand: a family that is not there is an error that names the flag and lists all") {
  const auto ran = Eval("nonesuch");
  CHECK(ran.status == kBadArguments);
  CHECK(ran.err.find("--family") != std::string::npos);
  CHECK(ran.err.find("web-weekday") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli
