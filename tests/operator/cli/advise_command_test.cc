// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/advise_command.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/operator/cli/run_command.h"
#include "tests/operator/cli/scratch_file.h"

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

TEST_CASE("advise: any name comes back as it was given") {
  for (const std::string name : {R"(a\"b\\c)", R"(tab\tor\u0001)", R"(caf\u00e9)", "caf\xc3\xa9"}) {
    const auto ran = Run(AdviseCommand, {"-"}, Flat(name, 1, 100 << 20) + Ask(name, 1));
    const auto answers = Answers(ran);
    REQUIRE(answers.size() == 1);
    CHECK(answers[0]["container"] == nlohmann::json::parse("\"" + name + "\""));
    CHECK(answers[0]["limit"].get<std::int64_t>() > 100 << 20);
  }
}

TEST_CASE("advise: events of many containers find their own, whatever the order") {
  std::string events;
  for (const char* order : {"abc", "cab", "aabbcc", "bca"}) {
    for (const char* c = order; *c != 0; ++c)
      events += Flat(std::string(1, *c), 1, (100LL + (*c - 'a') * 100) << 20);
  }
  const auto answers = Answers(Run(AdviseCommand, {"-"}, events + Ask("", 1)));
  REQUIRE(answers.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto mib = static_cast<std::int64_t>(100 + i * 100);
    CHECK(answers[i]["container"] == std::string(1, static_cast<char>('a' + i)));
    CHECK(answers[i]["limit"].get<std::int64_t>() > mib << 20);
    CHECK(answers[i]["limit"].get<std::int64_t>() < (mib * 2) << 20);
  }
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

TEST_CASE("advise: the limit at a kill in the pod's slice is not the container's") {
  const auto answer = [](const std::string& limit) {
    const std::string at =
        R"({"time":)" + std::to_string(kStart + 8 * 86400) + R"(,"container":"a")";
    const std::string events = Flat("a", 8, 150 << 20) + at +
                               R"(,"event":"digest","hard_peak":157286400,"limit":178257920})" +
                               "\n" +  // 170 MiB
                               at + R"(,"event":"oom","kind":"PodSliceOom")" + limit + "}\n";
    const auto answers = Answers(Run(AdviseCommand, {"-"}, events + Ask("a", 8)));
    REQUIRE(answers.size() == 1);
    return answers[0];
  };
  CHECK(answer(R"(,"limit":1073741824)") == answer(""));
}

TEST_CASE("advise: a kill that tells no limit was at the one the digests told") {
  constexpr long long kLimit = 200LL << 20;
  const auto limit = [](const std::string& more) {
    std::string events = Flat("a", 1, 150 << 20);
    events += R"({"time":)" + std::to_string(kStart + 86400) +
              R"(,"container":"a","event":"digest","hard_peak":157286400,"limit":)" +
              std::to_string(kLimit) + "}\n";
    if (!more.empty()) {
      events += R"({"time":)" + std::to_string(kStart + 86400) +
                R"(,"container":"a","event":"oom")" + more + "}\n";
    }
    const auto answers = Answers(Run(AdviseCommand, {"-"}, events + Ask("a", 1)));
    REQUIRE(answers.size() == 1);
    return answers[0].at("limit").get<std::int64_t>();
  };
  const std::string told = ",\"limit\":" + std::to_string(kLimit);
  const std::string kill = R"(,"kind":"ContainerOom")";
  CHECK(limit(kill) == limit(kill + told));
  CHECK(limit(kill) > kLimit);
  CHECK(limit(R"(,"kind":"ChildOom")") == limit(kill));
  CHECK(limit(kill + R"(,"peak":104857600)") == limit(kill));
  CHECK(limit(R"(,"kind":"Evicted")") == limit(""));  // not at this container's limit
  // It held more by then than that limit allows: what the kill refutes is the peak.
  CHECK(limit(kill + R"(,"peak":314572800)") == limit(kill + R"(,"limit":314572800)"));
}

TEST_CASE("advise: times that run back or lie ahead are told once a container, and taken") {
  const auto digest = [](const std::string& container, const std::string& time) {
    return R"({"time":")" + time + R"(","container":")" + container +
           R"(","event":"digest","hard_peak":104857600})" + "\n";
  };
  const auto back =
      Run(AdviseCommand, {"-"},
          digest("a", "2026-01-02T00:00:00Z") + digest("b", "2026-01-01T00:00:00Z") +
              digest("a", "2026-01-01T23:55:00Z") + digest("a", "2026-01-01T23:50:00Z") +
              R"({"time":"2026-01-02T00:00:00Z","event":"advise"})" + "\n");
  CHECK(back.status == 0);
  CHECK(back.err ==
        "note: standard input:3: time: 2026-01-01T23:55:00Z of 'a' is before its event of "
        "2026-01-02T00:00:00Z; sort the events by time\n");
  CHECK(Answers(back).size() == 2);
  const auto ahead =
      Run(AdviseCommand, {"-"},
          digest("a", "2026-01-01T00:00:00Z") + digest("a", "2280-01-01T00:00:00Z") +
              digest("a", "2280-01-01T00:05:00Z") + digest("b", "2280-01-01T00:00:00Z"));
  CHECK(ahead.status == 0);
  CHECK(ahead.err ==
        "note: standard input:2: time: 2280-01-01T00:00:00Z of 'a' lies in the future; set the "
        "clock that stamps it (of milliseconds: divide by 1000)\n"
        "note: standard input:4: time: 2280-01-01T00:00:00Z of 'b' lies in the future; set the "
        "clock that stamps it (of milliseconds: divide by 1000)\n");
}

