// SPDX-License-Identifier: Apache-2.0
//
// metadata of any object, as kept in stores: what is needed to find an object, its owners and its
// labels. managedFields and finalizers are never kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "advisor/base/time.h"
#include "operator/kube/interned_string.h"
#include "operator/kube/object_key.h"
#include "operator/kube/shared_list.h"

namespace plimsoll::kube {

// A label or an annotation.
struct KeyValue {
  InternedString key = {};
  InternedString value = {};
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

// Sorted by key as decoded; look up with Find.
using Labels = SharedList<KeyValue>;

// The value of `key`, or nothing. An empty value is a value.
[[nodiscard]] std::optional<std::string_view> Find(const Labels& labels, std::string_view key);

struct OwnerReference {
  InternedString api_version = {};  // "apps/v1"
  InternedString kind = {};         // "ReplicaSet"
  InternedString name = {};
  InternedString uid = {};
  bool controller = false;  // the one owner that manages the object
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

struct ObjectMeta {
  InternedString ns = {};  // empty for cluster-scoped kinds
  InternedString name = {};
  InternedString uid = {};
  InternedString resource_version = {};  // opaque; see resource_version.h for comparing two
  std::int64_t generation = 0;           // 0 where the kind has none (the server counts from 1)
  TimePoint created{};
  std::optional<TimePoint> deleted = {};  // set while the object is terminating
  Labels labels = {};
  Labels annotations = {};  // a codec may keep a selection only (see ObjectCodec)
  SharedList<OwnerReference> owners = {};

  [[nodiscard]] ObjectKey key() const { return {ns, name}; }
  // The owner with controller=true, or null.
  [[nodiscard]] const OwnerReference* controller() const;
  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

}  // namespace plimsoll::kube
