// SPDX-License-Identifier: Apache-2.0
//
// An immutable list that copies share: the containers or labels of a thousand replicas are one
// list in memory. Eight bytes, one allocation for count and items. Read it like a const
// std::vector; to change it, make a new one.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace plimsoll::kube {

template <class T>
class SharedList {
 public:
  using value_type = T;
  using const_iterator = const T*;

  SharedList() = default;
  SharedList(std::vector<T> items)  // NOLINT(google-explicit-constructor)
      : body_(items.empty() ? nullptr : Make(items)) {}
  SharedList(std::initializer_list<T> items) : SharedList(std::vector<T>(items)) {}
  SharedList(const SharedList& other) noexcept : body_(other.body_) {
    if (body_) body_->references.fetch_add(1, std::memory_order_relaxed);
  }
  SharedList(SharedList&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  SharedList& operator=(SharedList other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~SharedList() { Release(); }

  [[nodiscard]] const T* begin() const { return body_ ? Items(body_) : nullptr; }
  [[nodiscard]] const T* end() const { return body_ ? Items(body_) + body_->size : nullptr; }
  [[nodiscard]] std::size_t size() const { return body_ ? body_->size : 0; }
  [[nodiscard]] bool empty() const { return body_ == nullptr; }
  [[nodiscard]] const T& operator[](std::size_t index) const { return Items(body_)[index]; }
  [[nodiscard]] const T& front() const { return *Items(body_); }
  // Whether no copy shares the list: for pools, which drop what nobody else holds.
  [[nodiscard]] bool unique() const {
    return body_ && body_->references.load(std::memory_order_acquire) == 1;
  }

  friend bool operator==(const SharedList& a, const SharedList& b) {
    return a.body_ == b.body_ || std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  struct alignas(T) alignas(8) Body {  // the items follow it in the same allocation
    std::atomic<std::uint32_t> references;
    std::uint32_t size;
  };
  static_assert(alignof(T) <= alignof(std::max_align_t));

  static T* Items(Body* body) { return std::launder(reinterpret_cast<T*>(body + 1)); }
  static Body* Make(std::vector<T>& items) {
    void* memory = ::operator new(sizeof(Body) + items.size() * sizeof(T));
    Body* body = new (memory) Body{{1}, static_cast<std::uint32_t>(items.size())};
    std::uninitialized_move(items.begin(), items.end(), reinterpret_cast<T*>(body + 1));
    return body;
  }
  void Release() {
    if (!body_ || body_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    std::destroy_n(Items(body_), body_->size);
    body_->~Body();
    ::operator delete(body_);
  }

  Body* body_ = nullptr;
};

}  // namespace plimsoll::kube
