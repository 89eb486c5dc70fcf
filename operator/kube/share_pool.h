// SPDX-License-Identifier: Apache-2.0
//
// Gives equal immutable parts of many objects one place in memory, and drops those that no object
// holds any more. Not thread-safe: belongs to the one reflector that decodes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

#include "operator/kube/shared_list.h"

namespace plimsoll::kube {

// Part is what is looked up (a vector or a struct), Held what is kept (shared). Traits hashes and
// compares either, makes a Held of a Part, and tells whether the pool alone holds it.
template <class Part, class Held, class Traits>
class SharePool {
 public:
  [[nodiscard]] Held Share(Part&& part) {
    if (const auto it = held_.find(part); it != held_.end()) return *it;
    if (held_.size() >= sweep_at_) Sweep();
    return *held_.insert(Traits::Make(std::move(part))).first;
  }
  [[nodiscard]] std::size_t size() const { return held_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    template <class Any>
    std::size_t operator()(const Any& any) const {
      return Traits::Hash(any);
    }
  };
  struct Equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return Traits::Same(a, b);
    }
  };
  // Amortised: a pool doubles between two sweeps.
  void Sweep() {
    std::erase_if(held_, [](const Held& held) { return Traits::Unused(held); });
    sweep_at_ = std::max<std::size_t>(256, held_.size() * 2);
  }

  std::unordered_set<Held, Hash, Equal> held_;
  std::size_t sweep_at_ = 256;
};

}  // namespace plimsoll::kube
