// SPDX-License-Identifier: Apache-2.0
#include "operator/api/json_reader.h"

#include <fmt/format.h>

#include "operator/api/text.h"
#include "operator/kube/quantity.h"

namespace plimsoll::api {
namespace {

constexpr std::size_t kMaxMapText = 4096;

}  // namespace

void Problem::Report(const std::string& path, std::string_view what) {
  if (!error_) error_ = Error(ErrorCode::kInvalid, fmt::format("{}: {}", path, what));
}

JsonReader::JsonReader(const Json* value, std::string path, Problem& problem)
    : value_(value), path_(std::move(path)), problem_(&problem) {
  if (value_ != nullptr && !value_->is_object()) {
    problem_->Report(path_.empty() ? "document" : path_, "must be an object");
    value_ = nullptr;
  }
}

void JsonReader::Report(std::string_view key, std::string_view what) const {
  problem_->Report(PathOf(key), what);
}

JsonReader JsonReader::TellingTo(Problem& own) const { return JsonReader(value_, path_, own); }

const nlohmann::json* JsonReader::Find(std::string_view key) const {
  if (value_ == nullptr) return nullptr;
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

std::string JsonReader::PathOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::optional<std::string> JsonReader::OptionalText(std::string_view key,
                                                    std::size_t max_bytes) const {
  const Json* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    Report(key, "must be a string");
    return std::nullopt;
  }
  const std::string& text = value->get_ref<const std::string&>();
  if (text.size() > max_bytes) {
    Report(key, fmt::format("is {} bytes long; at most {} are allowed", text.size(), max_bytes));
    return std::nullopt;
  }
  return text;
}

std::string JsonReader::Text(std::string_view key, std::size_t max_bytes) const {
  return OptionalText(key, max_bytes).value_or("");
}

std::string JsonReader::RequiredText(std::string_view key, std::size_t max_bytes) const {
  std::string text = Text(key, max_bytes);
  if (text.empty()) Report(key, "is required");
  return text;
}

std::optional<std::int64_t> JsonReader::Integer(std::string_view key, std::int64_t least,
                                                std::int64_t most) const {
  const Json* value = Find(key);
  if (value == nullptr) return std::nullopt;
  // An unsigned one above 2^63-1 would come out negative, so it is compared as it is.
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() ||
                     value->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)) &&
                    value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most;
  if (!fits) {
    Report(key, fmt::format("must be a whole number from {} to {}", least, most));
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

std::optional<bool> JsonReader::Boolean(std::string_view key) const {
  const Json* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    Report(key, "must be true or false");
    return std::nullopt;
  }
  return value->get<bool>();
}

std::optional<TimePoint> JsonReader::Time(std::string_view key) const {
  const std::optional<std::string> text = OptionalText(key, 64);
  if (!text) return std::nullopt;
  const std::optional<TimePoint> time = ParseTime(*text);
  if (!time) Report(key, "'" + *text + "' is not a time like 2026-08-21T07:12:44Z");
  return time;
}

std::optional<Bytes> JsonReader::Quantity(std::string_view key) const {
  const Json* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer()) {
    const std::optional<std::int64_t> count = Integer(key, INT64_MIN, INT64_MAX);
    return count ? std::optional(Bytes(*count)) : std::nullopt;
  }
  const std::optional<std::string> text = OptionalText(key, 64);
  if (!text) return std::nullopt;
  const Result<kube::Quantity> amount = kube::ParseQuantity(*text);
  if (!amount) {
    Report(key, amount.error().message());
    return std::nullopt;
  }
  return amount->ToBytes();
}

std::map<std::string, std::string> JsonReader::TextMap(std::string_view key,
                                                       std::size_t max_entries) const {
  std::map<std::string, std::string> map;
  const Json* value = Find(key);
  if (value == nullptr) return map;
  if (!value->is_object() || value->size() > max_entries) {
    Report(key, fmt::format("must be an object of at most {} entries", max_entries));
    return map;
  }
  const JsonReader entries(value, PathOf(key), *problem_);
  for (const auto& [name, unused] : value->items()) {
    // Annotations may be longer than is of use here (kubectl's last-applied): those are passed
    // over.
    if (unused.is_string() && unused.get_ref<const std::string&>().size() > kMaxMapText) continue;
    map.emplace(name, entries.Text(name, kMaxMapText));
  }
  return map;
}

std::optional<std::vector<std::string>> JsonReader::OptionalTextList(std::string_view key,
                                                                     std::size_t max_items,
                                                                     std::size_t max_bytes) const {
  const Json* value = Find(key);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> list;
  if (!value->is_array() || value->size() > max_items) {
    Report(key, fmt::format("must be a list of at most {} strings", max_items));
    return list;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    const Json& item = (*value)[i];
    if (!item.is_string() || item.get_ref<const std::string&>().size() > max_bytes) {
      Report(fmt::format("{}[{}]", key, i),
             fmt::format("must be a string of at most {} bytes", max_bytes));
      return list;
    }
    list.push_back(item.get<std::string>());
  }
  return list;
}

std::vector<std::string> JsonReader::TextList(std::string_view key, std::size_t max_items,
                                              std::size_t max_bytes) const {
  return OptionalTextList(key, max_items, max_bytes).value_or(std::vector<std::string>{});
}

JsonReader JsonReader::Object(std::string_view key) const {
  return JsonReader(Find(key), PathOf(key), *problem_);
}

std::vector<JsonReader> JsonReader::ObjectList(std::string_view key, std::size_t max_items) const {
  std::vector<JsonReader> list;
  const Json* value = Find(key);
  if (value == nullptr) return list;
  if (!value->is_array() || value->size() > max_items) {
    Report(key, fmt::format("must be a list of at most {} entries", max_items));
    return list;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    list.emplace_back(&(*value)[i], fmt::format("{}[{}]", PathOf(key), i), *problem_);
  }
  return list;
}

}  // namespace plimsoll::api
