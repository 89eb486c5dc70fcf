// SPDX-License-Identifier: Apache-2.0
#include "operator/api/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace plimsoll::api {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;

// Of the well-formed UTF-8 character that text starts with (Unicode 15, table 3-7); 0: there is
// none.
std::size_t CharacterLength(std::string_view text) {
  const auto at = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [at](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && at(1) < 0xA0;
    const bool surrogate = lead == 0xED && at(1) > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && at(1) < 0x90;
    const bool beyond = lead == 0xF4 && at(1) > 0x8F;
    return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

// Takes that many digits off the front of text; absent when they are not all digits.
std::optional<int> TakeNumber(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool Take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456" -> 123 ms; nothing there -> 0.
std::optional<Duration> TakeFraction(std::string_view& text) {
  if (!Take(text, '.')) return Duration(0);
  int milliseconds = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) milliseconds = milliseconds * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) milliseconds *= 10;
  return Duration(milliseconds);
}

// "Z", "+02:00" -> how far the local time is ahead of UTC.
std::optional<std::chrono::minutes> TakeOffset(std::string_view& text) {
  if (Take(text, 'Z') || Take(text, 'z')) return std::chrono::minutes(0);
  const bool behind = !text.empty() && text.front() == '-';
  if (!behind && !(!text.empty() && text.front() == '+')) return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> hour = TakeNumber(text, 2);
  if (!hour || *hour > 23 || !Take(text, ':')) return std::nullopt;
  const std::optional<int> minute = TakeNumber(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  return behind ? -offset : offset;
}

std::optional<std::chrono::sys_days> TakeDate(std::string_view& text) {
  const std::optional<int> year = TakeNumber(text, 4);
  if (!year || !Take(text, '-')) return std::nullopt;
  const std::optional<int> month = TakeNumber(text, 2);
  if (!month || !Take(text, '-')) return std::nullopt;
  const std::optional<int> day = TakeNumber(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

}  // namespace

std::string FitText(std::string_view text, std::size_t max_bytes) {
  std::string fit;
  fit.reserve(std::min(text.size(), max_bytes));
  constexpr std::string_view kEllipsis = "...";
  std::size_t last_edge = 0;  // the longest start that leaves room for the ellipsis
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    const std::string_view character = length == 0 ? "?" : text.substr(0, length);
    if (fit.size() + character.size() > max_bytes) {
      fit.resize(last_edge);
      return fit.append(kEllipsis.substr(0, max_bytes));
    }
    fit.append(character);
    if (fit.size() + kEllipsis.size() <= max_bytes) last_edge = fit.size();
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return fit;
}

std::string Counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string FormatTime(TimePoint time) {
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<TimePoint> ParseTime(std::string_view text) {
  const std::optional<std::chrono::sys_days> date = TakeDate(text);
  if (!date || !(Take(text, 'T') || Take(text, 't'))) return std::nullopt;
  const std::optional<int> hour = TakeNumber(text, 2);
  if (!hour || *hour > 23 || !Take(text, ':')) return std::nullopt;
  const std::optional<int> minute = TakeNumber(text, 2);
  if (!minute || *minute > 59 || !Take(text, ':')) return std::nullopt;
  const std::optional<int> second = TakeNumber(text, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second
  const std::optional<Duration> fraction = TakeFraction(text);
  const std::optional<std::chrono::minutes> offset = TakeOffset(text);
  if (!fraction || !offset || !text.empty()) return std::nullopt;
  return TimePoint(*date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         seconds(*second) + *fraction - *offset;
}

}  // namespace plimsoll::api
