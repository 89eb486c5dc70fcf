// SPDX-License-Identifier: Apache-2.0
#include "operator/api/json_writer.h"

#include <array>

#include "operator/api/names.h"
#include "operator/api/quantity.h"
#include "operator/api/text.h"

namespace plimsoll::api {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabels = 1024;
constexpr std::size_t kMaxOwners = 64;
constexpr std::size_t kMaxConditions = 32;
constexpr std::size_t kMaxMessage = 32768;

constexpr std::array<std::pair<std::string_view, ConditionStatus>, 3> kConditionStatuses = {{
    {"True", ConditionStatus::kTrue},
    {"False", ConditionStatus::kFalse},
    {"Unknown", ConditionStatus::kUnknown},
}};

}  // namespace

void Put(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void Put(json& object, const char* key, std::optional<TimePoint> time) {
  if (time) object[key] = FormatTime(*time);
}

void Put(json& object, const char* key, json value) {
  if (!value.empty()) object[key] = std::move(value);
}

void PutQuantity(json& object, const char* key, std::optional<Bytes> amount) {
  if (amount) object[key] = FormatQuantity(*amount);
}

void PutObserved(json& object, const char* key, std::optional<Bytes> amount) {
  if (amount) object[key] = FormatObserved(*amount);
}

ObjectMeta ReadMeta(const JsonReader& document) {
  const JsonReader reader = document.Object("metadata");
  ObjectMeta meta;
  meta.name = reader.RequiredText("name", kMaxName);
  meta.ns = reader.Text("namespace", kMaxName);
  meta.uid = reader.Text("uid", kMaxName);
  meta.resource_version = reader.Text("resourceVersion", kMaxName);
  meta.generation = reader.Integer("generation", 0, INT64_MAX).value_or(0);
  meta.created = reader.Time("creationTimestamp");
  meta.labels = reader.TextMap("labels", kMaxLabels);
  meta.annotations = reader.TextMap("annotations", kMaxLabels);
  for (const JsonReader& owner : reader.ObjectList("ownerReferences", kMaxOwners)) {
    meta.owners.push_back({.api_version = owner.Text("apiVersion", kMaxName),
                           .kind = owner.Text("kind", kMaxName),
                           .name = owner.Text("name", kMaxName),
                           .uid = owner.Text("uid", kMaxName)});
  }
  return meta;
}

TargetRef ReadTargetRef(const JsonReader& reference) {
  return {.api_version = reference.Text("apiVersion", kMaxName),
          .kind = reference.RequiredText("kind", kMaxName),
          .name = reference.RequiredText("name", kMaxName)};
}

json WriteTargetRef(const TargetRef& target) {
  json object = {{"kind", target.kind}, {"name", target.name}};
  Put(object, "apiVersion", target.api_version);
  return object;
}

std::vector<Condition> ReadConditions(const JsonReader& status) {
  std::vector<Condition> conditions;
  for (const JsonReader& reader : status.ObjectList("conditions", kMaxConditions)) {
    Condition condition;
    condition.type = reader.RequiredText("type", 316);
    condition.status = reader.Choice<ConditionStatus>("status", kConditionStatuses)
                           .value_or(ConditionStatus::kUnknown);
    condition.reason = reader.Text("reason", 1024);
    condition.message = reader.Text("message", kMaxMessage);
    condition.observed_generation = reader.Integer("observedGeneration", 0, INT64_MAX).value_or(0);
    condition.last_transition = reader.Time("lastTransitionTime").value_or(TimePoint{});
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

json WriteConditions(const std::vector<Condition>& conditions) {
  json list = json::array();
  for (const Condition& condition : conditions) {
    list.push_back({{"type", condition.type},
                    {"status", Spell<ConditionStatus>(kConditionStatuses, condition.status)},
                    {"reason", condition.reason},
                    {"message", condition.message},
                    {"observedGeneration", condition.observed_generation},
                    {"lastTransitionTime", FormatTime(condition.last_transition)}});
  }
  return list;
}

json WriteIdentity(std::string_view kind, const ObjectMeta& meta) {
  return {{"apiVersion", kApiVersion},
          {"kind", kind},
          {"metadata", {{"name", meta.name}, {"namespace", meta.ns}}}};
}

json WriteObject(std::string_view kind, const ObjectMeta& meta) {
  json document = WriteIdentity(kind, meta);
  json& metadata = document["metadata"];
  Put(metadata, "labels", json(meta.labels));
  Put(metadata, "annotations", json(meta.annotations));
  json owners = json::array();
  for (const OwnerReference& owner : meta.owners) {
    owners.push_back({{"apiVersion", owner.api_version},
                      {"kind", owner.kind},
                      {"name", owner.name},
                      {"uid", owner.uid}});
  }
  Put(metadata, "ownerReferences", std::move(owners));
  return document;
}

std::string Dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace plimsoll::api
