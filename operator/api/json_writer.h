// SPDX-License-Identifier: Apache-2.0
//
// Puts fields into a JSON object, leaving out what has no value. Private to this folder's .cc
// files.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "operator/api/condition.h"
#include "operator/api/json_reader.h"
#include "operator/api/target_ref.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::api {

// Absent optionals, empty texts and empty objects or lists are left out.
void Put(nlohmann::json& object, const char* key, const std::string& text);
void Put(nlohmann::json& object, const char* key, std::optional<TimePoint> time);
void Put(nlohmann::json& object, const char* key, nlohmann::json value);
// As an exact quantity: "512Mi".
void PutQuantity(nlohmann::json& object, const char* key, std::optional<Bytes> amount);
// As an observed quantity: rounded up to whole Mi.
void PutObserved(nlohmann::json& object, const char* key, std::optional<Bytes> amount);
template <class Number>
void PutNumber(nlohmann::json& object, const char* key, std::optional<Number> number) {
  if (number) object[key] = *number;
}

template <class Enum>
[[nodiscard]] std::string Spell(Spellings<Enum> spellings, Enum value) {
  for (const auto& [spelling, candidate] : spellings) {
    if (candidate == value) return std::string(spelling);
  }
  return "";
}

// The parts that all three kinds share.
[[nodiscard]] kube::ObjectMeta ReadMeta(const JsonReader& document);
[[nodiscard]] TargetRef ReadTargetRef(const JsonReader& reference);
[[nodiscard]] nlohmann::json WriteTargetRef(const TargetRef& target);
// observedGeneration, as far as it is known: the server counts from 1, so 0 is left out.
void PutGeneration(nlohmann::json& object, std::int64_t generation);
[[nodiscard]] std::vector<Condition> ReadConditions(const JsonReader& status);
[[nodiscard]] nlohmann::json WriteConditions(const std::vector<Condition>& conditions);
// apiVersion, kind, name and namespace; what an apply patch starts from.
[[nodiscard]] nlohmann::json WriteIdentity(const kube::Resource& resource,
                                           const kube::ObjectMeta& meta);
// WriteIdentity with owner references.
[[nodiscard]] nlohmann::json WriteObject(const kube::Resource& resource,
                                         const kube::ObjectMeta& meta);

}  // namespace plimsoll::api
