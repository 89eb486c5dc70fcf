// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/checkpoint/rollout_text.h"

#include <doctest/doctest.h>

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
  pod.wrote["app"] = {1_MiB, 2_MiB};
  fleet::Kills& kills = remembered.kills["app"];
  kills.last = fleet::AKill("c/7", kNow, 64_MiB);
  kills.last_at_limit = rollout::OomSeen{.time = kNow, .limit = 64_MiB};
  return remembered;
}

TEST_CASE("Remembered: what is written comes back") {
  const auto read = ReadRemembered(WriteRemembered(Full()));

  REQUIRE(read);
  const rollout::Progress& progress = read->progress;
  CHECK(progress.last_cut.at("app").from == 512_MiB);
  CHECK(progress.last_raise.at("app") == kNow - 1h);
  CHECK(progress.hold_until == kNow + 24h);
  CHECK(progress.hold_length == Duration(24h));
  CHECK(progress.pods.at("uid-a").cut == kNow - 1s);
  CHECK(progress.pods.at("uid-a").wrote.at("app").limit == 2_MiB);
  CHECK(read->kills.at("app").last->id == "c/7");
  CHECK(read->kills.at("app").last_at_limit->limit == 64_MiB);
  CHECK(WriteRemembered(*read) == WriteRemembered(Full()));
}

TEST_CASE("Remembered: nothing to remember is an empty text, and back") {
  CHECK(WriteRemembered({}).empty());
  CHECK(ReadRemembered("")->progress.pods.empty());
}

TEST_CASE("Remembered: a thousand pods fit, the latest patched are kept") {
  Remembered remembered = Full();
  for (int i = 0; i < 1000; ++i) {
    remembered.progress.pods["uid-" + std::to_string(i)].patched =
        kNow - std::chrono::minutes(i + 1);
  }

  const std::string text = WriteRemembered(remembered);

  CHECK(text.size() <= api::kMaxRolloutText);
  const auto read = ReadRemembered(text);
  REQUIRE(read);
  CHECK(read->progress.pods.contains("uid-a"));
  CHECK_FALSE(read->progress.pods.contains("uid-999"));
  CHECK(read->progress.last_cut.contains("app"));
}

TEST_CASE("Remembered: broken texts are errors that name the field, wrong types too") {
  for (const char* text : {"{", "[1,2]", R"({"lastRaise":{"app":"noon"}})", R"({"pods":7})"}) {
    CAPTURE(text);
    const auto read = ReadRemembered(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == ErrorCode::kInvalid);
    CHECK(read.error().message().find("status.rollout") != std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::checkpoint
