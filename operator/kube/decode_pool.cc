// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/decode_pool.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "operator/kube/share_pool.h"

namespace plimsoll::kube {
namespace {

// Texts come from one pool here, so their identity stands for them.
class Hasher {
 public:
  Hasher& Add(const InternedString& text) {
    return Add(reinterpret_cast<std::uintptr_t>(text.identity()) >> 4);
  }
  Hasher& Add(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9E3779B97F4A7C15;
    state_ ^= state_ >> 29;
    return *this;
  }
  Hasher& Add(const ResourceList& list) {
    return Add(static_cast<std::uint64_t>(list.memory ? list.memory->count() : -1));
  }
  Hasher& Add(const ResourceRequirements& resources) {
    return Add(resources.requests).Add(resources.limits);
  }
  Hasher& Add(const KeyValue& label) { return Add(label.key).Add(label.value); }
  Hasher& Add(const OwnerReference& owner) { return Add(owner.uid); }
  Hasher& Add(const Container& container) {
    return Add(container.name).Add(container.image).Add(container.resources);
  }
  [[nodiscard]] std::size_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

template <class T>
struct ListTraits {
  using Part = std::vector<T>;
  using Held = SharedList<T>;
  template <class Items>
  static std::size_t Hash(const Items& items) {
    Hasher hasher;
    for (const T& item : items) hasher.Add(item);
    return hasher.value();
  }
  template <class A, class B>
  static bool Same(const A& a, const B& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
  static Held Make(Part&& items) { return Held(std::move(items)); }
  static bool Unused(const Held& held) { return held.unique(); }
};

struct RequirementsTraits {
  using Held = std::shared_ptr<const ResourceRequirements>;
  // A copy for each container of each pod would be paid for nothing: the caller holds `part`.
  static const ResourceRequirements& View(const ResourceRequirements& part) {
    return part;  // NOLINT(bugprone-return-const-ref-from-parameter)
  }
  static const ResourceRequirements& View(const Held& held) { return *held; }
  template <class Any>
  static std::size_t Hash(const Any& any) {
    return Hasher().Add(View(any)).value();
  }
  template <class A, class B>
  static bool Same(const A& a, const B& b) {
    return View(a) == View(b);
  }
  static Held Make(ResourceRequirements&& part) {
    return std::make_shared<const ResourceRequirements>(std::move(part));
  }
  static bool Unused(const Held& held) { return held.use_count() == 1; }
};

template <class T>
using ListPool = SharePool<std::vector<T>, SharedList<T>, ListTraits<T>>;

template <class T>
SharedList<T> ShareList(ListPool<T>& pool, std::vector<T>& items) {
  if (items.empty()) return {};
  return pool.Share(std::move(items));
}

}  // namespace

struct DecodePool::Parts {
  ListPool<KeyValue> labels;
  ListPool<OwnerReference> owners;
  ListPool<Container> containers;
  SharePool<ResourceRequirements, std::shared_ptr<const ResourceRequirements>, RequirementsTraits>
      requirements;
};

DecodePool::DecodePool() : parts_(std::make_unique<Parts>()) {}
DecodePool::~DecodePool() = default;

Labels DecodePool::Share(std::vector<KeyValue>& labels) {
  return ShareList(parts_->labels, labels);
}

SharedList<OwnerReference> DecodePool::Share(std::vector<OwnerReference>& owners) {
  return ShareList(parts_->owners, owners);
}

SharedList<Container> DecodePool::Share(std::vector<Container>& containers) {
  return ShareList(parts_->containers, containers);
}

std::shared_ptr<const ResourceRequirements> DecodePool::Share(ResourceRequirements resources) {
  return parts_->requirements.Share(std::move(resources));
}

}  // namespace plimsoll::kube
