// SPDX-License-Identifier: Apache-2.0
#include "operator/api/quantity.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <optional>

#include "operator/api/text.h"

namespace plimsoll::api {
namespace {

// Wide enough for 2^63 bytes in nano-units of a byte: 9.2e18 * 1e9 = 9.2e27 < 1.7e38.
using Wide = __int128;

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};

constexpr std::int64_t kKi = 1024;
constexpr Suffix kBinary[] = {
    {"Ei", kKi* kKi* kKi* kKi* kKi* kKi},
    {"Pi", kKi* kKi* kKi* kKi* kKi},
    {"Ti", kKi* kKi* kKi* kKi},
    {"Gi", kKi* kKi* kKi},
    {"Mi", kKi* kKi},
    {"Ki", kKi},
};
constexpr Suffix kDecimal[] = {
    {"E", 1'000'000'000'000'000'000},
    {"P", 1'000'000'000'000'000},
    {"T", 1'000'000'000'000},
    {"G", 1'000'000'000},
    {"M", 1'000'000},
    {"k", 1'000},
};

std::unexpected<Error> Refuse(std::string_view text, std::string_view why) {
  return Fail(ErrorCode::kInvalid,
              fmt::format("'{}' is not a memory quantity: {}; write it like 512Mi, 2Gi or 500M",
                          Shorten(text, 40), why));
}

// value = digits * 10^-scale.
struct Decimal {
  Wide digits = 0;
  int scale = 0;
  bool negative = false;
};

// Reads "[+-]12.5" off the front. Absent when there is no digit, or more than fit.
std::optional<Decimal> TakeDecimal(std::string_view& text) {
  Decimal number;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  bool seen_digit = false;
  bool seen_point = false;
  while (!text.empty()) {
    const char c = text.front();
    if (c == '.' && !seen_point) {
      seen_point = true;
    } else if (c >= '0' && c <= '9') {
      seen_digit = true;
      // 28 digits hold 2^63 with nine places; more would only be lost below a byte or above 2^63.
      constexpr Wide kMost = static_cast<Wide>(1'000'000'000'000'000'000) * 10'000'000'000;
      if (number.digits >= kMost) return std::nullopt;
      number.digits = number.digits * 10 + (c - '0');
      if (seen_point) ++number.scale;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  return seen_digit ? std::optional(number) : std::nullopt;
}

// What follows the number, as factor * 10^exponent.
struct Unit {
  std::int64_t factor = 1;
  int exponent = 0;
};

std::optional<Unit> ParseExponent(std::string_view text) {
  if (text.size() < 2 || (text.front() != 'e' && text.front() != 'E')) return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text.front() == '-';
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  if (text.empty() || text.size() > 2) return std::nullopt;
  int exponent = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    exponent = exponent * 10 + (c - '0');
  }
  return Unit{.factor = 1, .exponent = negative ? -exponent : exponent};
}

std::optional<Unit> ParseUnit(std::string_view text) {
  if (text.empty()) return Unit{};
  if (text == "m") return Unit{.factor = 1, .exponent = -3};
  if (text == "u") return Unit{.factor = 1, .exponent = -6};
  if (text == "n") return Unit{.factor = 1, .exponent = -9};
  for (const Suffix& suffix : kBinary) {
    if (text == suffix.text) return Unit{.factor = suffix.factor};
  }
  for (const Suffix& suffix : kDecimal) {
    if (text == suffix.text) return Unit{.factor = suffix.factor};
  }
  return ParseExponent(text);
}

}  // namespace

std::string FormatQuantity(Bytes amount) {
  const std::int64_t count = amount.count();
  if (count == 0) return "0";
  for (const Suffix& suffix : kBinary) {
    if (count % suffix.factor == 0) return fmt::format("{}{}", count / suffix.factor, suffix.text);
  }
  for (const Suffix& suffix : kDecimal) {
    if (count % suffix.factor == 0) return fmt::format("{}{}", count / suffix.factor, suffix.text);
  }
  return fmt::format("{}", count);
}

std::string FormatObserved(Bytes amount) {
  const std::int64_t count = amount.count();
  if (count <= 0) return FormatQuantity(amount);
  const std::int64_t step = count < kKi * kKi ? kKi : kKi * kKi;
  const std::int64_t steps = count / step + (count % step != 0 ? 1 : 0);
  return fmt::format("{}{}", steps, step == kKi ? "Ki" : "Mi");
}

Result<Bytes> ParseQuantity(std::string_view text) {
  std::string_view rest = text;
  const std::optional<Decimal> number = TakeDecimal(rest);
  if (!number) return Refuse(text, text.empty() ? "it is empty" : "it has no number in range");
  const std::optional<Unit> unit = ParseUnit(rest);
  if (!unit) return Refuse(text, "its suffix is unknown");

  constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
  Wide value = number->digits;
  int exponent = unit->exponent - number->scale;
  // The factor first, so that a fraction of it stays exact: 1.5Gi is 1610612736.
  if (value > (static_cast<Wide>(1) << 126) / unit->factor) return Refuse(text, "it is too large");
  value *= unit->factor;
  for (; exponent > 0 && value != 0; --exponent) {
    value *= 10;
    if (value > kMost) return Refuse(text, "it is too large");
  }
  bool fraction = false;
  for (; exponent < 0 && (value != 0); ++exponent) {
    fraction = fraction || value % 10 != 0;
    value /= 10;
  }
  // Away from zero, as Kubernetes rounds.
  if (fraction) value += 1;
  if (value > kMost) return Refuse(text, "it is too large");
  const auto count = static_cast<std::int64_t>(value);
  return Bytes(number->negative ? -count : count);
}

}  // namespace plimsoll::api
