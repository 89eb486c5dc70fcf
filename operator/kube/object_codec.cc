// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/object_codec.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "k8s/meta.pb.h"
#include "operator/kube/resources.h"
#include "operator/kube/wire/decode_bounds.h"
#include "operator/kube/wire/decode_meta.h"
#include "operator/kube/wire/decode_node.h"
#include "operator/kube/wire/decode_pod.h"

namespace plimsoll::kube {
namespace {

// Wraps a decoder: what it refused becomes an error that names kind, object and field.
template <class T>
ObjectCodec<T> ProtobufCodec(const Resource& resource, CodecOptions options,
                             T (*decode)(wire::DecodeContext&, std::string_view)) {
  return {.resource = resource,
          .format = WireFormat::kProtobuf,
          .metadata_only = false,
          .decode = [decode, kind = resource.kind, options = std::move(options)](
                        std::string_view message, DecodePool& pool) -> Result<T> {
            wire::DecodeContext context(pool, options);
            T object = decode(context, message);
            if (context.problem().empty() && object.meta.name.empty()) {
              context.Refuse("metadata.name", "is missing");
            }
            if (context.problem().empty()) return object;
            return Fail(ErrorCode::kInvalid, std::string(kind) + " " +
                                                 object.meta.key().ToString() +
                                                 " from the server: " + context.problem());
          }};
}

PartialObject DecodePartial(wire::DecodeContext& context, std::string_view message) {
  PartialObject object;
  wire::WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::PartialObjectMetadata::kMetadataFieldNumber) {
      object.meta = wire::DecodeMeta(context, in.bytes());
    }
  }
  context.Check(in, "PartialObjectMetadata");
  return object;
}

}  // namespace

ObjectCodec<Pod> PodCodec(CodecOptions options) {
  return ProtobufCodec<Pod>(kPods, std::move(options), wire::DecodePod);
}
ObjectCodec<Node> NodeCodec() { return ProtobufCodec<Node>(kNodes, {}, wire::DecodeNode); }
ObjectCodec<Namespace> NamespaceCodec() {
  return ProtobufCodec<Namespace>(kNamespaces, {}, wire::DecodeNamespace);
}
ObjectCodec<LimitRange> LimitRangeCodec() {
  return ProtobufCodec<LimitRange>(kLimitRanges, {}, wire::DecodeLimitRange);
}
ObjectCodec<ResourceQuota> ResourceQuotaCodec() {
  return ProtobufCodec<ResourceQuota>(kResourceQuotas, {}, wire::DecodeResourceQuota);
}
ObjectCodec<HorizontalPodAutoscaler> HorizontalPodAutoscalerCodec() {
  return ProtobufCodec<HorizontalPodAutoscaler>(kHorizontalPodAutoscalers, {},
                                                wire::DecodeAutoscaler);
}
ObjectCodec<PartialObject> MetadataCodec(const Resource& resource, CodecOptions options) {
  ObjectCodec<PartialObject> codec =
      ProtobufCodec<PartialObject>(resource, std::move(options), DecodePartial);
  codec.metadata_only = true;
  return codec;
}

}  // namespace plimsoll::kube
