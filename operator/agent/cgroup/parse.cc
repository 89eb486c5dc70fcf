// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/parse.h"

#include <charconv>
#include <string>

namespace plimsoll::agent {
namespace {

// The most of a bad value that an error message repeats.
std::string Excerpt(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, 40)) shown += (c < ' ' || c > '~') ? '?' : c;
  return "'" + shown + (text.size() > 40 ? "...'" : "'");
}

Result<std::uint64_t> Digits(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || at != end) {
    return Fail(ErrorCode::kInvalid, "not a whole number: " + Excerpt(text));
  }
  return value;
}

Result<Bytes> AsBytes(std::uint64_t count) {
  if (count > kMaxBytes) {
    return Fail(ErrorCode::kInvalid, "absurd size, above 1 EiB: " + std::to_string(count));
  }
  return Bytes(static_cast<std::int64_t>(count));
}

Result<std::uint64_t> PressureTotal(std::string_view line) {
  const std::size_t at = line.find(" total=");
  if (at == std::string_view::npos) {
    return Fail(ErrorCode::kInvalid, "pressure line without total: " + Excerpt(line));
  }
  return Digits(line.substr(at + 7));
}

}  // namespace

Result<std::uint64_t> ParseCount(std::string_view text) {
  if (!text.ends_with('\n')) {
    return Fail(ErrorCode::kInvalid, "cut short: " + Excerpt(text));
  }
  text.remove_suffix(1);
  return Digits(text);
}

Result<Bytes> ParseBytes(std::string_view text) {
  const Result<std::uint64_t> count = ParseCount(text);
  if (!count) return std::unexpected(count.error());
  return AsBytes(*count);
}

Result<std::optional<Bytes>> ParseLimit(std::string_view text) {
  if (text == "max\n") return std::optional<Bytes>();
  const Result<std::uint64_t> count = ParseCount(text);
  if (!count) return std::unexpected(count.error());
  // LONG_MAX rounded down to the page: with pages of up to 64 KiB never below this.
  constexpr std::uint64_t kNone = 0x7fff'ffff'ffff'0000;
  if (*count >= kNone) return std::optional<Bytes>();
  const Result<Bytes> bytes = AsBytes(*count);
  if (!bytes) return std::unexpected(bytes.error());
  return std::optional<Bytes>(*bytes);
}

Result<KeyedFile> KeyedFile::Parse(std::string_view text) {
  if (!text.ends_with('\n')) return Fail(ErrorCode::kInvalid, "the last line is cut off");
  KeyedFile file;
  while (!text.empty()) {
    if (file.size_ == kMaxLines) return Fail(ErrorCode::kInvalid, "more than 256 lines");
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;  // no value: not a key that could be asked for
    file.lines_[file.size_++] = {line.substr(0, space), line.substr(space + 1)};
  }
  return file;
}

std::optional<std::string_view> KeyedFile::Find(std::string_view key) const {
  for (std::size_t i = 0; i < size_; ++i) {
    if (lines_[i].key == key) return lines_[i].value;
  }
  return std::nullopt;
}

Result<std::uint64_t> KeyedFile::Count(std::string_view key) const {
  const std::optional<std::string_view> text = Find(key);
  if (!text) return Fail(ErrorCode::kInvalid, "no key " + std::string(key));
  const Result<std::uint64_t> count = Digits(*text);
  if (!count) return std::unexpected(count.error().Context(key));
  return *count;
}

Result<Bytes> KeyedFile::Size(std::string_view key) const {
  const Result<std::uint64_t> count = Count(key);
  if (!count) return std::unexpected(count.error());
  const Result<Bytes> size = AsBytes(*count);
  if (!size) return std::unexpected(size.error().Context(key));
  return *size;
}

Result<std::optional<std::uint64_t>> KeyedFile::OptionalCount(std::string_view key) const {
  if (!Find(key)) return std::optional<std::uint64_t>();
  const Result<std::uint64_t> count = Count(key);
  if (!count) return std::unexpected(count.error());
  return std::optional<std::uint64_t>(*count);
}

Result<PressureTotals> ParsePressure(std::string_view text) {
  if (!text.ends_with('\n')) return Fail(ErrorCode::kInvalid, "the last line is cut off");
  const std::size_t break_at = text.find('\n');
  const std::string_view some = text.substr(0, break_at);
  std::string_view full = text.substr(break_at + 1);
  if (!some.starts_with("some ") || !full.starts_with("full ")) {
    return Fail(ErrorCode::kInvalid, "not a pressure file: " + Excerpt(text));
  }
  full = full.substr(0, full.find('\n'));
  const Result<std::uint64_t> some_usec = PressureTotal(some);
  if (!some_usec) return std::unexpected(some_usec.error());
  const Result<std::uint64_t> full_usec = PressureTotal(full);
  if (!full_usec) return std::unexpected(full_usec.error());
  return PressureTotals{*some_usec, *full_usec};
}

}  // namespace plimsoll::agent