TEST_CASE("advise: a digest of a clock that was never set is told where it counts for nothing") {
  const auto run = [](const std::string& engine, const std::string& event) {
    const std::string rest =
        R"(,"container":"a","event":")" + event + R"(","hard_peak":104857600,"release":"v1"})";
    return Run(AdviseCommand, {"--engine", engine, "-"},
               R"({"time":0)" + rest + "\n" + R"({"time":59)" + rest + "\n" + R"({"time":60)" +
                   rest + "\n");
  };
  CHECK(run("lease", "digest").err ==
        "note: standard input:1: time: 1970-01-01T00:00:00Z of 'a' is that of a clock that was "
        "never set, and such a digest counts for nothing; set the clock that stamps it\n");
  CHECK(run("lease", "start").err == "");
  CHECK(run("autopilot-max", "digest").err == "");
}

TEST_CASE("advise: a byte order mark is passed over at the beginning, and nowhere else") {
  const std::string mark = "\xef\xbb\xbf";
  const std::string plain = Flat("a", 1, 100 << 20) + Ask("a", 1);
  const auto marked = Run(AdviseCommand, {"-"}, mark + plain);
  CHECK(marked.status == 0);
  CHECK(marked.out == Run(AdviseCommand, {"-"}, plain).out);
  CHECK(Run(AdviseCommand, {"-"}, mark + "\n" + plain).status == 0);
  CHECK(Run(AdviseCommand, {"-"}, "\n" + mark + plain).err.find("2: line: not a JSON object") !=
        std::string::npos);
}

TEST_CASE("advise: what a note repeats of the data cannot steer the terminal") {
  const std::string name = R"(\u001b[2Ja\u009b1m\u007f)";
  const auto ran = Run(AdviseCommand, {"-"}, Flat(name, 1, 1) + Flat(name, 1, 1));
  CHECK(ran.status == 0);
  CHECK(ran.err.find(" of '?[2Ja?1m?' is before ") != std::string::npos);
  const auto bad = Run(AdviseCommand, {"-"}, R"({"time":1,"container":"a","event":"\u001b[2J"})");
  CHECK(bad.err.find("event: '?[2J' is none of ") != std::string::npos);
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

TEST_CASE(
    "advise: each container is bounded by its own entry, and one that is left alone says so") {
  const ScratchFile policy(
      PolicyText("[{name: web, minAllowed: {memory: 512Mi}}, {name: '*', minAllowed: {memory: 1Gi}}"
                 ", {name: proxy, controlled: None}]"));
  const auto ran =
      Run(AdviseCommand, {"--policy", policy.path(), "-"},
          Flat("shop/web", 1, 200 << 20) + Flat("web", 1, 200 << 20) +
              Flat("shop/api", 1, 200 << 20) + Flat("shop/proxy", 1, 200 << 20) + Ask("", 1));
  CHECK(ran.status == 0);
  const auto answers = Answers(ran);
  REQUIRE(answers.size() == 4);  // by name: shop/api, shop/proxy, shop/web, web
  CHECK(answers[0]["limit"] == 1024 << 20);
  CHECK(answers[2]["limit"] == 512 << 20);
  CHECK(answers[3]["limit"] == 512 << 20);
  CHECK(answers[1]["limit"].is_null());
  CHECK(answers[1]["request"].is_null());
  CHECK(answers[1]["reasons"].dump() ==
        R"([{"code":"Excluded","message":"the policy leaves this container alone; remove its )"
        R"(controlled: None to get advice"}])");
  CHECK(ran.err.find("leaves alone 1 container ('shop/proxy' first)") != std::string::npos);
}

