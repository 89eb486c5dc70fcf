// SPDX-License-Identifier: Apache-2.0
//
// Eight-byte immutable strings for objects that live in stores by the ten thousand. A StringPool
// gives equal texts ("default", a node's name, an image) one body; a text that does not repeat (a
// pod's UID) is held without the pool. Reads like a std::string_view everywhere.
//
//   StringPool pool;
//   InternedString node = pool.Intern("node-17");   // shared with every other pod of node-17
//   if (node == "node-17") ...
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace plimsoll::kube {

// Empty by default. Copies share the body (atomic count, safe across threads).
class InternedString {
 public:
  InternedString() = default;
  // A body of its own; use StringPool::Intern for texts that repeat.
  InternedString(std::string_view text);  // NOLINT(google-explicit-constructor)
  InternedString(const std::string& text) : InternedString(std::string_view(text)) {}  // NOLINT
  InternedString(const char* text) : InternedString(std::string_view(text)) {}         // NOLINT
  InternedString(const InternedString& other) noexcept : body_(other.body_) { Retain(); }
  InternedString(InternedString&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  InternedString& operator=(InternedString other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~InternedString() { Release(); }

  [[nodiscard]] std::string_view view() const {
    return body_ ? std::string_view(Text(body_), body_->size) : std::string_view();
  }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] std::string str() const { return std::string(view()); }
  [[nodiscard]] bool empty() const { return body_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return body_ ? body_->size : 0; }
  // Equal for equal texts of one pool: a cheap hash among them.
  [[nodiscard]] const void* identity() const { return body_; }

  friend bool operator==(const InternedString& a, const InternedString& b) {
    return a.body_ == b.body_ || a.view() == b.view();
  }
  friend auto operator<=>(const InternedString& a, const InternedString& b) {
    return a.view() <=> b.view();
  }
  friend bool operator==(const InternedString& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const InternedString& a, const char* b) { return a.view() == b; }
  friend bool operator==(const InternedString& a, const std::string& b) { return a.view() == b; }
  friend std::ostream& operator<<(std::ostream& out, const InternedString& text) {
    return out << text.view();
  }

 private:
  friend class StringPool;
  struct Body {  // the text follows it in the same allocation
    std::atomic<std::uint32_t> references;
    std::uint32_t size;
  };
  static const char* Text(const Body* body) { return reinterpret_cast<const char*>(body + 1); }
  void Retain() const {
    if (body_) body_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void Release();

  Body* body_ = nullptr;
};

// One body per text. Thread-safe. Texts nobody else holds any more are dropped now and then, so a
// pool does not grow with every rollout's image names.
class StringPool {
 public:
  [[nodiscard]] InternedString Intern(std::string_view text);
  // Number of texts held (for metrics and tests).
  [[nodiscard]] std::size_t size() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  };
  void SweepLocked();

  mutable std::mutex mutex_;
  std::unordered_set<InternedString, Hash, Equal> texts_;
  std::size_t sweep_at_ = 1024;
};

}  // namespace plimsoll::kube

template <>
struct std::hash<plimsoll::kube::InternedString> {
  std::size_t operator()(const plimsoll::kube::InternedString& text) const {
    return std::hash<std::string_view>()(text.view());
  }
};
