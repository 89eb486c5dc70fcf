// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/discovery/top_owner.h"

namespace plimsoll::discovery {
namespace {

// Owners of owners of owners; a longer chain is a loop or nonsense.
constexpr int kMaxDepth = 8;

Owner OwnerOf(const std::string& api_version, const std::string& kind, const std::string& name,
              const std::string& uid, const kube::ObjectMeta& labelled, const std::string& ns) {
  return {.key = {.ns = ns, .kind = kind, .name = name},
          .identity = {.api_version = api_version,
                       .uid = uid,
                       .labels = labelled.labels,
                       .annotations = labelled.annotations}};
}

}  // namespace

Result<Owner> TopOwner(const kube::ObjectMeta& pod, const OwnerLookup& lookup) {
  const std::string ns = pod.ns.str();
  const kube::OwnerReference* next = pod.controller();
  // A static pod belongs to its node, but a node is no workload.
  if (next == nullptr || next->kind == "Node") {
    return OwnerOf("v1", "Pod", pod.name.str(), pod.uid.str(), pod, ns);
  }
  kube::OwnerReference reference = *next;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const Result<std::optional<kube::ObjectMeta>> meta = lookup(reference, ns);
    if (!meta) return std::unexpected(meta.error());
    const kube::OwnerReference* above = *meta ? (*meta)->controller() : nullptr;
    if (above == nullptr) {
      return OwnerOf(reference.api_version.str(), reference.kind.str(), reference.name.str(),
                     reference.uid.str(), *meta ? **meta : pod, ns);
    }
    const kube::OwnerReference upper = *above;
    reference = upper;
  }
  return Fail(ErrorCode::kInvalid, "the owners of pod " + ns + "/" + pod.name.str() +
                                       " form a chain of more than 8; look for a loop in "
                                       "metadata.ownerReferences");
}

}  // namespace plimsoll::discovery
