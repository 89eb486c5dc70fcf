// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>

namespace plimsoll::kube {
namespace {

using Int128 = __int128;
constexpr Int128 kNano = 1'000'000'000;
constexpr Int128 kMaxUnits = std::numeric_limits<std::int64_t>::max();
constexpr Int128 kMaxNanos = kMaxUnits * kNano;
constexpr std::size_t kMaxLength = 64;  // the API's own values are far shorter

struct Suffix {
  std::string_view text;
  int exponent;  // of 10 or of 1024
  QuantityFormat format;
};
constexpr std::array kSuffixes{
    Suffix{"n", -9, QuantityFormat::kDecimalSi}, Suffix{"u", -6, QuantityFormat::kDecimalSi},
    Suffix{"m", -3, QuantityFormat::kDecimalSi}, Suffix{"", 0, QuantityFormat::kDecimalSi},
    Suffix{"k", 3, QuantityFormat::kDecimalSi},  Suffix{"M", 6, QuantityFormat::kDecimalSi},
    Suffix{"G", 9, QuantityFormat::kDecimalSi},  Suffix{"T", 12, QuantityFormat::kDecimalSi},
    Suffix{"P", 15, QuantityFormat::kDecimalSi}, Suffix{"E", 18, QuantityFormat::kDecimalSi},
    Suffix{"Ki", 1, QuantityFormat::kBinarySi},  Suffix{"Mi", 2, QuantityFormat::kBinarySi},
    Suffix{"Gi", 3, QuantityFormat::kBinarySi},  Suffix{"Ti", 4, QuantityFormat::kBinarySi},
    Suffix{"Pi", 5, QuantityFormat::kBinarySi},  Suffix{"Ei", 6, QuantityFormat::kBinarySi},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<Error> Refuse(std::string_view text) {
  return Fail(ErrorCode::kInvalid,
              "\"" + std::string(text.substr(0, kMaxLength)) +
                  "\" is no quantity; write a number with an optional suffix: n u m k M G T P E, "
                  "Ki Mi Gi Ti Pi Ei, or an exponent (512Mi, 1.5Gi, 100m, 129e6)");
}

// The suffix, or a decimal exponent such as e6, E-3.
std::optional<Suffix> ParseSuffix(std::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.text == text) return suffix;
  }
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  text.remove_prefix(1);
  if (text.size() > 1 && text[0] == '+' && IsDigit(text[1])) text.remove_prefix(1);
  if (!IsDigit(text.back())) return std::nullopt;
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error == std::errc::result_out_of_range) {
    exponent = text[0] == '-' ? -1000 : 1000;  // rounds to one nano or caps, as any huge exponent
  } else if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return Suffix{"", std::clamp(exponent, -1000, 1000), QuantityFormat::kDecimalExponent};
}

// An unsigned integer of any length over a power of ten, multiplied and divided exactly: 64 digits
// times 1024^6 times 10^9 need 300 bits, so the digits are kept and scaled one by one.
// Worked: "1.5Gi" = digits 15, fraction 1, factor 1024^3 → 15 * 2^30 * 10^9 / 10^1 nanos.
class ExactDecimal {
 public:
  // Multiplies by `factor`, adds `digit`.
  void MultiplyAdd(std::uint32_t factor, std::uint32_t digit) {
    std::uint64_t carry = digit;
    for (std::uint32_t& limb : limbs_) {
      carry += static_cast<std::uint64_t>(limb) * factor;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) overflow_ = true;
  }
  // Divides by ten, remembering whether anything was cut off.
  void DivideByTen() {
    std::uint64_t remainder = 0;
    for (std::size_t i = limbs_.size(); i-- > 0;) {
      remainder = (remainder << 32) | limbs_[i];
      limbs_[i] = static_cast<std::uint32_t>(remainder / 10);
      remainder %= 10;
    }
    inexact_ = inexact_ || remainder != 0;
  }
  // Rounded away from zero, capped.
  [[nodiscard]] Int128 Value() const {
    if (overflow_) return kMaxNanos;
    Int128 value = 0;
    for (std::size_t i = limbs_.size(); i-- > 0;) {
      if (value > (kMaxNanos >> 32)) return kMaxNanos;
      value = (value << 32) | limbs_[i];
    }
    return std::min(value + (inexact_ ? 1 : 0), kMaxNanos);
  }

 private:
  std::array<std::uint32_t, 16> limbs_{};  // 512 bits
  bool overflow_ = false;
  bool inexact_ = false;
};

