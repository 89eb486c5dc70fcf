// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/objects/object_meta.h"

#include <algorithm>

namespace plimsoll::kube {

std::optional<std::string_view> Find(const Labels& labels, std::string_view key) {
  const auto it = std::find_if(labels.begin(), labels.end(),
                               [&](const KeyValue& label) { return label.key == key; });
  if (it == labels.end()) return std::nullopt;
  return it->value.view();
}

const OwnerReference* ObjectMeta::controller() const {
  const auto it = std::find_if(owners.begin(), owners.end(),
                               [](const OwnerReference& owner) { return owner.controller; });
  return it == owners.end() ? nullptr : &*it;
}

}  // namespace plimsoll::kube
