// SPDX-License-Identifier: Apache-2.0
#include "advisor/base/units.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {
using namespace literals;

TEST_CASE("Bytes: sums saturate instead of wrapping") {
  CHECK(Bytes::Max() + 1_B == Bytes::Max());
  CHECK(Bytes(-2) - Bytes::Max() == Bytes(std::numeric_limits<std::int64_t>::min()));
}

TEST_CASE("Bytes: scaling by a ratio rounds to nearest and saturates") {
  CHECK(100_MiB * Ratio(1.15) == Bytes(120586240));
  CHECK(Bytes::Max() * Ratio(2) == Bytes::Max());
}

TEST_CASE("Bytes: a value that is not a number never becomes a large one") {
  CHECK(Bytes::FromDouble(std::nan("")) == 0_B);
}

}  // namespace
}  // namespace plimsoll
