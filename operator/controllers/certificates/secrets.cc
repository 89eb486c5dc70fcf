// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/certificates/secrets.h"

#include <algorithm>
#include <utility>

#include "operator/api/text.h"

namespace plimsoll::certificates {
namespace {

constexpr const char* kBundle = "ca.crt";
constexpr const char* kLeaf = "tls.crt";
constexpr const char* kLeafKey = "tls.key";
constexpr const char* kActive = "authority.crt";
constexpr const char* kActiveKey = "authority.key";
constexpr const char* kNext = "next-authority.crt";
constexpr const char* kNextKey = "next-authority.key";

std::string Get(const SecretData& data, const char* key) {
  const auto entry = data.find(key);
  return entry == data.end() ? "" : entry->second;
}

KeyPair PairOf(const SecretData& data, const char* certificate, const char* key) {
  return {.certificate = Get(data, certificate), .key = Get(data, key)};
}

void PutPair(SecretData& data, const char* certificate, const char* key, const KeyPair& pair) {
  data[certificate] = pair.certificate;
  data[key] = pair.key;
}

std::optional<Held> HeldAuthority(const KeyPair& pair) {
  const Result<Facts> facts = Inspect(pair.certificate);
  if (!facts || !facts->authority || !BelongTogether(pair)) return std::nullopt;
  return Held{.validity = facts->validity};
}

std::optional<Held> HeldLeaf(const SecretData& data, const char* name, Usage usage,
                             const SecretData& authorities) {
  const KeyPair pair = PairOf(data, kLeaf, kLeafKey);
  const Result<Facts> facts = Inspect(pair.certificate);
  if (!facts || !BelongTogether(pair)) return std::nullopt;
  const bool right_use =
      usage == Usage::kServer ? facts->server && !facts->client : facts->client && !facts->server;
  return Held{.validity = facts->validity,
              .fits = right_use && facts->dns_names == std::vector<std::string>{name},
              .signed_by_active = SignedBy(pair.certificate, Get(authorities, kActive)),
              .signed_by_next = SignedBy(pair.certificate, Get(authorities, kNext))};
}

bool IsOver(const std::string& certificate, TimePoint now) {
  const Result<Facts> facts = Inspect(certificate);
  return !facts || facts->validity.until <= now;
}

// The signing authority first, then the others that are still good; each once.
std::string BundleFor(const SecretData& authorities, TimePoint now) {
  std::vector<std::string> wanted = SplitBundle(Get(authorities, kActive));
  const auto add = [&wanted, now](const std::string& certificate) {
    if (!IsOver(certificate, now) && std::ranges::find(wanted, certificate) == wanted.end()) {
      wanted.push_back(certificate);
    }
  };
  for (const std::string& certificate : SplitBundle(Get(authorities, kNext))) add(certificate);
  for (const std::string& certificate : SplitBundle(Get(authorities, kBundle))) add(certificate);
  std::string bundle;
  for (const std::string& certificate : wanted) bundle += certificate;
  return bundle;
}

Validity Span(Duration lifetime, const Schedule& schedule, TimePoint now) {
  return {.from = now - schedule.clock_skew, .until = now + lifetime};
}

Result<KeyPair> NewAuthority(const Schedule& schedule, TimePoint now) {
  // The time in the name tells two authorities apart in logs and in chain building.
  return MakeAuthority("plimsoll " + api::FormatTime(now),
                       Span(schedule.authority_lifetime, schedule, now));
}

Status MoveAuthority(AuthorityStep step, const Schedule& schedule, TimePoint now, SecretData& data,
                     std::vector<std::string>& changes) {
  switch (step) {
    case AuthorityStep::kKeep:
      return {};
    case AuthorityStep::kAnnounce: {
      const Result<KeyPair> made = NewAuthority(schedule, now);
      if (!made) return std::unexpected(made.error());
      PutPair(data, kNext, kNextKey, *made);
      changes.emplace_back("announced the next certificate authority");
      return {};
    }
    case AuthorityStep::kPromote:
      PutPair(data, kActive, kActiveKey, PairOf(data, kNext, kNextKey));
      data.erase(kNext);
      data.erase(kNextKey);
      changes.emplace_back("the next certificate authority signs from now on");
      return {};
    case AuthorityStep::kReplace: {
      const Result<KeyPair> made = NewAuthority(schedule, now);
      if (!made) return std::unexpected(made.error());
      PutPair(data, kActive, kActiveKey, *made);
      data.erase(kNext);
      data.erase(kNextKey);
      changes.emplace_back("made a certificate authority");
      return {};
    }
  }
  return {};
}

Status IssueInto(SecretData& data, const char* name, Usage usage, const KeyPair& authority,
                 const Schedule& schedule, TimePoint now) {
  // A leaf that outlives its authority would fail before anybody renews it.
  Validity validity = Span(schedule.leaf_lifetime, schedule, now);
  if (const Result<Facts> facts = Inspect(authority.certificate)) {
    validity.until = std::min(validity.until, facts->validity.until);
  }
  const Result<KeyPair> issued = Issue(authority, name, usage, validity);
  if (!issued) return std::unexpected(issued.error());
  PutPair(data, kLeaf, kLeafKey, *issued);
  return {};
}

}  // namespace

Inventory TakeInventory(const Secrets& secrets, TimePoint now) {
  const SecretData& ours = secrets.operator_side;
  const std::string bundle = BundleFor(ours, now);
  return {.active = HeldAuthority(PairOf(ours, kActive, kActiveKey)),
          .next = HeldAuthority(PairOf(ours, kNext, kNextKey)),
          .operator_leaf = HeldLeaf(ours, kOperatorName, Usage::kClient, ours),
          .agent_leaf = HeldLeaf(secrets.agent_side, kAgentName, Usage::kServer, ours),
          .bundle_current = Get(ours, kBundle) == bundle,
          .agent_bundle_current = Get(secrets.agent_side, kBundle) == bundle};
}

Result<Advanced> Advance(const Secrets& secrets, const Schedule& schedule, TimePoint now) {
  const Plan plan = PlanRotation(TakeInventory(secrets, now), schedule, now);
  Advanced advanced{.secrets = secrets, .changes = {}};
  if (plan.Empty()) return advanced;

  SecretData& ours = advanced.secrets.operator_side;
  SecretData& theirs = advanced.secrets.agent_side;
  if (const Status moved = MoveAuthority(plan.authority, schedule, now, ours, advanced.changes);
      !moved) {
    return std::unexpected(moved.error());
  }
  const KeyPair authority = PairOf(ours, kActive, kActiveKey);
  if (plan.issue_operator) {
    const Status issued = IssueInto(ours, kOperatorName, Usage::kClient, authority, schedule, now);
    if (!issued) return std::unexpected(issued.error().Context("the operator's certificate"));
    advanced.changes.emplace_back("issued the operator's certificate");
  }
  if (plan.issue_agent) {
    const Status issued = IssueInto(theirs, kAgentName, Usage::kServer, authority, schedule, now);
    if (!issued) return std::unexpected(issued.error().Context("the agents' certificate"));
    advanced.changes.emplace_back("issued the agents' certificate");
  }
  ours[kBundle] = BundleFor(ours, now);
  theirs[kBundle] = ours[kBundle];
  if (advanced.changes.empty()) {
    advanced.changes.emplace_back("brought the trusted authorities up to date");
  }
  return advanced;
}

}  // namespace plimsoll::certificates
