// SPDX-License-Identifier: Apache-2.0
#include "operator/api/patch_window.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "operator/api/json_reader.h"
#include "operator/api/time_zone.h"

namespace plimsoll::api {
namespace {

constexpr std::size_t kMaxText = 64;
constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

// Two digits as a number below `bound`.
std::optional<int> TwoDigits(std::string_view text, int bound) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::ranges::all_of(text, digit)) return std::nullopt;
  const int number = 10 * (text[0] - '0') + (text[1] - '0');
  return number < bound ? std::optional(number) : std::nullopt;
}

std::optional<std::chrono::minutes> TimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const std::optional<int> hour = TwoDigits(text.substr(0, 2), 24);
  const std::optional<int> minute = TwoDigits(text.substr(3), 60);
  if (!hour || !minute) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

std::chrono::minutes ReadTimeOfDay(const JsonReader& reader, std::string_view key) {
  const std::string text = reader.RequiredText(key, kMaxText);
  const std::optional<std::chrono::minutes> time = TimeOfDay(text);
  if (!time) {
    reader.Report(key, fmt::format("'{}' is no time of day; write one such as \"09:00\", from "
                                   "00:00 to 23:59",
                                   text));
  }
  return time.value_or(std::chrono::minutes(0));
}

std::bitset<7> ReadDays(const JsonReader& reader) {
  const auto names = reader.OptionalTextList("days", kDays.size(), kMaxText);
  if (!names) return std::bitset<7>().set();
  if (names->empty()) reader.Report("days", "must name a day; leave it out for every day");
  std::bitset<7> days;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string& name = (*names)[i];
    const auto* const day = std::ranges::find(kDays, name);
    if (day == kDays.end()) {
      reader.Report(fmt::format("days[{}]", i),
                    fmt::format("'{}' is not one of {}", name, fmt::join(kDays, ", ")));
      continue;
    }
    days.set(static_cast<std::size_t>(day - kDays.begin()));
  }
  return days;
}

}  // namespace

PatchWindow ReadPatchWindow(const JsonReader& reader) {
  return {.hours = {.days = ReadDays(reader),
                    .start = ReadTimeOfDay(reader, "start"),
                    .end = ReadTimeOfDay(reader, "end")},
          .time_zone = reader.Text("timeZone", kMaxText)};
}

Status CheckPatchWindow(const PatchWindow& window, const std::string& path) {
  if (IsTimeZone(window.time_zone)) return {};
  if (!TimeZonesInstalled()) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("{}.timeZone: '{}' cannot be looked up, for there are no files of time "
                            "zones; install tzdata, or name their folder in TZDIR",
                            path, window.time_zone));
  }
  return Fail(ErrorCode::kInvalid,
              fmt::format("{}.timeZone: '{}' is no time zone of the IANA database; write one such "
                          "as Europe/Berlin, or leave it out for UTC",
                          path, window.time_zone));
}

std::string FormatWeekTime(rollout::WeekTime time) {
  constexpr std::chrono::minutes kDay = std::chrono::days(1);
  const std::chrono::minutes of_day = time % kDay;
  return fmt::format("{} {:02}:{:02}", kDays.at(static_cast<std::size_t>(time / kDay)),
                     of_day / std::chrono::hours(1), of_day.count() % 60);
}

}  // namespace plimsoll::api
