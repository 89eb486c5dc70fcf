// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/ack_ledger.h"

#include <doctest/doctest.h>

namespace plimsoll::agents {
namespace {

constexpr std::uint64_t kNone = UINT64_MAX;  // no barrier

TEST_CASE("AckLedger: a report is due when all up to its intake is stored, once") {
  AckLedger ledger;
  ledger.Add(1, 10);
  ledger.Add(2, 10);
  ledger.Add(3, 12);
  CHECK(ledger.TakeDue(9, kNone) == 0);
  CHECK(ledger.TakeDue(11, kNone) == 2);
  CHECK(ledger.TakeDue(11, kNone) == 0);
  CHECK(ledger.TakeDue(12, 3) == 0);  // the third still waits for somebody to own it
  CHECK(ledger.TakeDue(12, kNone) == 3);
}

TEST_CASE("AckLedger: what was taken in late holds back itself and what follows") {
  AckLedger ledger;
  ledger.Add(1, 10);
  ledger.Add(2, 10);
  ledger.Add(3, 30);
  ledger.Delay(2, 20);
  CHECK(ledger.TakeDue(19, kNone) == 1);
  CHECK(ledger.TakeDue(29, kNone) == 2);
  CHECK(ledger.TakeDue(30, kNone) == 3);
}

TEST_CASE("AckLedger: it is bounded while nothing is stored, and then acknowledges nothing early") {
  AckLedger ledger;
  for (std::uint64_t at = 1; at <= 200'000; ++at) ledger.Add(at, at);
  CHECK(ledger.size() <= AckLedger::kMost);
  for (const std::uint64_t stored : {1U, 99'999U, 150'000U}) {
    CHECK(ledger.TakeDue(stored, kNone) <= stored);
  }
  CHECK(ledger.TakeDue(200'000, kNone) == 200'000);
}

}  // namespace
}  // namespace plimsoll::agents
