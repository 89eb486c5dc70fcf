// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/lease.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "operator/kube/object_codec.h"
#include "operator/kube/resources.h"

namespace plimsoll::kube {
namespace {

using Json = nlohmann::json;

template <class T>
T ValueOr(const Json& object, const char* key, T otherwise) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return otherwise;
  if constexpr (std::is_same_v<T, std::string>) {
    return it->is_string() ? it->get<T>() : otherwise;
  } else {
    return it->is_number_integer() ? it->get<T>() : otherwise;
  }
}

}  // namespace

Result<LeaseRecord> LeaseFromJson(const Json& object) {
  const Result<ObjectMeta> meta = MetaFromJson(object);
  if (!meta) return Fail(ErrorCode::kInternal, "lease: " + meta.error().message());
  LeaseRecord record;
  record.resource_version = meta->resource_version.str();
  const auto spec = object.find("spec");
  if (spec == object.end() || !spec->is_object()) return record;  // a Lease nobody has used yet
  record.holder = ValueOr<std::string>(*spec, "holderIdentity", "");
  record.duration =
      std::chrono::seconds(std::clamp(ValueOr<std::int64_t>(*spec, "leaseDurationSeconds", 0),
                                      std::int64_t{0}, std::int64_t{86400}));
  record.acquire_time = ValueOr<std::string>(*spec, "acquireTime", "");
  record.renew_time = ValueOr<std::string>(*spec, "renewTime", "");
  record.transitions = ValueOr<int>(*spec, "leaseTransitions", 0);
  return record;
}

Json LeaseToJson(const std::string& ns, const std::string& name, const LeaseRecord& record) {
  Json metadata{{"namespace", ns}, {"name", name}};
  if (!record.resource_version.empty()) metadata["resourceVersion"] = record.resource_version;
  return {{"apiVersion", kLeases.ApiVersion()},
          {"kind", "Lease"},
          {"metadata", std::move(metadata)},
          {"spec",
           {{"holderIdentity", record.holder},
            {"leaseDurationSeconds",
             std::max<std::int64_t>(
                 1, std::chrono::ceil<std::chrono::seconds>(record.duration).count())},
            {"acquireTime", record.acquire_time},
            {"renewTime", record.renew_time},
            {"leaseTransitions", record.transitions}}}};
}

}  // namespace plimsoll::kube
