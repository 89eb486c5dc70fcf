// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/pod_now.h"

#include <functional>
#include <nlohmann/json.hpp>

#include "operator/kube/object_codec.h"
#include "operator/kube/quantity.h"

namespace plimsoll::autopatch {
namespace {

using Json = nlohmann::json;

// Absent as well where it is no quantity: what cannot be read is not known.
std::optional<Bytes> MemoryAt(const Json& container, const char* pointer) {
  const Json::json_pointer at(pointer);
  if (!container.contains(at) || !container.at(at).is_string()) return std::nullopt;
  const auto amount = kube::ParseQuantity(container.at(at).get_ref<const std::string&>());
  if (!amount) return std::nullopt;
  return amount->ToBytes();
}

using Take = std::function<void(const Json& entry, ContainerNow& container)>;

void ForEach(const Json& pod, const char* pointer, PodNow& out, const Take& take) {
  const Json::json_pointer at(pointer);
  if (!pod.contains(at) || !pod.at(at).is_array()) return;
  for (const Json& entry : pod.at(at)) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) continue;
    take(entry, out.containers[entry["name"].get<std::string>()]);
  }
}

}  // namespace

Result<PodNow> PodNowFrom(const Json& pod) {
  const auto meta = kube::MetaFromJson(pod);
  if (!meta) return std::unexpected(meta.error().Context("the server's pod"));
  if (meta->resource_version.empty()) {
    return Fail(ErrorCode::kInvalid, "the server's pod has no metadata.resourceVersion");
  }
  PodNow out{.uid = meta->uid.str(), .resource_version = meta->resource_version.str()};
  const Take spec = [](const Json& entry, ContainerNow& container) {
    container.request = MemoryAt(entry, "/resources/requests/memory");
    container.limit = MemoryAt(entry, "/resources/limits/memory");
  };
  const Take status = [](const Json& entry, ContainerNow& container) {
    container.given = MemoryAt(entry, "/resources/requests/memory");
  };
  ForEach(pod, "/spec/containers", out, spec);
  ForEach(pod, "/spec/initContainers", out, spec);
  ForEach(pod, "/status/containerStatuses", out, status);
  ForEach(pod, "/status/initContainerStatuses", out, status);
  return out;
}

}  // namespace plimsoll::autopatch
