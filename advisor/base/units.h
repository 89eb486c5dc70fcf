// SPDX-License-Identifier: Apache-2.0
//
// Strong units. Memory amounts are Bytes, shares are Ratio; neither converts by itself. Sums
// saturate: a wrapped byte count would be a limit of nothing.
#pragma once

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>

namespace plimsoll {

// A share, usually 0 to 1 but not bounded: 1.15 is "15 % more".
class Ratio {
 public:
  constexpr Ratio() = default;
  constexpr explicit Ratio(double value) : value_(value) {}
  [[nodiscard]] constexpr double value() const { return value_; }
  friend constexpr auto operator<=>(Ratio, Ratio) = default;

 private:
  double value_ = 0;
};

// An amount of memory in bytes, signed so that differences can be told.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::int64_t count) : count_(count) {}

  // Rounds to nearest and saturates; NaN becomes 0 bytes only because no caller may pass it
  // (advisor code checks its inputs where they enter).
  [[nodiscard]] static constexpr Bytes FromDouble(double count) {
    constexpr double kMax = 9.2e18;
    if (count != count) return Bytes(0);
    if (count >= kMax) return Max();
    if (count <= -kMax) return Bytes(std::numeric_limits<std::int64_t>::min());
    return Bytes(static_cast<std::int64_t>(count < 0 ? count - 0.5 : count + 0.5));
  }
  [[nodiscard]] static constexpr Bytes Max() {
    return Bytes(std::numeric_limits<std::int64_t>::max());
  }

  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  [[nodiscard]] constexpr double AsDouble() const { return static_cast<double>(count_); }

  friend constexpr auto operator<=>(Bytes, Bytes) = default;
  friend constexpr Bytes operator+(Bytes a, Bytes b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a.count_, b.count_, &sum)) return Bytes(sum);
    return a.count_ > 0 ? Max() : Bytes(std::numeric_limits<std::int64_t>::min());
  }
  friend constexpr Bytes operator-(Bytes a, Bytes b) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(a.count_, b.count_, &difference)) return Bytes(difference);
    return a.count_ >= 0 ? Max() : Bytes(std::numeric_limits<std::int64_t>::min());
  }
  friend constexpr Bytes operator*(Bytes a, Ratio factor) {
    return FromDouble(a.AsDouble() * factor.value());
  }
  constexpr Bytes& operator+=(Bytes other) { return *this = *this + other; }
  constexpr Bytes& operator-=(Bytes other) { return *this = *this - other; }

 private:
  std::int64_t count_ = 0;
};

// How fast memory grows or is allocated, in bytes a second.
class BytesPerSecond {
 public:
  constexpr BytesPerSecond() = default;
  constexpr explicit BytesPerSecond(double value) : value_(value) {}
  [[nodiscard]] constexpr double value() const { return value_; }
  friend constexpr auto operator<=>(BytesPerSecond, BytesPerSecond) = default;

 private:
  double value_ = 0;
};

namespace literals {
constexpr Bytes operator""_B(unsigned long long n) { return Bytes(static_cast<std::int64_t>(n)); }
constexpr Bytes operator""_KiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) << 10);
}
constexpr Bytes operator""_MiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) << 20);
}
constexpr Bytes operator""_GiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) << 30);
}
}  // namespace literals

}  // namespace plimsoll
