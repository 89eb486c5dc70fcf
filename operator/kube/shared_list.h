// SPDX-License-Identifier: Apache-2.0
//
// An immutable list that copies share: the containers or labels of a thousand replicas are one
// list in memory. Read it like a const std::vector; to change it, make a new one.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace plimsoll::kube {

template <class T>
class SharedList {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;

  SharedList() = default;
  SharedList(std::vector<T> items)  // NOLINT(google-explicit-constructor)
      : items_(items.empty() ? nullptr : std::make_shared<const std::vector<T>>(std::move(items))) {
  }
  // Shares a list that is there already; null is the empty list.
  explicit SharedList(std::shared_ptr<const std::vector<T>> items) : items_(std::move(items)) {}
  SharedList(std::initializer_list<T> items) : SharedList(std::vector<T>(items)) {}

  [[nodiscard]] const_iterator begin() const { return items_ ? items_->begin() : const_iterator(); }
  [[nodiscard]] const_iterator end() const { return items_ ? items_->end() : const_iterator(); }
  [[nodiscard]] std::size_t size() const { return items_ ? items_->size() : 0; }
  [[nodiscard]] bool empty() const { return items_ == nullptr; }
  [[nodiscard]] const T& operator[](std::size_t index) const { return (*items_)[index]; }
  [[nodiscard]] const T& front() const { return items_->front(); }

  friend bool operator==(const SharedList& a, const SharedList& b) {
    if (a.items_ == b.items_) return true;
    return a.items_ && b.items_ && *a.items_ == *b.items_;
  }

 private:
  std::shared_ptr<const std::vector<T>> items_;
};

}  // namespace plimsoll::kube
