// SPDX-License-Identifier: Apache-2.0
#include "advisor/base/result.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {

TEST_CASE("Error: context goes in front and the code stays") {
  const Error error(ErrorCode::kNotFound, "no such file");

  const Error outer = error.Context("reading memory.max");

  CHECK(outer.message() == "reading memory.max: no such file");
  CHECK(outer.code() == ErrorCode::kNotFound);
}

TEST_CASE("Result: a failure carries its error through std::unexpected") {
  const Result<int> result = Fail(ErrorCode::kInvalid, "limit: not a number");

  REQUIRE(!result.has_value());
  CHECK(result.error().code() == ErrorCode::kInvalid);
}

}  // namespace
}  // namespace plimsoll