TEST_CASE("advise: a flag that means nothing to a rival is an error, not passed over") {
  const ScratchFile policy(PolicyText("[]"));
  const auto error = [](std::vector<std::string> arguments) {
    arguments.push_back("-");
    const Ran ran = Run(AdviseCommand, arguments, "");
    CHECK(ran.status == (ran.err.empty() ? 0 : kBadArguments));
    return ran.err;
  };
  CHECK(error({"--engine", "krr", "--policy", policy.path()}) ==
        "error: --policy: means nothing to krr; leave it out, or --engine lease\n");
  CHECK(error({"--engine", "vpa", "--guarded", "2"}) ==
        "error: --guarded: means nothing to vpa; leave it out, or --engine lease\n");
  CHECK(error({"--policy", policy.path(), "--guarded", "2"}) == "");
  CHECK(error({"--engine", "vpa"}) == "");
  CHECK(error({"--engine", "other", "--guarded", "2"}).starts_with("error: --engine: no engine "));
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
            .find(path + ": line 8: spec.containers[0].minAllowed.memory: must be an amount from "
                         "8Mi") != std::string::npos);
  CHECK(error("minAllowed: {memory: 2Gi}\n    maxAllowed: {memory: 1Gi}")
            .find(path + ": line 7: spec.containers[0]: minAllowed.memory must not be above") !=
        std::string::npos);
  CHECK(error("controlled: All").find(path + ": line 8: spec.containers[0].controlled: ") !=
        std::string::npos);
}

TEST_CASE("advise: a folder where a file is expected is told, not taken for an empty one") {
  const std::string folder = std::filesystem::temp_directory_path();
  const Ran policy = Run(AdviseCommand, {"--policy", folder, "-"}, "");
  CHECK(policy.status == kBadArguments);
  CHECK(policy.err == "error: " + folder + ": cannot be read; it must be a file, not a folder\n");
  std::ifstream in(folder);
  std::ostringstream out;
  std::ostringstream err;
  const std::vector<std::string> arguments = {"-"};
  CHECK(AdviseCommand(arguments, {in, out, err}) == kBadData);
  CHECK(err.str().starts_with("error: standard input:1: cannot be read: "));
}

TEST_CASE("advise: a request without a limit makes up no limit") {
  const auto limit = [](const std::string& more) {
    std::string events = Flat("a", 8, 200 << 20);
    events += R"({"time":)" + std::to_string(kStart + 8 * 86400) +
              R"(,"container":"a","event":"digest","hard_peak":209715200)" + more + "}\n";
    const auto answers = Answers(Run(AdviseCommand, {"-"}, events + Ask("a", 8)));
    REQUIRE(answers.size() == 1);
    return answers[0].at("limit").get<std::int64_t>();
  };
  const std::int64_t unbounded = limit("");
  const std::int64_t a_little_less = unbounded - (2 << 20);
  // A limit that hardly differs is kept; a request is none.
  CHECK(limit(",\"limit\":" + std::to_string(a_little_less)) == a_little_less);
  CHECK(limit(",\"request\":" + std::to_string(a_little_less)) == unbounded);
}

