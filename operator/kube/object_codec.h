// SPDX-License-Identifier: Apache-2.0
//
// How objects of one kind come off the wire into their compact struct. Built-in kinds travel as
// Kubernetes protobuf, custom resources as JSON through a function the caller supplies; neither
// tree outlives the decoding of its one object.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "operator/kube/object_key.h"
#include "operator/kube/objects/horizontal_pod_autoscaler.h"
#include "operator/kube/objects/limit_range.h"
#include "operator/kube/objects/namespace.h"
#include "operator/kube/objects/node.h"
#include "operator/kube/objects/partial_object.h"
#include "operator/kube/objects/pod.h"
#include "operator/kube/objects/resource_quota.h"

namespace plimsoll::kube {

class DecodePool;

enum class WireFormat { kProtobuf, kJson };

// T has a member `ObjectMeta meta`.
template <class T>
struct ObjectCodec {
  Resource resource;
  WireFormat format = WireFormat::kProtobuf;
  bool metadata_only = false;  // ask the server for PartialObjectMetadata
  // One object: protobuf message bytes (no envelope) or JSON text. `pool` shares repeated parts.
  std::function<Result<T>(std::string_view wire, DecodePool& pool)> decode = {};
};

struct CodecOptions {
  // Which annotations to keep, by key. Null keeps all but kubectl's last-applied-configuration;
  // for a big store name the few that are needed.
  std::function<bool(std::string_view key)> keep_annotation = {};
};

[[nodiscard]] ObjectCodec<Pod> PodCodec(CodecOptions options = {});
[[nodiscard]] ObjectCodec<Node> NodeCodec();
[[nodiscard]] ObjectCodec<Namespace> NamespaceCodec();
[[nodiscard]] ObjectCodec<LimitRange> LimitRangeCodec();
[[nodiscard]] ObjectCodec<ResourceQuota> ResourceQuotaCodec();
[[nodiscard]] ObjectCodec<HorizontalPodAutoscaler> HorizontalPodAutoscalerCodec();
// Metadata of any kind, built-in or custom.
[[nodiscard]] ObjectCodec<PartialObject> MetadataCodec(const Resource& resource,
                                                       CodecOptions options = {});

// metadata of a JSON object; kInvalid naming the field that is missing or of the wrong type.
[[nodiscard]] Result<ObjectMeta> MetaFromJson(const nlohmann::json& object);

// Parses JSON text within bounds (8 MiB, 200 levels); kInvalid with the position of the error.
[[nodiscard]] Result<nlohmann::json> ParseJson(std::string_view text);

// A custom resource. `from_json` fills T including T::meta (see MetaFromJson); an object it refuses
// is reported to the informer's error handler and the last good state stays in the store.
template <class T>
[[nodiscard]] ObjectCodec<T> JsonCodec(
    const Resource& resource, std::function<Result<T>(const nlohmann::json& object)> from_json);

}  // namespace plimsoll::kube

#include "operator/kube/object_codec_json.h"
