// SPDX-License-Identifier: Apache-2.0
//
// What decoded objects of one store share: texts, and whole parts (the labels and containers of a
// workload's replicas are equal, so they are one list). Used by one reflector at a time.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "operator/kube/interned_string.h"
#include "operator/kube/objects/object_meta.h"
#include "operator/kube/objects/pod.h"
#include "operator/kube/shared_list.h"

namespace plimsoll::kube {

class DecodePool {
 public:
  DecodePool();
  ~DecodePool();

  [[nodiscard]] InternedString Text(std::string_view text) { return texts_.Intern(text); }
  // Empty what they are given.
  [[nodiscard]] Labels Share(std::vector<KeyValue>& labels);
  [[nodiscard]] SharedList<OwnerReference> Share(std::vector<OwnerReference>& owners);
  [[nodiscard]] SharedList<Container> Share(std::vector<Container>& containers);
  [[nodiscard]] std::shared_ptr<const ResourceRequirements> Share(ResourceRequirements resources);

 private:
  struct Parts;
  StringPool texts_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace plimsoll::kube
