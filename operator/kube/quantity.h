// SPDX-License-Identifier: Apache-2.0
//
// Kubernetes quantities, exactly: "1.5Gi", "128974848", "129e6", "129M", "123Mi", "100m". Never a
// double on the way. Kept to nano-units in 128 bits; finer fractions round away from zero and
// larger values cap at 2^63-1 units, as the API server does.
//
//   Result<Quantity> q = ParseQuantity("1.5Gi");   // q->ToBytes() == 1610612736
//   FormatBytes(1_GiB + 512_MiB) == "1536Mi"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/units.h"

namespace plimsoll::kube {

// The family of suffixes a quantity was written with; canonical printing keeps it.
enum class QuantityFormat { kDecimalSi, kBinarySi, kDecimalExponent };

class Quantity {
 public:
  Quantity() = default;
  // `nanos` = value * 10^9.
  Quantity(__int128 nanos, QuantityFormat format) : nanos_(nanos), format_(format) {}
  [[nodiscard]] static Quantity FromInteger(std::int64_t value, QuantityFormat format) {
    return {static_cast<__int128>(value) * 1'000'000'000, format};
  }

  // Rounded up (towards positive infinity) to whole units, as the API's Value() does.
  [[nodiscard]] std::int64_t ToInteger() const;
  [[nodiscard]] Bytes ToBytes() const { return Bytes(ToInteger()); }
  [[nodiscard]] double ToDouble() const;  // for ratios only
  [[nodiscard]] QuantityFormat format() const { return format_; }

  // The one canonical text the API server would print: no fraction, largest suffix that is exact.
  [[nodiscard]] std::string ToString() const;

  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nanos_ == b.nanos_; }
  friend auto operator<=>(const Quantity& a, const Quantity& b) { return a.nanos_ <=> b.nanos_; }

 private:
  __int128 nanos_ = 0;
  QuantityFormat format_ = QuantityFormat::kDecimalSi;
};

// kInvalid with the text and the accepted forms when it is none.
[[nodiscard]] Result<Quantity> ParseQuantity(std::string_view text);

// Memory as a canonical quantity with binary suffixes: 536870912 → "512Mi", 1000 → "1k".
[[nodiscard]] std::string FormatBytes(Bytes bytes);

}  // namespace plimsoll::kube
