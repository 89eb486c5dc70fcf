// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/advice_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "operator/api/text.h"

namespace plimsoll::cli {
namespace {

// Appended piece by piece: built as a tree first, an answer took thirty times as long as the engine
// needs for it.
void AppendText(std::string_view text, std::string& out) {
  const bool plain = std::ranges::all_of(
      text, [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
  if (plain) {
    out.append("\"").append(text).append("\"");
  } else {
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

// The shortest text that reads back as this very number.
void AppendNumber(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
}

void AppendAmount(const std::optional<Bytes>& bytes, std::string& out) {
  if (!bytes) {
    out += "null";
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}", bytes->count());
}

std::string_view VerdictName(recommend::Verdict verdict) {
  switch (verdict) {
    case recommend::Verdict::kInsufficientData:
      return "InsufficientData";
    case recommend::Verdict::kUnderProvisioned:
      return "UnderProvisioned";
    case recommend::Verdict::kRightSized:
      return "RightSized";
    case recommend::Verdict::kOverProvisioned:
      return "OverProvisioned";
  }
  return "InsufficientData";
}

// `append` for each, with commas between.
template <class List, class Append>
void AppendList(const List& list, Append append, std::string& out) {
  out += '[';
  bool first = true;
  for (const auto& each : list) {
    if (!first) out += ',';
    first = false;
    append(each);
  }
  out += ']';
}

void AppendStep(const recommend::Step& step, std::string& out) {
  out += "{\"name\":";
  AppendText(step.name, out);
  out += ",\"op\":";
  AppendText(recommend::Name(step.op), out);
  out += ",\"terms\":";
  AppendList(
      step.terms,
      [&out](const recommend::Term& term) {
        out += "{\"name\":";
        AppendText(term.name, out);
        out += ",\"value\":";
        AppendNumber(term.value, out);
        out += '}';
      },
      out);
  out += ",\"result\":";
  AppendNumber(step.result, out);
  out += ",\"unit\":";
  AppendText(step.unit, out);
  out += '}';
}

}  // namespace

void AppendAdvice(const std::string& container, TimePoint now,
                  const recommend::Recommendation& advice, std::string& out) {
  out += "{\"time\":";
  AppendText(api::FormatTime(now), out);
  out += ",\"container\":";
  AppendText(container, out);
  out += ",\"request\":";
  AppendAmount(advice.request, out);
  out += ",\"limit\":";
  AppendAmount(advice.limit, out);
  out += ",\"verdict\":";
  AppendText(VerdictName(advice.verdict), out);
  out += ",\"confidence\":";
  AppendNumber(advice.confidence.value(), out);
  out += ",\"statedSlack\":";
  AppendNumber(advice.stated_slack.value(), out);
  out += advice.guarded ? ",\"guarded\":true" : ",\"guarded\":false";
  out += advice.may_shrink ? ",\"mayShrink\":true" : ",\"mayShrink\":false";
  out += ",\"reasons\":";
  AppendList(
      advice.reasons,
      [&out](const recommend::Reason& reason) {
        out += "{\"code\":";
        AppendText(reason.code, out);
        out += ",\"message\":";
        AppendText(reason.message, out);
        out += '}';
      },
      out);
  out += ",\"explanation\":";
  AppendList(advice.explanation.steps, [&out](const auto& step) { AppendStep(step, out); }, out);
  out += "}\n";
}

}  // namespace plimsoll::cli
