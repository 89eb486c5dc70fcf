// SPDX-License-Identifier: Apache-2.0
//
// What decoded objects of one store share: texts, and whole lists (the labels and containers of a
// workload's replicas are equal, so they are one list). Used by one reflector at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "operator/kube/interned_string.h"
#include "operator/kube/objects/object_meta.h"
#include "operator/kube/objects/pod.h"
#include "operator/kube/shared_list.h"

namespace plimsoll::kube {

class DecodePool {
 public:
  [[nodiscard]] InternedString Text(std::string_view text) { return texts_.Intern(text); }

 private:
  StringPool texts_;
};

}  // namespace plimsoll::kube
