// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/certificates/x509.h"

#include <doctest/doctest.h>

namespace plimsoll::certificates {
namespace {

using std::chrono::days;

const Validity kYear{.from = TimePoint(days(20000)), .until = TimePoint(days(20365))};

TEST_CASE("x509: what is made says what was asked for") {
  const Result<KeyPair> authority = MakeAuthority("plimsoll test", kYear);
  REQUIRE(authority.has_value());
  const Result<KeyPair> leaf = Issue(*authority, "agent.plimsoll", Usage::kServer, kYear);
  REQUIRE(leaf.has_value());

  const Result<Facts> facts = Inspect(leaf->certificate);

  REQUIRE(facts.has_value());
  CHECK(facts->dns_names == std::vector<std::string>{"agent.plimsoll"});
  CHECK(facts->validity.from == kYear.from);
  CHECK(facts->validity.until == kYear.until);
  CHECK(facts->server);
  CHECK(!facts->client);
  CHECK(!facts->authority);
  CHECK(Inspect(authority->certificate)->authority);
  CHECK(BelongTogether(*leaf));
  CHECK(SignedBy(leaf->certificate, authority->certificate));
}

TEST_CASE("x509: pairs and signatures that do not belong together are told apart") {
  const Result<KeyPair> one = MakeAuthority("same name", kYear);
  const Result<KeyPair> other = MakeAuthority("same name", kYear);
  const Result<KeyPair> leaf = Issue(*one, "agent.plimsoll", Usage::kServer, kYear);

  CHECK(!SignedBy(leaf->certificate, other->certificate));
  CHECK(!BelongTogether({.certificate = one->certificate, .key = other->key}));
  CHECK(!BelongTogether({.certificate = "", .key = ""}));
  CHECK(!SignedBy("", ""));
}

TEST_CASE("x509: text that is no certificate is an error, not a crash") {
  const Result<KeyPair> authority = MakeAuthority("a", kYear);
  const std::string& good = authority->certificate;
  CHECK(!Inspect("").has_value());
  CHECK(!Inspect(authority->key).has_value());
  for (std::size_t cut = 0; cut + 30 < good.size(); cut += 7) {
    CHECK(!Inspect(std::string_view(good).substr(0, cut)).has_value());
  }
  CHECK(Issue({.certificate = good, .key = "rubbish"}, "x", Usage::kClient, kYear).error().code() ==
        ErrorCode::kInvalid);
}

TEST_CASE("SplitBundle: each certificate alone, whatever lies between") {
  const std::string first = MakeAuthority("a", kYear)->certificate;
  const std::string second = MakeAuthority("b", kYear)->certificate;

  const std::vector<std::string> split = SplitBundle("# ours\n" + first + "text\n\n" + second);

  CHECK(split == std::vector<std::string>{first, second});
  CHECK(SplitBundle("-----BEGIN CERTIFICATE-----").empty());
}

}  // namespace
}  // namespace plimsoll::certificates
