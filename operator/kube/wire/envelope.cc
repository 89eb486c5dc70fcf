// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/envelope.h"

#include "k8s/meta.pb.h"
#include "operator/kube/wire/wire_reader.h"

namespace plimsoll::kube::wire {

Result<Envelope> OpenEnvelope(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) {
    return Fail(ErrorCode::kInvalid,
                "the answer does not begin with Kubernetes' protobuf mark \"k8s\\0\"; is a proxy "
                "between us and the API server?");
  }
  Envelope envelope;
  std::string_view encoding;
  WireReader in(bytes.substr(kMagic.size()));
  while (in.Next()) {
    switch (in.field()) {
      case k8s::Unknown::kTypeMetaFieldNumber: {
        WireReader type(in.bytes());
        while (type.Next()) {
          if (type.field() == k8s::TypeMeta::kKindFieldNumber) envelope.kind = type.bytes();
        }
        break;
      }
      case k8s::Unknown::kRawFieldNumber:
        envelope.raw = in.bytes();
        break;
      case k8s::Unknown::kContentEncodingFieldNumber:
        encoding = in.bytes();
        break;
      default:
        break;
    }
  }
  if (!in.ok()) return Fail(ErrorCode::kInvalid, "malformed protobuf envelope");
  if (!encoding.empty()) {
    return Fail(ErrorCode::kInvalid,
                "protobuf envelope with content encoding " + std::string(encoding.substr(0, 64)));
  }
  return envelope;
}

}  // namespace plimsoll::kube::wire
