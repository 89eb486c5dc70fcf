// SPDX-License-Identifier: Apache-2.0
#include "operator/api/amount.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "operator/kube/quantity.h"

namespace plimsoll::api {
namespace {
using namespace literals;

TEST_CASE("FormatAmount: the largest suffix that divides, and nothing lost") {
  const std::vector<std::pair<Bytes, std::string>> cases = {
      {512_MiB, "512Mi"},    {2048_MiB, "2Gi"}, {1536_MiB, "1536Mi"}, {0_B, "0"},
      {500000000_B, "500M"}, {1000_B, "1k"},    {1_B, "1"},           {Bytes(-704643072), "-672Mi"},
      {Bytes(1025), "1025"},
  };
  for (const auto& [amount, text] : cases) CHECK(FormatAmount(amount) == text);
}

TEST_CASE("FormatObserved: rounds up, so that what is shown is never less than what was seen") {
  CHECK(FormatObserved(310000000_B) == "296Mi");
  CHECK(FormatObserved(1_B) == "1Ki");
  CHECK(FormatObserved(1_MiB) == "1Mi");
  CHECK(FormatObserved(Bytes::Max()) == "8796093022208Mi");
}

TEST_CASE("FormatAmount: what is written reads back as the same amount") {
  std::uint64_t state = 42;
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const Bytes amount(static_cast<std::int64_t>(state >> (1 + state % 62)));
    CAPTURE(amount.count());
    REQUIRE(kube::ParseQuantity(FormatAmount(amount))->ToBytes() == amount);
    REQUIRE(kube::ParseQuantity(FormatObserved(amount))->ToBytes() >= amount);
  }
}

}  // namespace
}  // namespace plimsoll::api
