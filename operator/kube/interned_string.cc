// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/interned_string.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace plimsoll::kube {

InternedString::InternedString(std::string_view text) {
  if (text.empty()) return;
  void* memory = ::operator new(sizeof(Body) + text.size());
  body_ = new (memory) Body{{1}, static_cast<std::uint32_t>(text.size())};
  std::memcpy(static_cast<char*>(memory) + sizeof(Body), text.data(), text.size());
}

void InternedString::Release() {
  if (!body_ || body_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  body_->~Body();
  ::operator delete(body_);
}

InternedString StringPool::Intern(std::string_view text) {
  if (text.empty()) return {};
  const std::lock_guard lock(mutex_);
  if (const auto it = texts_.find(text); it != texts_.end()) return *it;
  if (texts_.size() >= sweep_at_) SweepLocked();
  return *texts_.insert(InternedString(text)).first;
}

std::size_t StringPool::size() const {
  const std::lock_guard lock(mutex_);
  return texts_.size();
}

// Amortised: at least half as many insertions as texts held lie between two sweeps.
void StringPool::SweepLocked() {
  std::erase_if(texts_, [](const InternedString& text) {
    return text.body_->references.load(std::memory_order_acquire) == 1;
  });
  sweep_at_ = std::max<std::size_t>(1024, texts_.size() * 2);
}

}  // namespace plimsoll::kube