// A Go service of 100 MiB live heap under GOGC=100 whose container holds 300 MiB.
std::string GoDays(const std::string& extra) {
  std::string text;
  for (int i = 0; i < 2 * 288; ++i) {
    const std::string head =
        R"({"time":)" + std::to_string(kStart + i * 300) + R"(,"container":"a",)";
    const auto total = [i](long long step) { return std::to_string((i + 1) * step); };
    text += head + R"("event":"digest","hard_peak":314572800,"limit":1073741824})" + "\n";
    text += head + R"("event":"runtime","stats":{"runtime":"GO",)" + extra;
    text += R"("startTimeUnixNano":"1789999000000000000","limits":{"processors":2},)";
    text += R"("heap":{"live":"104857600","used":209715200,"free":0,"scanTotal":104857600},)";
    text += R"("allocation":{"runtimeTotal":220200960,"bytes_total":)" + total(3LL << 30) + "},";
    text += R"("gc":{"cycles_total":)" + total(30) + R"(,"cpu_seconds_total":)" + total(3);
    text += R"(},"not_ours":[1]}})"
            "\n";
  }
  return text;
}

TEST_CASE("advise: stats are AllocatorStats as JSON, and what the app accepts counts") {
  const auto advice = [](const std::string& extra) {
    const Ran ran = Run(AdviseCommand, {"-"}, GoDays(extra) + Ask("a", 2));
    CHECK(ran.err == "");
    const auto answers = Answers(ran);
    REQUIRE(answers.size() == 1);
    return answers[0].dump();
  };
  CHECK(advice(R"("accepts_tuning":true,)").find("RuntimeModel") != std::string::npos);
  CHECK(advice(R"("acceptsTuning":true,)") == advice(R"("accepts_tuning":true,)"));
  CHECK(advice("").find("RuntimeModel") == std::string::npos);
}

TEST_CASE("advise: stats that cannot be are told with line and field") {
  const auto error = [](const std::string& stats) {
    return Run(AdviseCommand, {"-"},
               R"({"time":1790000000,"container":"a","event":"runtime")" + stats + "}\n")
        .err;
  };
  const std::string started = R"("start_time_unix_nano":1789999000000000000)";
  CHECK(error(",\"stats\":{" + started + "}") == "");
  CHECK(error("").find("1: stats: missing") != std::string::npos);
  CHECK(error(R"(,"stats":5)").find("1: stats: must be an object") != std::string::npos);
  CHECK(error(R"(,"stats":{})").find("1: stats.start_time_unix_nano is missing") !=
        std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"heap":{"live":"much"}})")
            .find("1: stats.heap.live: ") != std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"heap":{"live":-1}})").find("1: stats.heap.live: ") !=
        std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"accepts_tuning":"perhaps"})")
            .find("1: stats.accepts_tuning: ") != std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"gc":{"cpu_seconds_total":"NaN"}})")
            .find("1: stats.gc.cpu_seconds_total ") != std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"heap":{"used":9223372036854775807}})")
            .find("1: stats.heap.used: above 8 TiB") != std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"heap":{"goal":9223372036854775807}})")
            .find("1: stats.heap.goal: above 8 TiB") != std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"heap":{"soft_limit":"9223372036854775807"}})") ==
        "error: standard input:1: stats.heap.soft_limit: above 8 TiB, which no container has; "
        "amounts are in bytes, and what has no bound (GOMEMLIMIT or GOGC off) is left out\n");
  // A counter: 1 GiB/s are 8 TiB within three hours.
  CHECK(error(",\"stats\":{" + started + R"(,"allocation":{"bytes_total":1e16}})") == "");
  CHECK(error(",\"stats\":{" + started + R"(,"allocation":{"bytes_total":9223372036854775808}})")
            .find("1: stats.allocation.bytes_total is above 2^63-1 bytes") != std::string::npos);
  CHECK(error(",\"stats\":{" + started + R"(,"sample_time_unix_nano":1790001000000000000})")
            .find("lies in the future") != std::string::npos);
}

