// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/advise_command.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/operator/cli/run_command.h"

namespace plimsoll::cli {
namespace {

constexpr std::int64_t kStart = 1'790'000'000;

// Digests of `days` days at `bytes`, one every five minutes.
std::string Flat(const std::string& container, int days, long long bytes) {
  std::string text;
  for (int i = 0; i < days * 288; ++i) {
    text += R"({"time":)" + std::to_string(kStart + i * 300) + R"(,"container":")" + container +
            R"(","event":"digest","hard_peak":)" + std::to_string(bytes) + R"(,"working_set":)" +
            std::to_string(bytes) + ",\"window_seconds\":300,\"unknown\":[1,{}]}\n";
  }
  return text;
}

std::string Ask(const std::string& container, int days) {
  return R"({"time":)" + std::to_string(kStart + days * 86400) +
         (container.empty() ? "" : R"(,"container":")" + container + "\"") +
         R"(,"event":"advise"})" + "\n";
}

std::vector<nlohmann::json> Answers(const Ran& ran) {
  std::vector<nlohmann::json> answers;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) answers.push_back(nlohmann::json::parse(line));
  return answers;
}

TEST_CASE("advise: a flat load gets a limit above it and a request below the limit") {
  const auto ran = Run(AdviseCommand, {"-"}, Flat("a/b", 8, 200 << 20) + Ask("a/b", 8));
  CHECK(ran.status == 0);
  const auto answers = Answers(ran);
  REQUIRE(answers.size() == 1);
  const auto& answer = answers[0];
  CHECK(answer["container"] == "a/b");
  CHECK(answer["time"] == "2026-09-29T14:13:20Z");
  CHECK(answer["limit"].get<std::int64_t>() > (200 << 20));
  CHECK(answer["limit"].get<std::int64_t>() < (260 << 20));
  CHECK(answer["request"].get<std::int64_t>() <= answer["limit"].get<std::int64_t>());
  CHECK(answer["request"].get<std::int64_t>() >= (200 << 20));
  CHECK(answer["confidence"].get<double>() > 0);
  CHECK(answer["explanation"].size() > 3);
}

TEST_CASE("advise: without a name all containers are answered, and no data is null, never zero") {
  const auto ran =
      Run(AdviseCommand, {"-"},
          Flat("a", 1, 100 << 20) + Flat("b", 1, 300 << 20) + Ask("", 1) + Ask("nobody", 1));
  const auto answers = Answers(ran);
  REQUIRE(answers.size() == 3);
  CHECK(answers[0]["container"] == "a");
  CHECK(answers[1]["container"] == "b");
  CHECK(answers[2]["limit"].is_null());
  CHECK(answers[2]["verdict"] == "InsufficientData");
}

TEST_CASE("advise: a kill raises the limit over the one that killed") {
  const std::string kill =
      R"({"time":)" + std::to_string(kStart + 86400) +
      R"(,"container":"a","event":"oom","kind":"ContainerOom","limit":209715200,"peak":209715200})"
      "\n";
  const auto ran = Run(AdviseCommand, {"-"}, Flat("a", 1, 150 << 20) + kill + Ask("a", 1));
  const auto answers = Answers(ran);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0]["limit"].get<std::int64_t>() > 300'000'000);
}

TEST_CASE("advise: of an option given twice the last counts, and none is empty") {
  CHECK(Run(AdviseCommand, {"-", "--shape=other", "--shape=equal"}, "").status == 0);
  const Ran empty = Run(AdviseCommand, {"-", "--shape=equal", "--policy="}, "");
  CHECK(empty.status == kBadArguments);
  CHECK(empty.err.starts_with("error: --policy is empty; give it a value or leave it out"));
}

TEST_CASE("advise: equal shape gives one number, a policy bounds it") {
  const std::string path = std::filesystem::temp_directory_path() /
                           ("plimsoll-policy-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << "apiVersion: plimsoll.dev/v1alpha1\nkind: MemoryPolicy\n"
                         "metadata: {name: p, namespace: n}\nspec:\n  targetSelector: {}\n"
                         "  containers: [{name: '*', minAllowed: {memory: 512Mi}}]\n";
  const auto ran = Run(AdviseCommand, {"--shape", "equal", "--policy", path, "-"},
                       Flat("a", 3, 200 << 20) + Ask("a", 3));
  std::remove(path.c_str());
  CHECK(ran.err == "");
  const auto answers = Answers(ran);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0]["limit"] == 512 << 20);
  CHECK(answers[0]["request"] == 512 << 20);
}

