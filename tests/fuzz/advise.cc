// SPDX-License-Identifier: Apache-2.0
//
// Any stream of events: refused with a field and a remedy, or answered with numbers that hold: no
// NaN, the request not above the limit, nothing below what is in use.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "operator/cli/adviser.h"
#include "operator/cli/line_source.h"

namespace {

using namespace plimsoll;

void CheckAnswers(const std::string& out) {
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    const auto answer = nlohmann::json::parse(line, nullptr, false);
    if (answer.is_discarded()) std::abort();
    if (!answer.contains("limit") || !answer["limit"].is_number()) continue;
    const auto limit = answer["limit"].get<std::int64_t>();
    if (limit <= 0) std::abort();
    if (answer["request"].is_number() && answer["request"].get<std::int64_t>() > limit)
      std::abort();
  }
}

void Play(const std::string& text, cli::AdviserOptions options) {
  std::istringstream in(text);
  cli::LineSource lines(in, cli::AdviseEventParser::Padding());
  cli::AdviseEventParser parser;
  auto adviser = cli::Adviser::Make(std::move(options));
  if (!adviser) std::abort();
  std::string out;
  for (;;) {
    const auto line = lines.Next([] {});
    if (!line || !*line) break;
    const auto event = parser.Parse(**line, lines.Capacity(**line));
    if (!event || !adviser->Take(*event, out)) break;
    if (out.size() > (1U << 20)) break;
  }
  CheckAnswers(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Play(text, {});
  Play(text, {.guard = {.active = true, .reaction = std::chrono::seconds(2)}, .equal = true});
  return 0;
}