TEST_CASE("advise: a Job's container is sized by its runs where it is told to be one") {
  // Runs of ten minutes every hour, of 100, 140, 180, ... MiB by turns; none today but a small one.
  const auto advice = [](const std::string& batch) {
    std::string text;
    for (int run = 0; run < 48; ++run) {
      const std::string time = std::to_string(kStart + run * 3600);
      const long long bytes = (100LL + 40 * (run % 4)) << 20;
      text += R"({"time":)" + time + R"(,"container":"a","event":"start")" + batch + "}\n";
      text += R"({"time":)" + std::to_string(kStart + run * 3600 + 300) +
              R"(,"container":"a","event":"digest","hard_peak":)" + std::to_string(bytes) + "}\n";
    }
    const auto answers = Answers(Run(AdviseCommand, {"-"}, text + Ask("a", 2)));
    REQUIRE(answers.size() == 1);
    return answers[0];
  };
  const auto job = advice(",\"batch\":true");
  CHECK(job.at("reasons").dump().find("BatchRuns") != std::string::npos);
  CHECK(job.at("limit").get<std::int64_t>() >= 220 << 20);
  CHECK(job.at("request").get<std::int64_t>() < 200 << 20);
  CHECK(advice(",\"batch\":false").at("reasons").dump().find("BatchRuns") == std::string::npos);
  CHECK(advice("").at("reasons").dump().find("BatchRuns") == std::string::npos);
  CHECK(Run(AdviseCommand, {"-"},
            R"({"time":1,"container":"a","event":"start","batch":1})"
            "\n")
            .err.find("batch: must be true or false") != std::string::npos);
}

TEST_CASE("advise: VPA answers by its own rules from the working set") {
  const auto ran =
      Run(AdviseCommand, {"--engine", "vpa", "-"}, Flat("a", 8, 500 << 20) + Ask("a", 8));
  const auto answers = Answers(ran);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0]["limit"].get<double>() / (1 << 20) == doctest::Approx(599.6).epsilon(0.001));
}

TEST_CASE("advise: a null has its reason, whichever engine misses which field") {
  const auto reason = [](const std::string& engine, const std::string& field) {
    const std::string digest = R"({"time":1790000000,"container":"a","event":"digest",")" + field +
                               R"(":104857600})" + "\n";
    const auto answers =
        Answers(Run(AdviseCommand, {"--engine", engine, "-"}, digest + Ask("a", 0)));
    REQUIRE(answers.size() == 1);
    CHECK(answers[0]["limit"].is_null());
    CHECK(answers[0]["request"].is_null());
    CHECK(answers[0]["verdict"] == "InsufficientData");
    REQUIRE(answers[0]["reasons"].size() >= 1);
    CHECK(answers[0]["reasons"].back()["code"] == "NoData");
    return answers[0]["reasons"].back()["message"].get<std::string>();
  };
  for (const char* engine : {"vpa", "vpa-nofloor", "krr", "crane"}) {
    CHECK(reason(engine, "hard_peak").ends_with("add working_set to the digests"));
  }
  CHECK(reason("krr", "working_set").starts_with("KRR answers from 100 working sets on"));
  CHECK(reason("lease", "working_set").ends_with("add hard_peak to them"));
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
  CHECK(error(R"({"time":1,"container":"a","event":"digest","hard_peak":9e12})")
            .find("289: hard_peak: 9e12 is not an amount between 0 and 8 TiB") !=
        std::string::npos);
  CHECK(error(R"({"time":1,"container":"a","event":"digest","hard_peak":9223372036854775808 })") ==
        "error: standard input:289: hard_peak: 9223372036854775808 is not an amount between 0 and "
        "8 TiB (8796093022208 bytes); leave out what is not known or has no bound\n");
  CHECK(error(R"({"time":1,"container":"a","event":"digest","hard_peak":1,"samples":-1})")
            .find("289: samples: -1 is not between 0 and 9.2e18") != std::string::npos);
  CHECK(error(R"({"time":1,"container":"a","event":"digest","hard_peak":1e999})")
            .find("289: hard_peak: ") != std::string::npos);
  CHECK(error(R"({"time":1,"container":"a","event":"oom","kind":"ContainerOom","limit":9e18})")
            .find("289: limit: 9e18 is not an amount between 0 and 8 TiB") != std::string::npos);
  CHECK(error(R"({"time":1,"container":"a","event":"oom","limit":5})") ==
        "error: standard input:289: kind: missing; an oom needs one of ContainerOom, ChildOom, "
        "PodSliceOom, NodeOom, Evicted, RuntimeOom\n");
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
  CHECK(Run(AdviseCommand, {"-", "--guarded", "3601"}, "").err ==
        "error: --guarded: '3601' is not a number between 0 and 3600\n");
  CHECK(Run(AdviseCommand, {"-", "--guarded=-1"}, "").status == kBadArguments);
}

}  // namespace
}  // namespace plimsoll::cli
