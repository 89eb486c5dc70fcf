// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/policy_file.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sstream>

#include "tests/operator/cli/scratch_file.h"

namespace plimsoll::cli {
namespace {

using namespace literals;

// What is wrong with the file, without its name.
std::string Problem(const std::string& text) {
  const ScratchFile file(text);
  const auto policy = ReadPolicy(file.path());
  if (policy) return "";
  const std::string& message = policy.error().message();
  REQUIRE(message.starts_with(file.path() + ": "));
  return message.substr(file.path().size() + 2);
}

std::string Notes(const PolicyFile& policy) {
  std::ostringstream notes;
  policy.WriteNotes(notes);
  return notes.str();
}

TEST_CASE("PolicyFile: each container has its own entry, the others '*', as in the cluster") {
  const ScratchFile file(PolicyText(
      "[{name: '*', minAllowed: {memory: 64Mi}}, {name: web, maxAllowed: {memory: 1Gi}}, "
      "{name: proxy, controlled: None}]",
      "  objective: Savings\n  learning: {minimumSeconds: 3600}\n"));
  auto policy = ReadPolicy(file.path());
  REQUIRE(policy.has_value());
  for (const char* name : {"web", "shop/web", "n/shop/web"}) {
    CAPTURE(name);
    const model::Policy web = policy->For(name);
    CHECK(web.max_allowed == 1_GiB);
    CHECK_FALSE(web.min_allowed.has_value());  // of '*', which is not this one's
    CHECK(web.objective == model::Objective::kSavings);
    CHECK(web.minimum_observation == std::chrono::hours(1));
  }
  for (const char* name : {"shop", "web/shop", "web-1", "", "web/"}) {
    CAPTURE(name);
    CHECK(policy->For(name).min_allowed == 64_MiB);
    CHECK_FALSE(policy->For(name).max_allowed.has_value());
  }
  CHECK(policy->For("a/proxy").controlled == model::Controlled::kNone);
}

TEST_CASE("PolicyFile: what a run did not play is told, and nothing where all was played") {
  const ScratchFile file(PolicyText(
      "[{name: '*'}, {name: web}, {name: app}, {name: proxy, controlled: None}]", "  mode: Off\n"));
  auto policy = ReadPolicy(file.path());
  REQUIRE(policy.has_value());
  for (const char* name : {"a/web", "a/proxy", "b/proxy"}) (void)policy->For(name);
  CHECK(Notes(*policy) ==
        "note: " + file.path() +
            ": spec.mode: under Off the operator advises nothing, unless a workload's label says "
            "otherwise; here modes are not played, and the numbers are those of Recommend and "
            "AutoPatch\nnote: " +
            file.path() +
            ": spec.containers: controlled: None leaves alone 2 containers ('a/proxy' first), as "
            "the operator does: there is no advice, and a replay under lease goes on with what it "
            "began with\nnote: " +
            file.path() +
            ": spec.containers: no container came that is named 'app'; an entry is for the name "
            "behind the last '/', as 'web' of 'shop/web'\n");

  const ScratchFile plain(PolicyText("[{name: '*'}, {name: web}]", "  mode: AutoPatch\n"));
  auto played = ReadPolicy(plain.path());
  REQUIRE(played.has_value());
  (void)played->For("web");
  CHECK(Notes(*played) == "");
}

TEST_CASE("PolicyFile: a key given twice is an error, at any depth and in either style") {
  CHECK(Problem(PolicyText("[]", "  objective: Savings\n  objective: Reliability\n")) ==
        "line 8: spec.objective: given twice, first in line 7; keep one");
  CHECK(Problem(PolicyText("[{name: '*', minAllowed: {memory: 64Mi, memory: 1Gi}}]")) ==
        "line 6: spec.containers[0].minAllowed.memory: given twice, first in line 6; keep one");
  CHECK(Problem(PolicyText("[]", "  containers: []\n")) ==
        "line 7: spec.containers: given twice, first in line 6; keep one");
  CHECK(Problem(PolicyText("[]", "kind: MemoryPolicy\n")) ==
        "line 7: kind: given twice, first in line 2; keep one");
  CHECK(Problem(PolicyText("[{name: a}, {name: b}]")) == "");  // once in each
}

TEST_CASE("PolicyFile: of two documents neither is taken; empty ones are passed over") {
  const std::string one = PolicyText("[]");
  CHECK(Problem(one + "---\n" + one) ==
        "line 8: a second document, and only one can be meant; keep it or the first, which begins "
        "in line 1");
  CHECK(Problem("---\n" + one + "---\n# nothing more\n") == "");
  CHECK(Problem("") == "line 1: there is no document; write one MemoryPolicy");
  CHECK(Problem("# a remark\n") == "line 1: there is no document; write one MemoryPolicy");
}

TEST_CASE("PolicyFile: what is no MemoryPolicy of this version is not read as one") {
  const std::string body = "spec: {targetSelector: {}}\n";
  CHECK(Problem("apiVersion: plimsoll.dev/v1\nkind: MemoryPolicy\n" + body) ==
        "line 1: apiVersion: must be plimsoll.dev/v1alpha1");
  CHECK(Problem("apiVersion: plimsoll.dev/v1alpha1\nkind: VerticalPodAutoscaler\n" + body) ==
        "line 2: kind: must be MemoryPolicy");
  CHECK(Problem("apiVersion: plimsoll.dev/v1alpha1\n" + body) ==
        "line 1: kind: missing; write kind: MemoryPolicy");
  CHECK(Problem("kind: MemoryPolicy\n" + body) ==
        "line 1: apiVersion: missing; write apiVersion: plimsoll.dev/v1alpha1");
  CHECK(Problem("- 1\n").starts_with("line 1: this is no MemoryPolicy; "));
  CHECK(Problem("{a: [b}\n").find("error at line 1") != std::string::npos);
}

TEST_CASE("PolicyFile: two entries for a container, and bounds the wrong way round, are errors") {
  CHECK(Problem(PolicyText("\n  - name: web\n  - name: '*'\n  - name: web")) ==
        "line 9: spec.containers[2].name: 'web' is listed twice; keep one entry");
  CHECK(Problem(PolicyText(
            "\n  - name: web\n    minAllowed: {memory: 2Gi}\n    maxAllowed: {memory: 1Gi}")) ==
        "line 7: spec.containers[0]: minAllowed.memory must not be above maxAllowed.memory; lower "
        "the one or raise the other");
}

TEST_CASE("PolicyFile: windows are checked as in the cluster, each mistake with its line") {
  const auto second = [](const std::string& window) {
    return Problem(PolicyText(
        "[]", "  autoPatch:\n    windows:\n    - {start: 09:30, end: 16:00}\n    - " + window));
  };
  CHECK(second("{days: [Sat], start: '22:00', end: 06:00, timeZone: Europe/Berlin}") == "");
  CHECK(second("{start: 9:30, end: 16:00}") ==
        "line 10: spec.autoPatch.windows[1].start: '9:30' is no time of day; write one such as "
        "\"09:00\", from 00:00 to 23:59");
  CHECK(second("{start: 09:30, end: 16:00, timeZone: Berlin}")
            .starts_with("line 10: spec.autoPatch.windows[1].timeZone: 'Berlin' is no time zone"));
  CHECK(second("{start: 09:30, until: 16:00}") ==
        "line 10: spec.autoPatch.windows[].until: there is no such field; there are days, end, "
        "start, timeZone");
}

TEST_CASE("PolicyFile: nesting without end is an error, not the end of the program") {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{a: ";
  CHECK(Problem(PolicyText(deep + "1" + std::string(40, '}'))).find("deeper than 32 levels") !=
        std::string::npos);
}

TEST_CASE("PolicyFile: aliases are taken, but not as many as would never be read to the end") {
  const std::string shared = "metadata: {name: p, annotations: {a: &a 64Mi}}\n";
  const std::string head = "apiVersion: plimsoll.dev/v1alpha1\nkind: MemoryPolicy\n";
  const std::string body =
      "spec: {targetSelector: {}, containers: [{name: a, minAllowed: {memory: ";
  CHECK(Problem(head + shared + body + "*a}}]}\n") == "");

  // Ten of ten of ten ...: 10^10 values in 600 bytes.
  std::string bomb = head + "metadata:\n  annotations:\n    a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += fmt::format("    a{0}: &a{0} [*a{1}", i, i - 1);
    for (int j = 1; j < 10; ++j) bomb += fmt::format(",*a{}", i - 1);
    bomb += "]\n";
  }
  const std::string problem = Problem(bomb + "spec: {targetSelector: {}}\n");
  CHECK(problem.starts_with("line 5: metadata.annotations.a4["));
  CHECK(
      problem.ends_with("]: more than 4 MiB up to here, with each alias (*name) replaced by what "
                        "it stands for; use fewer of them"));

  // One long value ten thousand times, and a list within itself.
  std::string copies =
      head + "metadata: {annotations: {a: &a " + std::string(100'000, 'x') + "}}\n";
  copies += "status: [*a";
  for (int i = 1; i < 10'000; ++i) copies += ",*a";
  CHECK(Problem(copies + "]\n").find("more than 4 MiB") != std::string::npos);
  CHECK(Problem(head + "status: &s [x,*s,*s]\n").starts_with("line 3: status["));
}

TEST_CASE("PolicyFile: the longest file without aliases is not too large") {
  std::string text = "\n";
  for (int i = 0; text.size() < 250'000; ++i) {
    text += fmt::format("  - {{name: c{}, minAllowed: {{memory: 1Mi}}}}\n", i);
  }
  CHECK(Problem(PolicyText(text)).find("4 MiB") == std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli
