// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/certificates/secrets.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/operator/controllers/certificates/tls_pair.h"

namespace plimsoll::certificates {
namespace {

using std::chrono::days;
using std::chrono::minutes;

const TimePoint kStart(days(20000));

Secrets After(const Secrets& before, TimePoint now) {
  const Result<Advanced> advanced = Advance(before, {}, now);
  REQUIRE_MESSAGE(advanced.has_value(), advanced.error().message());
  return advanced->secrets;
}

TEST_CASE("Advance: from two empty Secrets to a connection that both sides trust") {
  const Secrets made = After({}, kStart);

  const TlsOutcome outcome = Handshake(made.operator_side, made.agent_side, kAgentName, kStart);

  CHECK_MESSAGE(outcome.connected, outcome.problem);
  CHECK(Advance(made, {}, kStart)->changes.empty());
}

TEST_CASE("Advance: no key that could sign ever reaches the agents") {
  const Secrets made = After({}, kStart);

  CHECK(made.agent_side.size() == 3);
  for (const auto& [name, value] : made.agent_side) {
    CHECK(value.find(made.operator_side.at("authority.key")) == std::string::npos);
  }
  CHECK(made.agent_side.at("tls.key") != made.operator_side.at("tls.key"));
}

TEST_CASE("Advance: an agent's certificate cannot act as the operator's, nor the other way round") {
  const Secrets made = After({}, kStart);

  const TlsOutcome as_operator = Handshake(made.agent_side, made.agent_side, kAgentName, kStart);
  CHECK(!as_operator.connected);
  const TlsOutcome as_agent = Handshake(made.operator_side, made.operator_side, kAgentName, kStart);
  CHECK(!as_agent.connected);
  CHECK(!Handshake(made.operator_side, made.agent_side, "other.plimsoll", kStart).connected);
}

TEST_CASE("Advance: another installation's certificates are not trusted") {
  const Secrets ours = After({}, kStart);
  const Secrets theirs = After({}, kStart);

  CHECK(!Handshake(ours.operator_side, theirs.agent_side, kAgentName, kStart).connected);
}

TEST_CASE("Advance: five years of rotation without a moment of distrust, agents being late") {
  // Agents still have what was written a step before; a step is three days here, 2 minutes in a
  // cluster.
  Secrets now = After({}, kStart);
  int authorities_changed = 0;
  int leaves_changed = 0;
  for (TimePoint time = kStart; time < kStart + days(5 * 365); time += days(3)) {
    const Secrets next = After(now, time);
    if (next != now) {
      const TlsOutcome early = Handshake(next.operator_side, now.agent_side, kAgentName, time);
      CAPTURE((time - kStart).count() / 3600000);
      REQUIRE_MESSAGE(early.connected, early.problem);
      const TlsOutcome settled = Handshake(next.operator_side, next.agent_side, kAgentName, time);
      REQUIRE_MESSAGE(settled.connected, settled.problem);
    }
    authorities_changed +=
        next.operator_side.at("authority.crt") != now.operator_side.at("authority.crt") ? 1 : 0;
    leaves_changed += next.agent_side.at("tls.crt") != now.agent_side.at("tls.crt") ? 1 : 0;
    REQUIRE(SplitBundle(next.agent_side.at("ca.crt")).size() <= 2);
    now = next;
  }
  CHECK(authorities_changed == 3);
  CHECK(leaves_changed >= 30);
}

TEST_CASE("Advance: a Secret that was emptied, cut or filled with rubbish is made good") {
  const Secrets good = After({}, kStart);
  for (const char* key : {"authority.crt", "authority.key", "tls.crt", "tls.key", "ca.crt"}) {
    for (const std::string& rubbish :
         {std::string(), std::string("rubbish"), good.operator_side.at(key).substr(0, 100),
          good.agent_side.at("tls.crt"), good.agent_side.at("tls.key")}) {
      CAPTURE(key);
      Secrets broken = good;
      broken.operator_side[key] = rubbish;

      const Secrets mended = After(broken, kStart + minutes(1));

      const TlsOutcome outcome =
          Handshake(mended.operator_side, mended.agent_side, kAgentName, kStart + minutes(1));
      CHECK_MESSAGE(outcome.connected, outcome.problem);
      CHECK(Advance(mended, {}, kStart + minutes(1))->changes.empty());
    }
  }
}

TEST_CASE("Advance: when only the agents' Secret is lost, the authority stays") {
  const Secrets good = After({}, kStart);

  const Secrets mended =
      After({.operator_side = good.operator_side, .agent_side = {}}, kStart + minutes(1));

  CHECK(mended.operator_side == good.operator_side);
  CHECK(Handshake(mended.operator_side, mended.agent_side, kAgentName, kStart + minutes(1))
            .connected);
}

TEST_CASE("Advance: an operator that slept through everything starts afresh") {
  const Secrets old = After({}, kStart);
  const TimePoint later = kStart + days(3000);

  const Secrets made = After(old, later);

  CHECK(Handshake(made.operator_side, made.agent_side, kAgentName, later).connected);
  CHECK(SplitBundle(made.operator_side.at("ca.crt")).size() == 1);
}

}  // namespace
}  // namespace plimsoll::certificates
