// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/rfc3339.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>

namespace plimsoll::kube {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Takes exactly `digits` digits off the front.
std::optional<int> TakeNumber(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool Take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456" → 123 ms; digits beyond are cut.
std::optional<Duration> TakeFraction(std::string_view& text) {
  if (!Take(text, '.')) return Duration(0);
  int value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits < 3) value = value * 10 + (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  for (std::size_t i = digits; i < 3; ++i) value *= 10;
  text.remove_prefix(digits);
  return Duration(value);
}

// "Z" or "+01:30"; how far the text is ahead of UTC.
std::optional<minutes> TakeOffset(std::string_view& text) {
  if (Take(text, 'Z') || Take(text, 'z')) return minutes(0);
  const bool ahead = !text.empty() && text.front() == '+';
  if (!Take(text, '+') && !Take(text, '-')) return std::nullopt;
  const auto h = TakeNumber(text, 2);
  const bool colon = Take(text, ':');
  const auto m = TakeNumber(text, 2);
  if (!h || !colon || !m || *h > 23 || *m > 59) return std::nullopt;
  const minutes offset = hours(*h) + minutes(*m);
  return ahead ? offset : -offset;
}

std::optional<TimePoint> Parse(std::string_view text) {
  const auto year = TakeNumber(text, 4);
  const bool dash1 = Take(text, '-');
  const auto month = TakeNumber(text, 2);
  const bool dash2 = Take(text, '-');
  const auto day = TakeNumber(text, 2);
  const bool t = Take(text, 'T') || Take(text, 't');
  const auto hour = TakeNumber(text, 2);
  const bool colon1 = Take(text, ':');
  const auto minute = TakeNumber(text, 2);
  const bool colon2 = Take(text, ':');
  const auto second = TakeNumber(text, 2);
  if (!year || !dash1 || !month || !dash2 || !day || !t || !hour || !colon1 || !minute || !colon2 ||
      !second) {
    return std::nullopt;
  }
  const auto fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *year == 0 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date)) + hours(*hour) + minutes(*minute) +
         seconds(*second) + *fraction - *offset;
}

struct Parts {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Duration> time;
};
Parts Split(TimePoint time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  return {std::chrono::year_month_day(days), std::chrono::hh_mm_ss<Duration>(time - days)};
}

std::string FormatWhole(const Parts& parts) {
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(parts.date.year()),
                     static_cast<unsigned>(parts.date.month()),
                     static_cast<unsigned>(parts.date.day()), parts.time.hours().count(),
                     parts.time.minutes().count(), parts.time.seconds().count());
}

}  // namespace

Result<TimePoint> ParseRfc3339(std::string_view text) {
  if (const std::optional<TimePoint> time = Parse(text)) return *time;
  return Fail(ErrorCode::kInvalid, "\"" + std::string(text.substr(0, 64)) +
                                       "\" is no RFC 3339 time (2026-11-21T07:28:01Z)");
}

std::string FormatTime(TimePoint time) { return FormatWhole(Split(time)) + "Z"; }

std::string FormatMicroTime(TimePoint time) {
  const Parts parts = Split(time);
  return FormatWhole(parts) + fmt::format(".{:03}000Z", parts.time.subseconds().count());
}

}  // namespace plimsoll::kube
