// SPDX-License-Identifier: Apache-2.0
//
// How the API names things: an object by namespace and name, a collection by its Resource.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "operator/kube/interned_string.h"

namespace plimsoll::kube {

// Address of one object; `ns` is empty for cluster-scoped kinds. Cheap to copy: the usual key of
// work queues.
struct ObjectKey {
  InternedString ns;
  InternedString name;
  friend bool operator==(const ObjectKey&, const ObjectKey&) = default;
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
  // "shop/cart-0", or "node-1" when there is no namespace.
  [[nodiscard]] std::string ToString() const;
};

// A kind as the REST API serves it. Constants of the kinds this library reads are in resources.h;
// a caller adds its own: constexpr Resource kPolicies{"plimsoll.dev", "v1alpha1",
// "memorypolicies", "MemoryPolicy", true};
struct Resource {
  std::string_view group;    // "" for core
  std::string_view version;  // "v1"
  std::string_view plural;   // "pods": the path segment
  std::string_view kind;     // "Pod"
  bool namespaced = true;

  // "v1" or "apps/v1": what an object's apiVersion says.
  [[nodiscard]] std::string ApiVersion() const;
  // "/api/v1/namespaces/shop/pods/cart-0/resize"; empty parts are left out, every part is
  // percent-encoded. Without a namespace a namespaced kind's path spans all namespaces.
  [[nodiscard]] std::string Path(std::string_view ns, std::string_view name = {},
                                 std::string_view subresource = {}) const;
  friend bool operator==(const Resource&, const Resource&) = default;
};

}  // namespace plimsoll::kube

template <>
struct std::hash<plimsoll::kube::ObjectKey> {
  std::size_t operator()(const plimsoll::kube::ObjectKey& key) const {
    const std::hash<plimsoll::kube::InternedString> text;
    return text(key.ns) * 31 + text(key.name);
  }
};
