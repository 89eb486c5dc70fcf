// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/checkpoint/rollout_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "operator/api/memory_checkpoint.h"
#include "tests/operator/fleet/pods.h"

namespace plimsoll::checkpoint {
namespace {

using namespace std::chrono_literals;
using namespace plimsoll::literals;
using fleet::kNow;

Remembered Full() {
  Remembered remembered;
  rollout::Progress& progress = remembered.progress;
  progress.last_cut["app"] = {.time = kNow, .from = 512_MiB, .to = 436_MiB};
  progress.last_raise["app"] = kNow - 1h;
  progress.hold_until = kNow + 24h;
  progress.hold_length = 24h;
  rollout::PodProgress& pod = progress.pods["uid-a"];
  pod.patched = kNow;
  pod.cut = kNow - 1s;
  pod.refused = kNow - 2s;
  pod.refused_why = {"QuotaExceeded", "exceeded quota: team"};
  pod.rejected = kNow - 3s;
  pod.wrote["app"] = {1_MiB, 2_MiB};
  pod.tuned["app"] = {.instance = "c7",
                      .time = kNow - 4s,
                      .settings = {{"GOMEMLIMIT", 4.8e8}},
                      .unanswered = "no answer"};
  pod.tuned["sidecar"] = {.instance = "c8", .time = kNow, .refused = "GOGC is the user's own"};
  pod.unanswered.push_back({.step = {.intent = rollout::Intent::kShrink,
                                     .pod_uid = "uid-a",
                                     .pod_name = "web-0",
                                     .resizes = {{.container = "app",
                                                  .limit = 436_MiB,
                                                  .from_request = 32_MiB,
                                                  .from_limit = 512_MiB}}},
                            .sent = kNow - 5s});
  fleet::Kills& kills = remembered.kills["app"];
  kills.last = fleet::AKill("c/7", kNow, 64_MiB);
  kills.last_at_limit = rollout::OomSeen{.time = kNow, .limit = 64_MiB};
  kills.known.Add("uid-a/evicted", kNow - 3h);
  for (const char* id : {"b/1", "c/4", "c/5", "c/7", "d/3"}) kills.known.Add(id, kNow);
  return remembered;
}

TEST_CASE("Remembered: what is written comes back") {
  const auto read = ReadRemembered(WriteRemembered(Full()).text);

  REQUIRE(read);
  const rollout::Progress& progress = read->progress;
  CHECK(progress.last_cut.at("app").from == 512_MiB);
  CHECK(progress.last_raise.at("app") == kNow - 1h);
  CHECK(progress.hold_until == kNow + 24h);
  CHECK(progress.hold_length == Duration(24h));
  CHECK(progress.pods.at("uid-a").cut == kNow - 1s);
  CHECK(progress.pods.at("uid-a").wrote.at("app").limit == 2_MiB);
  CHECK(progress.pods.at("uid-a").refused_why.message == "exceeded quota: team");
  CHECK(progress.pods.at("uid-a").rejected == kNow - 3s);
  CHECK(progress.pods.at("uid-a").tuned.at("app").instance == "c7");
  CHECK(progress.pods.at("uid-a").tuned.at("app").time == kNow - 4s);
  CHECK(progress.pods.at("uid-a").tuned.at("app").settings.at("GOMEMLIMIT") == 4.8e8);
  CHECK(progress.pods.at("uid-a").tuned.at("app").unanswered == "no answer");
  CHECK(progress.pods.at("uid-a").tuned.at("sidecar").refused == "GOGC is the user's own");
  REQUIRE(progress.pods.at("uid-a").unanswered.size() == 1);
  const rollout::Unanswered& cut = progress.pods.at("uid-a").unanswered[0];
  CHECK(cut.sent == kNow - 5s);
  CHECK(cut.step.intent == rollout::Intent::kShrink);
  CHECK(cut.step.pod_uid == "uid-a");
  REQUIRE(cut.step.resizes.size() == 1);
  CHECK(cut.step.resizes[0].limit == 436_MiB);
  CHECK(cut.step.resizes[0].from_limit == 512_MiB);
  CHECK_FALSE(cut.step.resizes[0].request);
  CHECK(read->kills.at("app").last->id == "c/7");
  CHECK(read->kills.at("app").last_at_limit->limit == 64_MiB);
  const fleet::KnownKills& known = read->kills.at("app").known;
  CHECK(known.runs().size() == 5);
  CHECK(std::ranges::equal(known.runs(), Full().kills.at("app").known.runs()));
  CHECK(WriteRemembered(*read).text == WriteRemembered(Full()).text);
}

TEST_CASE("Remembered: nothing to remember is an empty text, and back") {
  CHECK(WriteRemembered({}).text.empty());
  CHECK(ReadRemembered("")->progress.pods.empty());
}

TEST_CASE("Remembered: a text of an older version, which knew less of a pod, is read") {
  const auto read =
      ReadRemembered(R"({"pods":{"uid-a":{"patched":1790000000000,"refused":1790000000000,)"
                     R"("wrote":{"app":{"limit":67108864}}}},"lastRaise":{"app":1790000000000}})");

  REQUIRE(read);
  const rollout::PodProgress& pod = read->progress.pods.at("uid-a");
  CHECK(pod.refused == TimePoint(Duration(1790000000000)));
  CHECK(pod.wrote.at("app").limit == 64_MiB);
  CHECK_FALSE(pod.rejected);
  CHECK(pod.refused_why.code.empty());
  CHECK(pod.tuned.empty());

  const auto killed =
      ReadRemembered(R"({"kills":{"app":{"last":{"id":"c/7","kind":0,"time":1790000000000}}}})");
  REQUIRE(killed);
  CHECK(killed->kills.at("app").last->id == "c/7");
  CHECK(killed->kills.at("app").known.runs().empty());
}

TEST_CASE("Remembered: a text of a newer version is read as far as it is understood") {
  const auto read = ReadRemembered(
      R"({"pods":{"uid-a":{"patched":1790000000000,"mood":"fine"}},"weather":[1,2]})");

  REQUIRE(read);
  CHECK(read->progress.pods.at("uid-a").patched);
}

TEST_CASE("Remembered: of known kills those are read that make sense") {
  const auto read = ReadRemembered(
      R"({"kills":{"app":{"known":[[29833333,"7f 80:2-9 ?5 81:x 82:9-2 83:1-2-3 :5 0:0-4 "],)"
      R"([29833334,"99999999999 84:0 85:99999999999999999999"]]}}})");

  REQUIRE(read);
  using Run = fleet::KnownKills::Run;
  CHECK(std::ranges::equal(
      read->kills.at("app").known.runs(),
      std::vector<Run>{{29833333, 0x7f, 1, 1}, {29833333, 0x80, 2, 9}, {29833334, 0x84, 0, 0}}));
}

// Kills of so many containers in each container of a pod; an hour's, all at most.
Remembered ManyKilled(int containers, int owners) {
  Remembered remembered = Full();
  for (int container = 0; container < containers; ++container) {
    fleet::Kills& kills = remembered.kills["app-" + std::to_string(container)];
    kills.last = fleet::AKill(std::string(64, 'c') + "/7", kNow, 64_MiB);
    for (int owner = 0; owner < owners; ++owner) {
      kills.known.Add(std::to_string(owner) + "/1", kNow - std::chrono::seconds(owners - owner));
    }
  }
  return remembered;
}

TEST_CASE("Remembered: known kills keep their part of the text, the newest first") {
  Remembered remembered = ManyKilled(1, 2000);
  for (int i = 0; i < 64; ++i) {
    rollout::PodProgress& pod = remembered.progress.pods["uid-" + std::to_string(i)];
    pod.refused = kNow;
    pod.refused_why = {"QuotaExceeded", std::string(256, 'x')};
  }
  const std::string text = WriteRemembered(remembered).text;
  CHECK(text.size() <= api::kMaxRolloutText);
  const auto read = ReadRemembered(text);
  REQUIRE(read);
  const fleet::KnownKills& known = read->kills.at("app-0").known;
  CHECK(known.Contains("1999/1"));
  CHECK_FALSE(known.Contains("0/1"));
  CHECK(known.runs().size() > 400);
  CHECK(read->progress.pods.size() > 15);
  CHECK(WriteRemembered(*read).text == text);
}

TEST_CASE("Remembered: the known kills of very many containers give way to all the rest") {
  for (const int containers : {16, 32, 60}) {
    CAPTURE(containers);
    const std::string text = WriteRemembered(ManyKilled(containers, 300)).text;
    CHECK(text.size() <= api::kMaxRolloutText);
    const auto read = ReadRemembered(text);
    REQUIRE(read);
    CHECK(read->kills.size() == static_cast<std::size_t>(containers) + 1);
    CHECK(read->kills.at("app-0").last->id.ends_with("/7"));
    CHECK(read->kills.at("app-0").known.Contains("299/1") == (containers < 60));
  }
}

TEST_CASE("Remembered: of many pods those with a step on its way are kept") {
  Remembered remembered = Full();
  const rollout::PodProgress intended = remembered.progress.pods.at("uid-a");
  REQUIRE_FALSE(intended.unanswered.empty());
  for (int i = 0; i < 100; ++i) {
    remembered.progress.pods["uid-" + std::to_string(i)].patched = kNow;
  }
  remembered.progress.pods["uid-new"].unanswered = intended.unanswered;  // never patched before

  const auto read = ReadRemembered(WriteRemembered(remembered).text);
  REQUIRE(read);
  CHECK(read->progress.pods.size() == 64);
  REQUIRE(read->progress.pods.contains("uid-new"));
  CHECK(read->progress.pods.at("uid-new").unanswered.size() == 1);
}

TEST_CASE("Remembered: of many pods those cut or refused are kept before those only patched") {
  Remembered remembered;
  for (int i = 0; i < 100; ++i) {
    remembered.progress.pods["uid-" + std::to_string(i)].patched = kNow;
  }
  remembered.progress.pods["uid-refused"].refused = kNow - 1h;
  remembered.progress.pods["uid-rejected"].rejected = kNow - 2h;
  remembered.progress.pods["uid-cut"].cut = kNow - 3h;
  const RememberedText some = WriteRemembered(remembered);
  const auto read = ReadRemembered(some.text);
  REQUIRE(read);
  CHECK(read->progress.pods.size() == 64);
  for (const char* uid : {"uid-refused", "uid-rejected", "uid-cut"}) {
    CHECK(read->progress.pods.contains(uid));
  }
  CHECK(some.pods_left_out == 0);  // of the others nothing is lost that matters

  for (int i = 0; i < 70; ++i) {
    remembered.progress.pods["uid-" + std::to_string(i)].refused = kNow - 4h;
  }
  CHECK(WriteRemembered(remembered).pods_left_out == 9);
}

TEST_CASE("Remembered: a text that is too long loses no more pods than it has to") {
  Remembered remembered;
  for (int i = 0; i < 64; ++i) {
    rollout::PodProgress& pod = remembered.progress.pods["uid-" + std::to_string(i)];
    pod.refused = kNow - std::chrono::minutes(i);
    pod.refused_why = {"QuotaExceeded", std::string(256, 'x')};
  }
  const RememberedText written = WriteRemembered(remembered);
  const auto read = ReadRemembered(written.text);
  REQUIRE(read);
  const std::size_t kept = read->progress.pods.size();
  CHECK(written.text.size() <= api::kMaxRolloutText);
  CHECK(written.text.size() > api::kMaxRolloutText * 3 / 4);
  CHECK(written.pods_left_out == 64 - kept);
  CHECK(read->progress.pods.contains("uid-0"));
}

TEST_CASE("Remembered: a refusal's long text is cut, not the memory of other pods") {
  Remembered remembered = Full();
  remembered.progress.pods["uid-a"].refused_why.message = std::string(100'000, 'x');

  const auto read = ReadRemembered(WriteRemembered(remembered).text);

  REQUIRE(read);
  CHECK(read->progress.pods.at("uid-a").refused_why.message.size() == 256);
}

TEST_CASE("Remembered: a server's text is cut at a character, never within one") {
  Remembered remembered = Full();
  // 1 byte and then 2 each: the 256th falls into a character.
  std::string text = "x";
  for (int i = 0; i < 200; ++i) text += "\xc3\xa9";
  remembered.progress.pods["uid-a"].refused_why.message = text;

  const auto read = ReadRemembered(WriteRemembered(remembered).text);

  REQUIRE(read);
  CHECK(read->progress.pods.at("uid-a").refused_why.message.starts_with("x\xc3\xa9"));
  CHECK(read->progress.pods.at("uid-a").refused_why.message.ends_with("\xc3\xa9..."));
  CHECK(read->progress.pods.at("uid-a").refused_why.message.size() <= 256);
}

TEST_CASE("Remembered: a thousand pods fit, the latest patched are kept") {
  Remembered remembered = Full();
  for (int i = 0; i < 1000; ++i) {
    remembered.progress.pods["uid-" + std::to_string(i)].patched =
        kNow - std::chrono::minutes(i + 1);
  }

  const std::string text = WriteRemembered(remembered).text;

  CHECK(text.size() <= api::kMaxRolloutText);
  const auto read = ReadRemembered(text);
  REQUIRE(read);
  CHECK(read->progress.pods.contains("uid-a"));
  CHECK_FALSE(read->progress.pods.contains("uid-999"));
  CHECK(read->progress.last_cut.contains("app"));
}

TEST_CASE("Remembered: broken texts are errors that name the field, wrong types too") {
  for (const char* text :
       {"{", "[1,2]", R"({"lastRaise":{"app":"noon"}})", R"({"pods":{"u":{"tuned":{"app":{}}}}})",
        R"({"pods":{"u":{"refusedWhy":"no"}}})", R"({"pods":7})",
        R"({"kills":{"app":{"known":"7f"}}})", R"({"kills":{"app":{"known":[[1]]}}})"}) {
    CAPTURE(text);
    const auto read = ReadRemembered(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == ErrorCode::kInvalid);
    CHECK(read.error().message().find("status.rollout") != std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::checkpoint
