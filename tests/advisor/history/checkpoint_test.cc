// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/checkpoint.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "advisor/recommend/recommend.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::history {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

// Sixty days of noise, starts, kills, cache and pressure: nothing left at its default.
ContainerHistory Busy(unsigned seed) {
  std::mt19937 random(seed);
  ContainerHistory history;
  for (int hour = 0; hour < 60 * 24; ++hour) {
    const TimePoint at = kMonday + std::chrono::hours(hour) + 7min;
    model::MemoryDigest digest = Digest({.at = at,
                                         .hard = Bytes(1'000'000 + random() % 900'000'000),
                                         .started = at - (random() % 900) * 1min});
    digest.soft_mean = Bytes(random() % 100'000'000);
    digest.working_set = digest.hard_mean + Bytes(random() % 50'000'000);
    digest.swap = Bytes(random() % 1000);
    digest.rise = Bytes(random() % 80'000'000);
    digest.limit = digest.hard_peak;
    digest.refaults = random() % 100'000;
    digest.pressure = {.some = Duration(random() % 2000), .full = Duration(0)};
    history.Observe("pod-" + std::to_string(random() % 20), digest);
    if (random() % 50 == 0) {
      history.Observe(Kill(at, Bytes(1'000'000 * (1 + random() % 500)), std::to_string(hour)));
    }
    if (random() % 200 == 0) history.ObserveRelease(at, std::to_string(hour));
  }
  return history;
}

TEST_CASE("Checkpoint: comes back the same, at any instant, within 1.5 KiB") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const ContainerHistory history = Busy(seed);
    const std::string bytes = EncodeCheckpoint(history);
    CHECK(bytes.size() <= kCheckpointMaxBytes);
    const Result<ContainerHistory> back = DecodeCheckpoint(bytes);
    REQUIRE(back.has_value());
    CHECK(*back == history);
  }
  const Result<ContainerHistory> nothing = DecodeCheckpoint(EncodeCheckpoint({}));
  REQUIRE(nothing.has_value());
  CHECK(nothing->empty());
}

TEST_CASE("Checkpoint: what is held in memory stays within 2 KiB") {
  CHECK(sizeof(ContainerHistory) <= 2048);
}

TEST_CASE("Checkpoint: cut anywhere it is refused with the remedy") {
  const std::string bytes = EncodeCheckpoint(Busy(1));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<ContainerHistory> back = DecodeCheckpoint(std::string_view(bytes).substr(0, size));
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error().code() == ErrorCode::kInvalid);
    CHECK(back.error().message().find("delete the MemoryCheckpoint") != std::string::npos);
  }
}

// Also where it makes the format a newer one's, which would be kept and waited for.
TEST_CASE("Checkpoint: any single flipped bit is noticed as damage") {
  const std::string bytes = EncodeCheckpoint(Busy(2));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      const Result<ContainerHistory> back = DecodeCheckpoint(flipped);
      REQUIRE_FALSE(back.has_value());
      CHECK(back.error().code() == ErrorCode::kInvalid);
    }
  }
}

TEST_CASE("Checkpoint: a newer format is refused without asking to delete it") {
  std::string bytes = EncodeCheckpoint(Busy(3));
  bytes[2] = static_cast<char>(kCheckpointFormat + 1);
  bytes += "what it has besides";
  const Result<ContainerHistory> back = DecodeCheckpoint(bytes);
  REQUIRE_FALSE(back.has_value());
  CHECK(back.error().code() == ErrorCode::kConflict);
  CHECK(back.error().message().find("format 2 is newer") != std::string::npos);
  CHECK(back.error().message().find("delete") == std::string::npos);
}

}  // namespace
}  // namespace plimsoll::history
