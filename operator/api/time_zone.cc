// SPDX-License-Identifier: Apache-2.0
#include "operator/api/time_zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace plimsoll::api {
namespace {

// Without dots, and no absolute path: no name leads out of the folder.
bool IsName(std::string_view name) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '+' || c == '-' || c == '/';
  };
  return !name.starts_with('/') && std::ranges::all_of(name, fits);
}

std::filesystem::path Folder() {
  const char* own = std::getenv("TZDIR");
  return own != nullptr && *own != '\0' ? own : "/usr/share/zoneinfo";
}

std::optional<absl::TimeZone> Load(const std::string& name) {
  if (name.empty() || name == "UTC") return absl::UTCTimeZone();
  // The library never forgets a name, not even one that it did not find: it is asked for those that
  // are there, which are some hundred.
  std::error_code unreadable;
  if (!IsName(name) || !std::filesystem::is_regular_file(Folder() / name, unreadable)) {
    return std::nullopt;
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

}  // namespace

bool TimeZonesInstalled() {
  std::error_code unreadable;
  return std::filesystem::is_directory(Folder(), unreadable);
}

bool IsTimeZone(const std::string& name) { return Load(name).has_value(); }

std::optional<rollout::WeekTime> WeekTimeIn(const std::string& zone, TimePoint now) {
  const std::optional<absl::TimeZone> found = Load(zone);
  if (!found) return std::nullopt;
  const absl::CivilSecond shown = absl::ToCivilSecond(absl::FromChrono(now), *found);
  const auto day = static_cast<int>(absl::GetWeekday(shown));  // Monday is 0
  return std::chrono::days(day) + std::chrono::hours(shown.hour()) +
         std::chrono::minutes(shown.minute());
}

}  // namespace plimsoll::api
