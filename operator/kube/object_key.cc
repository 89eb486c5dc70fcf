// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/object_key.h"

namespace plimsoll::kube {
namespace {

// Percent-encodes all but RFC 3986 unreserved characters: a name can never add a path segment.
void AppendSegment(std::string& path, std::string_view segment) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  path += '/';
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '.' || byte == '_' ||
                       byte == '~';
    if (plain) {
      path += c;
    } else {
      path += '%';
      path += kHex[byte >> 4];
      path += kHex[byte & 15];
    }
  }
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
