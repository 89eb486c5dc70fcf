// SPDX-License-Identifier: Apache-2.0
#include "operator/api/json_writer.h"

#include <array>

#include "operator/api/amount.h"
#include "operator/api/names.h"
#include "operator/api/text.h"

namespace plimsoll::api {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabels = 1024;
constexpr std::size_t kMaxOwners = 64;
constexpr std::size_t kMaxConditions = 32;
constexpr std::size_t kMaxConditionMessageRead = 32768;

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
  if (amount) object[key] = FormatAmount(*amount);
}

void PutObserved(json& object, const char* key, std::optional<Bytes> amount) {
  if (amount) object[key] = FormatObserved(*amount);
}

kube::ObjectMeta ReadMeta(const JsonReader& document) {
  const JsonReader reader = document.Object("metadata");
  kube::ObjectMeta meta;
  meta.name = reader.RequiredText("name", kMaxName);
  meta.ns = reader.Text("namespace", kMaxName);
  meta.uid = reader.Text("uid", kMaxName);
  meta.resource_version = reader.Text("resourceVersion", kMaxName);
  meta.generation = reader.Integer("generation", 0, INT64_MAX).value_or(0);
  meta.created = reader.Time("creationTimestamp").value_or(TimePoint{});
  meta.deleted = reader.Time("deletionTimestamp");
  std::vector<kube::KeyValue> labels;
  for (const auto& [key, value] : reader.TextMap("labels", kMaxLabels)) {
    labels.push_back({.key = key, .value = value});
  }
  meta.labels = std::move(labels);
  std::vector<kube::OwnerReference> owners;
  for (const JsonReader& owner : reader.ObjectList("ownerReferences", kMaxOwners)) {
    owners.push_back({.api_version = owner.Text("apiVersion", kMaxName),
                      .kind = owner.Text("kind", kMaxName),
                      .name = owner.Text("name", kMaxName),
                      .uid = owner.Text("uid", kMaxName),
                      .controller = owner.Boolean("controller").value_or(false)});
  }
  meta.owners = std::move(owners);
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
    condition.message = reader.Text("message", kMaxConditionMessageRead);
    condition.observed_generation = reader.Integer("observedGeneration", 0, INT64_MAX).value_or(0);
    condition.last_transition = reader.Time("lastTransitionTime").value_or(TimePoint{});
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

void PutGeneration(json& object, std::int64_t generation) {
  if (generation > 0) object["observedGeneration"] = generation;
}

json WriteConditions(const std::vector<Condition>& conditions) {
  json list = json::array();
  for (const Condition& condition : conditions) {
    json object = {{"type", condition.type},
                   {"status", Spell<ConditionStatus>(kConditionStatuses, condition.status)},
                   {"reason", condition.reason},
                   {"message", condition.message},
                   {"lastTransitionTime", FormatTime(condition.last_transition)}};
    PutGeneration(object, condition.observed_generation);
    list.push_back(std::move(object));
  }
  return list;
}

json WriteIdentity(const kube::Resource& resource, const kube::ObjectMeta& meta) {
  return {{"apiVersion", resource.ApiVersion()},
          {"kind", resource.kind},
          {"metadata", {{"name", meta.name.view()}, {"namespace", meta.ns.view()}}}};
}

json WriteObject(const kube::Resource& resource, const kube::ObjectMeta& meta) {
  json document = WriteIdentity(resource, meta);
  json owners = json::array();
  for (const kube::OwnerReference& owner : meta.owners) {
    json reference = {{"apiVersion", owner.api_version.view()},
                      {"kind", owner.kind.view()},
                      {"name", owner.name.view()},
                      {"uid", owner.uid.view()}};
    if (owner.controller) reference["controller"] = true;
    owners.push_back(std::move(reference));
  }
  Put(document["metadata"], "ownerReferences", std::move(owners));
  return document;
}

}  // namespace plimsoll::api
