// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/checkpoint/known_kills_text.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>

namespace plimsoll::checkpoint {
namespace {

using nlohmann::json;
using Run = fleet::KnownKills::Run;

// ,[4294967295,""] and, around all, ,"known":[]
constexpr std::size_t kMinuteRoom = 16;
constexpr std::size_t kFrameRoom = 11;

std::string TextOf(const Run& run) {
  if (run.first == 1 && run.last == 1) return fmt::format("{:x}", run.owner);
  if (run.first == run.last) return fmt::format("{:x}:{}", run.owner, run.first);
  return fmt::format("{:x}:{}-{}", run.owner, run.first, run.last);
}

template <class Number>
bool ReadNumber(std::string_view text, Number& number, int base = 10) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && rest == end;
}

std::optional<Run> RunOf(std::string_view text, history::Minute minute) {
  Run run{.minute = minute, .first = 1, .last = 1};
  const std::size_t colon = text.find(':');
  if (!ReadNumber(text.substr(0, colon), run.owner, 16)) return std::nullopt;
  if (colon == std::string_view::npos) return run;
  const std::string_view numbers = text.substr(colon + 1);
  const std::size_t dash = numbers.find('-');
  if (!ReadNumber(numbers.substr(0, dash), run.first)) return std::nullopt;
  run.last = run.first;
  if (dash == std::string_view::npos) return run;
  return ReadNumber(numbers.substr(dash + 1), run.last) ? std::optional(run) : std::nullopt;
}

// The newest that fit.
std::span<const Run> Fitting(std::span<const Run> runs, std::size_t room) {
  std::size_t used = kFrameRoom;
  for (std::size_t at = runs.size(); at > 0; --at) {
    used += TextOf(runs[at - 1]).size() + 1;
    if (at == runs.size() || runs[at - 1].minute != runs[at].minute) used += kMinuteRoom;
    if (used > room) return runs.subspan(at);
  }
  return runs;
}

}  // namespace

json WriteKnownKills(const fleet::KnownKills& known, std::size_t room) {
  json out = json::array();
  for (const Run& run : Fitting(known.runs(), room)) {
    if (out.empty() || out.back()[0] != run.minute) {
      out.push_back(json::array({run.minute, TextOf(run)}));
    } else {
      out.back()[1].get_ref<std::string&>() += ' ' + TextOf(run);
    }
  }
  return out;
}

fleet::KnownKills ReadKnownKills(const json& in) {
  fleet::KnownKills known;
  for (const json& entry : in.get_ref<const json::array_t&>()) {
    const auto minute = entry.at(0).get<history::Minute>();
    for (const auto word : entry.at(1).get_ref<const std::string&>() | std::views::split(' ')) {
      if (const auto run = RunOf(std::string_view(word), minute)) known.Add(*run);
    }
  }
  return known;
}

}  // namespace plimsoll::checkpoint
