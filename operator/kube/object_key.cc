// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/object_key.h"

#include "operator/kube/percent.h"

namespace plimsoll::kube {
namespace {

// Encoded, a name can never add a path segment.
void AppendSegment(std::string& path, std::string_view segment) {
  path += '/';
  AppendPercentEncoded(path, segment);
}

}  // namespace

std::string ObjectKey::ToString() const {
  return ns.empty() ? name.str() : ns.str() + "/" + name.str();
}

std::string Resource::ApiVersion() const {
  return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

std::string Resource::Path(std::string_view ns, std::string_view name,
                           std::string_view subresource) const {
  std::string path = group.empty() ? "/api" : "/apis";
  if (!group.empty()) AppendSegment(path, group);
  AppendSegment(path, version);
  if (namespaced && !ns.empty()) {
    path += "/namespaces";
    AppendSegment(path, ns);
  }
  AppendSegment(path, plural);
  if (!name.empty()) AppendSegment(path, name);
  if (!subresource.empty()) AppendSegment(path, subresource);
  return path;
}

}  // namespace plimsoll::kube