TEST_CASE("advise: a policy's misspelled field or impossible amount is told with file and field") {
  const std::string path = std::filesystem::temp_directory_path() /
                           ("plimsoll-slip-" + std::to_string(::getpid()) + ".yaml");
  const auto error = [&](const std::string& container) {
    std::ofstream(path) << "apiVersion: plimsoll.dev/v1alpha1\nkind: MemoryPolicy\n"
                           "metadata: {name: p, namespace: n, labels: {any: thing}}\nspec:\n"
                           "  targetSelector: {matchLabels: {any: thing}}\n"
                           "  containers:\n  - name: '*'\n    " +
                               container + "\n";
    auto ran = Run(AdviseCommand, {"--policy", path, "-"}, Flat("a", 3, 200 << 20) + Ask("a", 3));
    std::remove(path.c_str());
    return ran.err;
  };
  CHECK(error("minAllowed: {memory: 512Mi}") == "");
  CHECK(error("minAllowd: {memory: 512Mi}")
            .find(path + ": line 8: spec.containers[].minAllowd: there is no such field; there "
                         "are controlled, maxAllowed, minAllowed, name") != std::string::npos);
  CHECK(error("minAllowed: {memroy: 512Mi}").find("line 8: spec.containers[].minAllowed.memroy") !=
        std::string::npos);
  CHECK(error("minAllowed: {memory: -5}")
            .find(path + ": spec.containers[0].minAllowed.memory: must be an amount from 8Mi") !=
        std::string::npos);
}

TEST_CASE("advise: VPA answers by its own rules from the working set") {
  const auto ran =
      Run(AdviseCommand, {"--engine", "vpa", "-"}, Flat("a", 8, 500 << 20) + Ask("a", 8));
  const auto answers = Answers(ran);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0]["limit"].get<double>() / (1 << 20) == doctest::Approx(599.6).epsilon(0.001));
}

TEST_CASE(
    "advise: what is wrong is told with line, field and remedy, and what came before is answered") {
  const auto error = [](const std::string& line) {
    return Run(AdviseCommand, {"-"}, Flat("a", 1, 100 << 20) + line + "\n").err;
  };
  CHECK(error(R"({"time":1,"container":"a","event":"dig"})") ==
        "error: standard input:289: event: 'dig' is none of digest, oom, start, runtime, advise\n");
  CHECK(error(R"({"time":1,"container":"a","event":"digest","hard_peak":-5})")
            .find("289: hard_peak") != std::string::npos);
  CHECK(error(R"({"time":1,"container":"a","event":"digest","hard_peak":"x"})")
            .find("289: hard_peak") != std::string::npos);
  CHECK(error(R"({"time":1,"container":"a","event":"digest"})").find("hard_peak or working_set") !=
        std::string::npos);
  CHECK(error(R"({"time":1,"event":"digest","hard_peak":1})").find("container: missing") !=
        std::string::npos);
  CHECK(error(R"({"container":"a","event":"digest","hard_peak":1})").find("time: missing") !=
        std::string::npos);
  CHECK(error(R"({"time":1790000000000,"container":"a","event":"start"})").find("divide by 1000") !=
        std::string::npos);
  CHECK(error(R"({"time":1,"container":"a","event":"oom","kind":"Boom"})").find("ContainerOom") !=
        std::string::npos);
  CHECK(error("{").find("289: line: not a JSON object") != std::string::npos);
  CHECK(error("[]").find("289: line: not a JSON object") != std::string::npos);
  CHECK(error(R"({"time":1,"event":"advise"} {})").find("more than one JSON value") !=
        std::string::npos);
  CHECK(error(std::string(3 << 20, ' ') + "x").find("longer than 1 MiB") != std::string::npos);
  const auto ran = Run(AdviseCommand, {"-"}, Flat("a", 1, 100 << 20) + Ask("a", 1) + "oops\n");
  CHECK(ran.status == kBadData);
  CHECK(Answers(ran).size() == 1);
  CHECK(Run(AdviseCommand, {}, "").status == kBadArguments);
  CHECK(Run(AdviseCommand, {"-", "--shape", "round"}, "").err.find("neither split nor equal") !=
        std::string::npos);
  CHECK(Run(AdviseCommand, {"-", "--guarded", "-1"}, "").status == kBadArguments);
}

}  // namespace
}  // namespace plimsoll::cli
