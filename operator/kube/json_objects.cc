// SPDX-License-Identifier: Apache-2.0
//
// What JSON objects of any kind share; see object_codec.h.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "operator/kube/object_codec.h"
#include "operator/kube/rfc3339.h"

namespace plimsoll::kube {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kMaxJson = 8u << 20;
constexpr int kMaxDepth = 200;

// Reads members of one JSON object and remembers the first that has the wrong type.
class Members {
 public:
  Members(const Json& object, std::string path) : object_(object), path_(std::move(path)) {}

  std::string_view Text(const char* key) {
    const auto it = object_.find(key);
    if (it == object_.end() || it->is_null()) return {};
    if (!it->is_string()) return Refuse(key, "is not a string"), std::string_view();
    return it->get_ref<const std::string&>();
  }
  std::optional<TimePoint> Time(const char* key) {
    const std::string_view text = Text(key);
    if (text.empty()) return std::nullopt;
    const Result<TimePoint> time = ParseRfc3339(text);
    if (!time) return Refuse(key, time.error().message()), std::nullopt;
    return *time;
  }
  Labels Map(const char* key) {
    std::vector<KeyValue> labels;
    const auto it = object_.find(key);
    if (it == object_.end() || it->is_null()) return {};
    if (!it->is_object()) return Refuse(key, "is not a map"), Labels();
    for (const auto& [name, value] : it->items()) {
      if (!value.is_string()) return Refuse(key, "has a value that is not a string"), Labels();
      labels.push_back({name, value.get_ref<const std::string&>()});
    }
    return labels;  // nlohmann's objects are sorted by key
  }
  bool Flag(const char* key) {
    const auto it = object_.find(key);
    return it != object_.end() && it->is_boolean() && it->get<bool>();
  }
  std::int64_t Number(const char* key) {
    const auto it = object_.find(key);
    return it != object_.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
  }
  void Refuse(const char* key, std::string_view problem) {
    if (problem_.empty()) problem_ = path_ + "." + key + " " + std::string(problem);
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  const Json& object_;
  std::string path_;
  std::string problem_;
};

Result<SharedList<OwnerReference>> OwnersFromJson(const Json& metadata) {
  std::vector<OwnerReference> owners;
  const auto it = metadata.find("ownerReferences");
  if (it == metadata.end() || it->is_null()) return SharedList<OwnerReference>();
  if (!it->is_array()) {
    return Fail(ErrorCode::kInvalid, "metadata.ownerReferences is not a list");
  }
  for (const Json& item : *it) {
    if (!item.is_object()) {
      return Fail(ErrorCode::kInvalid, "metadata.ownerReferences holds something else");
    }
    Members owner(item, "metadata.ownerReferences");
    owners.push_back({.api_version = owner.Text("apiVersion"),
                      .kind = owner.Text("kind"),
                      .name = owner.Text("name"),
                      .uid = owner.Text("uid"),
                      .controller = owner.Flag("controller")});
    if (!owner.problem().empty()) return Fail(ErrorCode::kInvalid, owner.problem());
  }
  return owners;
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  if (text.size() > kMaxJson) {
    return Fail(ErrorCode::kInvalid,
                "JSON of " + std::to_string(text.size()) + " bytes is over the bound of 8 MiB");
  }
  bool too_deep = false;
  const auto callback = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  try {
    Json json = Json::parse(text, callback);
    if (too_deep) return Fail(ErrorCode::kInvalid, "JSON nested deeper than 200 levels");
    return json;
  } catch (const Json::exception& error) {
    return Fail(ErrorCode::kInvalid, std::string("malformed JSON: ") + error.what());
  }
}

Result<ObjectMeta> MetaFromJson(const Json& object) {
  const auto it = object.is_object() ? object.find("metadata") : object.end();
  if (!object.is_object() || it == object.end() || !it->is_object()) {
    return Fail(ErrorCode::kInvalid, "metadata is missing or no object");
  }
  Members in(*it, "metadata");
  ObjectMeta meta;
  meta.ns = in.Text("namespace");
  meta.name = in.Text("name");
  meta.uid = in.Text("uid");
  meta.resource_version = in.Text("resourceVersion");
  meta.generation = in.Number("generation");
  meta.created = in.Time("creationTimestamp").value_or(TimePoint{});
  meta.deleted = in.Time("deletionTimestamp");
  meta.labels = in.Map("labels");
  meta.annotations = in.Map("annotations");
  if (!in.problem().empty()) return Fail(ErrorCode::kInvalid, in.problem());
  Result<SharedList<OwnerReference>> owners = OwnersFromJson(*it);
  if (!owners) return std::unexpected(owners.error());
  meta.owners = *owners;
  return meta;
}

}  // namespace plimsoll::kube
