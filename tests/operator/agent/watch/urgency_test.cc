// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/urgency.h"

#include <doctest/doctest.h>

namespace plimsoll::agent {
namespace {

using namespace plimsoll::literals;

MemoryReading At(Bytes hard, std::optional<Bytes> limit) {
  MemoryReading reading;
  reading.hard = reading.usage = hard;
  reading.limit = limit;
  return reading;
}

constexpr BytesPerSecond MibPerSecond(double mib) { return BytesPerSecond(mib * 1024 * 1024); }

TEST_CASE("Urgency: hard memory above 80 % of the limit is urgent, cache is not") {
  CHECK(IsUrgent(At(80_MiB, 100_MiB), std::nullopt));
  CHECK_FALSE(IsUrgent(At(79_MiB, 100_MiB), std::nullopt));
  MemoryReading cached = At(30_MiB, 100_MiB);
  cached.usage = 100_MiB;
  CHECK_FALSE(IsUrgent(cached, std::nullopt));
  CHECK_FALSE(IsUrgent(At(80_MiB, std::nullopt), MibPerSecond(1e6)));
}

TEST_CASE("Urgency: a limit that is reached within half a second is urgent early") {
  CHECK(IsUrgent(At(200_MiB, 256_MiB), MibPerSecond(120)));
  CHECK_FALSE(IsUrgent(At(200_MiB, 256_MiB), MibPerSecond(100)));
  CHECK_FALSE(IsUrgent(At(100_MiB, 256_MiB), MibPerSecond(1000)));  // below half
}

TEST_CASE("Urgency: near is 60 % of the limit, or what a fast rise could cross unseen") {
  CHECK(IsNear(At(60_MiB, 100_MiB), true));
  CHECK_FALSE(IsNear(At(10_MiB, 100_MiB), true));
  CHECK(IsNear(At(10_MiB, 100_MiB), false));
  CHECK_FALSE(IsNear(At(2_GiB, 8_GiB), false));
  CHECK_FALSE(IsNear(At(2_GiB, std::nullopt), false));
}

}  // namespace
}  // namespace plimsoll::agent
