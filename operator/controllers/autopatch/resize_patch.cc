// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/resize_patch.h"

#include <nlohmann/json.hpp>

#include "operator/api/names.h"
#include "operator/kube/quantity.h"

namespace plimsoll::autopatch {
namespace {

void Add(nlohmann::json& patch, const rollout::ContainerResize& resize, kube::ContainerKind kind) {
  nlohmann::json entry{{"name", resize.container}};
  if (resize.request) entry["resources"]["requests"]["memory"] = kube::FormatBytes(*resize.request);
  if (resize.limit) entry["resources"]["limits"]["memory"] = kube::FormatBytes(*resize.limit);
  const char* list = kind == kube::ContainerKind::kSidecar ? "initContainers" : "containers";
  patch["spec"][list].push_back(std::move(entry));
}

}  // namespace

nlohmann::json ResizePatch(const std::vector<rollout::ContainerResize>& resizes,
                           const kube::Pod& pod) {
  nlohmann::json patch;
  for (const rollout::ContainerResize& resize : resizes) {
    const kube::Container* container = pod.FindContainer(resize.container);
    Add(patch, resize, container ? container->kind : kube::ContainerKind::kApp);
  }
  return patch;
}

nlohmann::json ResizePatch(const std::vector<KindedResize>& resizes) {
  nlohmann::json patch;
  for (const auto& [resize, kind] : resizes) Add(patch, resize, kind);
  return patch;
}

bool IsAnotherPod(const Error& error) {
  return error.code() == ErrorCode::kInvalid &&
         error.message().find("metadata.uid") != std::string::npos;
}

kube::WriteOptions ResizeOptions() {
  kube::WriteOptions options;
  options.subresource = "resize";
  options.field_manager = api::kFieldManager;
  return options;
}

}  // namespace plimsoll::autopatch
