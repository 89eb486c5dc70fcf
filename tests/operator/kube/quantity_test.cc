// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/quantity.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace plimsoll::kube {
namespace {

std::int64_t Units(std::string_view text) {
  const Result<Quantity> quantity = ParseQuantity(text);
  REQUIRE_MESSAGE(quantity, quantity.error().message());
  return quantity->ToInteger();
}

std::string Canonical(std::string_view text) {
  const Result<Quantity> quantity = ParseQuantity(text);
  REQUIRE_MESSAGE(quantity, quantity.error().message());
  return quantity->ToString();
}

TEST_CASE("Quantity: every form is read exactly") {
  CHECK(Units("0") == 0);
  CHECK(Units("128974848") == 128974848);
  CHECK(Units("129e6") == 129000000);
  CHECK(Units("129E6") == 129000000);
  CHECK(Units("129M") == 129000000);
  CHECK(Units("123Mi") == 128974848);
  CHECK(Units("1.5Gi") == 1610612736);
  CHECK(Units(".5Gi") == 536870912);
  CHECK(Units("5.") == 5);
  CHECK(Units("+1Ki") == 1024);
  CHECK(Units("-1Ki") == -1024);
  CHECK(Units("1e+3") == 1000);
  CHECK(Units("7E") == 7000000000000000000);
  CHECK(Units("7Ei") == 8070450532247928832);
}

TEST_CASE("Quantity: fractions of a unit round up, below a nano away from zero") {
  CHECK(Units("100m") == 1);
  CHECK(Units("1025m") == 2);
  CHECK(Units("-100m") == 0);
  CHECK(Units("0.1Ki") == 103);
  CHECK(Canonical("0.0000000001") == "1n");
  CHECK(Canonical("1e-12") == "1e-9");
}

TEST_CASE("Quantity: what is too large caps at 2^63-1 instead of wrapping") {
  CHECK(Units("9223372036854775807") == 9223372036854775807);
  CHECK(Units("9223372036854775808") == 9223372036854775807);
  CHECK(Units("8Ei") == 9223372036854775807);
  CHECK(Units("1e999999999999") == 9223372036854775807);
  CHECK(Units("99999999999999999999999999999999999999999999999999999999999999") ==
        9223372036854775807);
}

// The texts on the right were printed by Kubernetes' own library (apimachinery v0.36.3).
TEST_CASE("Quantity: prints what the API server prints") {
  CHECK(Canonical("1.5Gi") == "1536Mi");
  CHECK(Canonical("2048Mi") == "2Gi");
  CHECK(Canonical("1000Ki") == "1000Ki");
  CHECK(Canonical("1023Ki") == "1023Ki");
  CHECK(Canonical("0.5Ki") == "512");
  CHECK(Canonical("1.5") == "1500m");
  CHECK(Canonical("1000m") == "1");
  CHECK(Canonical("1000000") == "1M");
  CHECK(Canonical("1500000") == "1500k");
  CHECK(Canonical("129e6") == "129e6");
  CHECK(Canonical("1e3") == "1e3");
  CHECK(Canonical("12345e2") == "1234500");
  CHECK(Canonical("0Ki") == "0");
}

TEST_CASE("Quantity: bytes print with the largest exact binary suffix") {
  CHECK(FormatBytes(Bytes(536870912)) == "512Mi");
  CHECK(FormatBytes(Bytes(1610612736)) == "1536Mi");
  CHECK(FormatBytes(Bytes(1000)) == "1k");
  CHECK(FormatBytes(Bytes(1025)) == "1025");
}

TEST_CASE("Quantity: what is none is refused with the forms that are") {
  for (const char* text : {"", "Mi", "-", ".", "1.2.3", "1 Mi", "1mi", "1KiB", "0x10", "1e", "e3",
                           "1e+-3", "1e1.5", "1Ki3", "--1", "NaN", "inf", "1\n", "١"}) {
    CAPTURE(text);
    const Result<Quantity> quantity = ParseQuantity(text);
    REQUIRE_FALSE(quantity);
    CHECK(quantity.error().code() == ErrorCode::kInvalid);
    CHECK(quantity.error().message().find("512Mi") != std::string::npos);
  }
  CHECK_FALSE(ParseQuantity(std::string(10'000'000, '1')));
}

TEST_CASE("Quantity: canonical text read again is the same quantity") {
  std::mt19937_64 random(7);
  const char* suffixes[] = {"n", "u", "m", "", "k", "M", "G", "Ki", "Mi", "Gi", "Ti", "e3", "e-3"};
  for (int i = 0; i < 5000; ++i) {
    std::string text = std::to_string(random() % 1000000);
    if (random() % 2 == 0) text += "." + std::to_string(random() % 1000);
    text += suffixes[random() % std::size(suffixes)];
    CAPTURE(text);
    const Result<Quantity> quantity = ParseQuantity(text);
    REQUIRE(quantity);
    const Result<Quantity> again = ParseQuantity(quantity->ToString());
    REQUIRE(again);
    CHECK(*again == *quantity);
    CHECK(again->ToString() == quantity->ToString());
  }
}

}  // namespace
}  // namespace plimsoll::kube