// What nearly every quantity is: up to 18 digits, no fraction, no exponent. Ten times faster.
std::optional<Int128> ScaleSimple(std::string_view digits, const Suffix& suffix) {
  if (digits.size() > 18 || suffix.format == QuantityFormat::kDecimalExponent) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const bool binary = suffix.format == QuantityFormat::kBinarySi;
  Int128 value = number;
  for (int i = 0; i < suffix.exponent + (binary ? 0 : 9); ++i) {
    value *= binary ? 1024 : 10;
    if (value > kMaxNanos) return kMaxNanos;
  }
  if (!binary) return value;
  return value > kMaxUnits ? kMaxNanos : value * kNano;
}

Int128 ScaleToNanos(std::string_view digits, int fraction_digits, const Suffix& suffix) {
  if (const std::optional<Int128> simple = ScaleSimple(digits, suffix)) return *simple;
  ExactDecimal value;
  bool zero = true;
  for (const char c : digits) {
    if (c == '.') continue;
    zero = zero && c == '0';
    value.MultiplyAdd(10, static_cast<std::uint32_t>(c - '0'));
  }
  if (zero) return 0;
  int tens = 9 - fraction_digits;
  if (suffix.format == QuantityFormat::kBinarySi) {
    for (int i = 0; i < suffix.exponent; ++i) value.MultiplyAdd(1024, 0);
  } else {
    tens += suffix.exponent;
  }
  for (; tens > 0; --tens) value.MultiplyAdd(10, 0);
  for (; tens < 0; ++tens) value.DivideByTen();
  return value.Value();
}

Int128 CeilDivide(Int128 value, Int128 by) {
  return value / by + (value % by > 0 ? 1 : 0);  // truncation is already up for negatives
}

std::int64_t Saturate(Int128 value) {
  return static_cast<std::int64_t>(std::clamp<Int128>(value, -kMaxUnits - 1, kMaxUnits));
}

std::string Print(Int128 value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string digits;
  for (Int128 rest = negative ? -value : value; rest > 0; rest /= 10) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (negative) digits += '-';
  return {digits.rbegin(), digits.rend()};
}

std::string PrintBinary(Int128 units) {
  constexpr std::array<std::string_view, 7> kNames{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t power = 0;
  while (power + 1 < kNames.size() && units % 1024 == 0) {
    units /= 1024;
    ++power;
  }
  return Print(units) + std::string(kNames[power]);
}

std::string PrintDecimal(Int128 nanos, QuantityFormat format) {
  constexpr std::array<std::string_view, 10> kNames{"n", "u", "m", "",  "k",
                                                    "M", "G", "T", "P", "E"};
  std::size_t power = 0;  // of 1000, from nano
  while (power + 1 < kNames.size() && nanos % 1000 == 0) {
    nanos /= 1000;
    ++power;
  }
  const int exponent = 3 * static_cast<int>(power) - 9;
  if (format == QuantityFormat::kDecimalSi) return Print(nanos) + std::string(kNames[power]);
  return exponent == 0 ? Print(nanos) : Print(nanos) + "e" + std::to_string(exponent);
}

}  // namespace

std::int64_t Quantity::ToInteger() const { return Saturate(CeilDivide(nanos_, kNano)); }

double Quantity::ToDouble() const { return static_cast<double>(nanos_) / 1e9; }

std::string Quantity::ToString() const {
  if (nanos_ == 0) return "0";
  const bool small = nanos_ > -1024 * kNano && nanos_ < 1024 * kNano;
  if (format_ == QuantityFormat::kBinarySi && !small && nanos_ % kNano == 0) {
    return PrintBinary(nanos_ / kNano);
  }
  // A binary quantity that is small or broken prints in decimal, as the API does.
  const QuantityFormat format = format_ == QuantityFormat::kDecimalExponent
                                    ? QuantityFormat::kDecimalExponent
                                    : QuantityFormat::kDecimalSi;
  return PrintDecimal(nanos_, format);
}

Result<Quantity> ParseQuantity(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength) return Refuse(text);
  std::string_view rest = text;
  const bool negative = rest[0] == '-';
  if (rest[0] == '-' || rest[0] == '+') rest.remove_prefix(1);

  std::size_t length = 0;
  int digits = 0;
  int fraction_digits = 0;
  bool point = false;
  for (; length < rest.size() && (IsDigit(rest[length]) || (rest[length] == '.' && !point));
       ++length) {
    if (rest[length] == '.') {
      point = true;
    } else {
      ++digits;
      if (point) ++fraction_digits;
    }
  }
  if (digits == 0) return Refuse(text);
  const std::optional<Suffix> suffix = ParseSuffix(rest.substr(length));
  if (!suffix) return Refuse(text);

  const Int128 nanos = ScaleToNanos(rest.substr(0, length), fraction_digits, *suffix);
  return Quantity(negative ? -nanos : nanos, suffix->format);
}

std::string FormatBytes(Bytes bytes) {
  return Quantity::FromInteger(bytes.count(), QuantityFormat::kBinarySi).ToString();
}

}  // namespace plimsoll::kube
