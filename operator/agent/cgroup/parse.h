// SPDX-License-Identifier: Apache-2.0
//
// The kernel's text forms: single numbers, limits, keyed files. Everything is checked before it is
// believed: a number cut short, out of range or missing is an error, never 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/units.h"

namespace plimsoll::agent {

// A size above this is absurd and refused: 1 EiB, more than any machine has.
inline constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 60;

// "12345\n": one whole line of digits. Errors: kInvalid.
[[nodiscard]] Result<std::uint64_t> ParseCount(std::string_view text);

// As ParseCount, at most kMaxBytes.
[[nodiscard]] Result<Bytes> ParseBytes(std::string_view text);

// A limit; nullopt is "none": v2 writes "max", v1 writes 2^63 rounded down to a page
// (9223372036854771712 with 4 KiB pages, less with larger ones).
[[nodiscard]] Result<std::optional<Bytes>> ParseLimit(std::string_view text);

// A keyed file, "key value\n" a line, as memory.stat and memory.events are. Keys come in any order
// and kernels add new ones; a file whose last line is cut off is refused, and one of more than 256
// lines. Split once, because every key of memory.stat is asked for once a second and container.
class KeyedFile {
 public:
  [[nodiscard]] static Result<KeyedFile> Parse(std::string_view text);

  // Errors: kInvalid when the key is missing or its value is no number.
  [[nodiscard]] Result<std::uint64_t> Count(std::string_view key) const;
  // As Count, at most kMaxBytes.
  [[nodiscard]] Result<Bytes> Size(std::string_view key) const;
  // nullopt when the key is missing; errors as Count.
  [[nodiscard]] Result<std::optional<std::uint64_t>> OptionalCount(std::string_view key) const;

 private:
  struct Line {
    std::string_view key, value;
  };
  // memory.stat has 30 lines on v1 and 70 on v2.
  static constexpr std::size_t kMaxLines = 256;

  KeyedFile() = default;
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view key) const;
  std::array<Line, kMaxLines> lines_;  // the first size_ are set
  std::size_t size_ = 0;
};

// Cumulative stalled time of a pressure file's "some" and "full" lines, microseconds.
struct PressureTotals {
  std::uint64_t some_usec = 0;
  std::uint64_t full_usec = 0;
};
[[nodiscard]] Result<PressureTotals> ParsePressure(std::string_view text);

}  // namespace plimsoll::agent
