// SPDX-License-Identifier: Apache-2.0
//
// Reads bounded, named fields out of one JSON object. Private to this folder's .cc files.
//
// All readers of a document share one Problem, which keeps the first failure with the path of its
// field; reading goes on with empty values, so that a decoder reads top to bottom and asks once at
// the end.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "advisor/base/units.h"

namespace plimsoll::api {

// The first thing that was wrong with a document.
class Problem {
 public:
  void Report(const std::string& path, std::string_view what);
  [[nodiscard]] bool Found() const { return error_.has_value(); }
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

template <class Enum>
using Spellings = std::span<const std::pair<std::string_view, Enum>>;

class JsonReader {
 public:
  using Json = nlohmann::json;

  // `value` may be null: the object is absent and every field in it too.
  JsonReader(const Json* value, std::string path, Problem& problem);

  [[nodiscard]] bool Present() const { return value_ != nullptr; }
  [[nodiscard]] const std::string& path() const { return path_; }
  void Report(std::string_view key, std::string_view what) const;
  // The same object; what is wrong with it is told to `own`, not to the document's Problem.
  [[nodiscard]] JsonReader TellingTo(Problem& own) const;

  // Texts longer than max_bytes are a problem, not cut.
  [[nodiscard]] std::optional<std::string> OptionalText(std::string_view key,
                                                        std::size_t max_bytes) const;
  // Empty when absent.
  [[nodiscard]] std::string Text(std::string_view key, std::size_t max_bytes) const;
  // Absent or empty is a problem.
  [[nodiscard]] std::string RequiredText(std::string_view key, std::size_t max_bytes) const;
  [[nodiscard]] std::optional<std::int64_t> Integer(std::string_view key, std::int64_t least,
                                                    std::int64_t most) const;
  [[nodiscard]] std::optional<bool> Boolean(std::string_view key) const;
  [[nodiscard]] std::optional<TimePoint> Time(std::string_view key) const;
  // A quantity as text or as a bare number of bytes.
  [[nodiscard]] std::optional<Bytes> Quantity(std::string_view key) const;
  [[nodiscard]] std::map<std::string, std::string> TextMap(std::string_view key,
                                                           std::size_t max_entries) const;
  [[nodiscard]] std::optional<std::vector<std::string>> OptionalTextList(
      std::string_view key, std::size_t max_items, std::size_t max_bytes) const;
  // Empty when absent.
  [[nodiscard]] std::vector<std::string> TextList(std::string_view key, std::size_t max_items,
                                                  std::size_t max_bytes) const;

  [[nodiscard]] JsonReader Object(std::string_view key) const;
  [[nodiscard]] std::vector<JsonReader> ObjectList(std::string_view key,
                                                   std::size_t max_items) const;

  template <class Enum>
  [[nodiscard]] std::optional<Enum> Choice(std::string_view key, Spellings<Enum> spellings) const {
    const std::optional<std::string> text = OptionalText(key, 64);
    if (!text) return std::nullopt;
    std::string accepted;
    for (const auto& [spelling, value] : spellings) {
      if (*text == spelling) return value;
      accepted.append(accepted.empty() ? "" : ", ").append(spelling);
    }
    Report(key, "'" + *text + "' is not one of " + accepted);
    return std::nullopt;
  }

 private:
  // Null when absent or JSON null.
  [[nodiscard]] const Json* Find(std::string_view key) const;
  [[nodiscard]] std::string PathOf(std::string_view key) const;

  const Json* value_;
  std::string path_;
  Problem* problem_;
};

}  // namespace plimsoll::api
