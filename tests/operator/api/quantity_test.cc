// SPDX-License-Identifier: Apache-2.0
#include "operator/api/quantity.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace plimsoll::api {
namespace {
using namespace literals;

TEST_CASE("FormatQuantity: the largest suffix that divides, and nothing lost") {
  const std::vector<std::pair<Bytes, std::string>> cases = {
      {512_MiB, "512Mi"},    {2048_MiB, "2Gi"}, {1536_MiB, "1536Mi"}, {0_B, "0"},
      {500000000_B, "500M"}, {1000_B, "1k"},    {1_B, "1"},           {Bytes(-704643072), "-672Mi"},
      {Bytes(1025), "1025"},
  };
  for (const auto& [amount, text] : cases) CHECK(FormatQuantity(amount) == text);
}

TEST_CASE("FormatObserved: rounds up, so that what is shown is never less than what was seen") {
  CHECK(FormatObserved(310000000_B) == "296Mi");
  CHECK(FormatObserved(1_B) == "1Ki");
  CHECK(FormatObserved(1_MiB) == "1Mi");
  CHECK(FormatObserved(Bytes::Max()) == "8796093022208Mi");
}

TEST_CASE("ParseQuantity: every form that Kubernetes takes") {
  const std::vector<std::pair<std::string, std::int64_t>> cases = {
      {"512Mi", 536870912},
      {"1.5Gi", 1610612736},
      {"2e3", 2000},
      {"1E3", 1000},
      {"1E", 1000000000000000000},
      {"500M", 500000000},
      {"128974848", 128974848},
      {"100m", 1},
      {"1500m", 2},
      {"1n", 1},
      {"0.5", 1},
      {"-1.5k", -1500},
      {"+4Ki", 4096},
      {".5Mi", 524288},
      {"9223372036854775807", 9223372036854775807},
      {"7Ei", 8070450532247928832},
      {"4992073454", 4992073454},
  };
  for (const auto& [text, bytes] : cases) {
    CAPTURE(text);
    const Result<Bytes> amount = ParseQuantity(text);
    REQUIRE(amount.has_value());
    CHECK(amount->count() == bytes);
  }
}

TEST_CASE("ParseQuantity: refuses what is not an amount, naming the text and the remedy") {
  for (const std::string text :
       {"", "Mi", "512MB", "512 Mi", "1..5", "0x10", "1e", "1e+", "8Ei", "9223372036854775808",
        "1e99", "99999999999999999999999999999999", "--1", "1e1000", "NaN", "Inf"}) {
    CAPTURE(text);
    const Result<Bytes> amount = ParseQuantity(text);
    REQUIRE(!amount.has_value());
    CHECK(amount.error().code() == ErrorCode::kInvalid);
    CHECK(amount.error().message().find("512Mi") != std::string::npos);
  }
}

TEST_CASE("Quantities: what is written reads back as the same amount") {
  std::uint64_t state = 42;
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const Bytes amount(static_cast<std::int64_t>(state >> (1 + state % 62)));
    CAPTURE(amount.count());
    REQUIRE(ParseQuantity(FormatQuantity(amount)) == amount);
    REQUIRE(*ParseQuantity(FormatObserved(amount)) >= amount);
  }
}

}  // namespace
}  // namespace plimsoll::api
