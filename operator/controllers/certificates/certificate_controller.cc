// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/certificates/certificate_controller.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "operator/api/base64.h"
#include "operator/api/names.h"
#include "operator/kube/resources.h"

namespace plimsoll::certificates {
namespace {

using nlohmann::json;

// Values that are not base64 of a reasonable size are left out: they are then made anew.
SecretData DataOf(const json& secret) {
  constexpr std::size_t kMaxValue = 65536;
  SecretData data;
  const auto values = secret.find("data");
  if (values == secret.end() || !values->is_object()) return data;
  for (const auto& [key, value] : values->items()) {
    if (!value.is_string() || value.get_ref<const std::string&>().size() > kMaxValue) continue;
    if (std::optional<std::string> decoded = api::DecodeBase64(value.get<std::string>())) {
      data.emplace(key, *std::move(decoded));
    }
  }
  return data;
}

}  // namespace

CertificateController::CertificateController(kube::Client& client, Options options)
    : client_(client), options_(std::move(options)) {}

Result<CertificateController::Stored> CertificateController::Read(const std::string& name,
                                                                  const std::stop_token& stop) {
  const Result<json> secret = client_.Get(kube::kSecrets, {.ns = options_.ns, .name = name}, stop);
  if (!secret && secret.error().code() == ErrorCode::kNotFound) {
    return Fail(
        ErrorCode::kNotFound,
        fmt::format("Secret {}/{} is missing; the Helm chart makes it: upgrade or reinstall "
                    "the release",
                    options_.ns, name));
  }
  if (!secret) return std::unexpected(secret.error());
  const json::json_pointer version("/metadata/resourceVersion");
  return Stored{.data = DataOf(*secret), .resource_version = secret->value(version, "")};
}

Status CertificateController::Write(const std::string& name, const SecretData& data,
                                    const std::string& resource_version,
                                    const std::stop_token& stop) {
  json values = json::object();
  for (const auto& [key, value] : data) values[key] = api::EncodeBase64(value);
  // The version makes it fail when somebody else wrote since: two authorities must never mix.
  const json patch = {
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"metadata",
       {{"name", name}, {"namespace", options_.ns}, {"resourceVersion", resource_version}}},
      {"data", std::move(values)}};
  const Result<json> written = client_.Patch(kube::kSecrets, {.ns = options_.ns, .name = name},
                                             kube::PatchType::kApply, patch,
                                             {.subresource = "",
                                              .field_manager = std::string(api::kFieldManager),
                                              .force = true,
                                              .dry_run = false,
                                              .stop = stop});
  if (!written) return std::unexpected(written.error());
  return {};
}

Result<std::vector<std::string>> CertificateController::Reconcile(bool lead, TimePoint now,
                                                                  const std::stop_token& stop) {
  const Result<Stored> ours = Read(options_.operator_secret, stop);
  if (!ours) return std::unexpected(ours.error());
  if (!lead) {
    Publish(ours->data, now);
    return std::vector<std::string>{};
  }
  const Result<Stored> theirs = Read(options_.agent_secret, stop);
  if (!theirs) return std::unexpected(theirs.error());

  const Secrets before{.operator_side = ours->data, .agent_side = theirs->data};
  Result<Advanced> after = Advance(before, options_.schedule, now);
  if (!after) return std::unexpected(after.error());
  // Ours first: it holds the keys. When the second write fails, the next pass sees the difference.
  if (after->secrets.operator_side != before.operator_side) {
    const Status written =
        Write(options_.operator_secret, after->secrets.operator_side, ours->resource_version, stop);
    if (!written) return std::unexpected(written.error());
  }
  if (after->secrets.agent_side != before.agent_side) {
    const Status written =
        Write(options_.agent_secret, after->secrets.agent_side, theirs->resource_version, stop);
    if (!written) return std::unexpected(written.error());
  }
  Publish(after->secrets.operator_side, now);
  return std::move(after->changes);
}

void CertificateController::Publish(const SecretData& operator_side, TimePoint now) {
  const Inventory inventory =
      TakeInventory({.operator_side = operator_side, .agent_side = {}}, now);
  const auto bundle = operator_side.find("ca.crt");
  const bool usable = inventory.operator_leaf && now < inventory.operator_leaf->validity.until &&
                      bundle != operator_side.end();
  const std::scoped_lock lock(mutex_);
  identity_.reset();
  if (!usable) return;
  identity_ = Identity{.authority = bundle->second,
                       .certificate = operator_side.at("tls.crt"),
                       .key = operator_side.at("tls.key")};
}

std::optional<Identity> CertificateController::identity() const {
  const std::scoped_lock lock(mutex_);
  return identity_;
}

}  // namespace plimsoll::certificates
