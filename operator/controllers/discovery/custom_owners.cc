// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/discovery/custom_owners.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "operator/kube/object_codec.h"

namespace plimsoll::discovery {
namespace {

constexpr std::size_t kMaxKnown = 4096;
constexpr Duration kAskAgain = std::chrono::seconds(30);

std::string TextAt(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string CustomOwners::ProblemOf(const std::string& uid) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(uid);
  return found == known_.end() ? std::string() : found->second.problem;
}

std::optional<kube::ObjectMeta> CustomOwners::Lookup(const kube::OwnerReference& reference,
                                                     const std::string& ns) {
  const std::string uid = reference.uid.str();
  std::optional<Known> before;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(uid); found != known_.end()) before = found->second;
  }
  if (before && client_.clock().Monotonic() < before->until) return before->meta;
  Known now = Read(reference, ns);
  // What was read once stays while the answer fails: the workload must not change its name
  // meanwhile.
  if (!now.problem.empty() && before && before->meta) now.meta = before->meta;
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[uid] = now;
  return now.meta;
}

CustomOwners::Kind CustomOwners::FindKind(const std::string& api_version, const std::string& kind) {
  const std::string name = api_version + " " + kind;
  const Instant now = client_.clock().Monotonic();
  {
    const std::lock_guard lock(mutex_);
    const auto found = kinds_.find(name);
    if (found != kinds_.end() && now < found->second.until) return found->second;
  }
  Kind result;
  const std::size_t slash = api_version.find('/');
  if (slash != std::string::npos) result.group = api_version.substr(0, slash);
  result.version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  const auto list =
      client_.GetPath((slash == std::string::npos ? "/api/" : "/apis/") + api_version);
  if (!list) {
    result.problem =
        fmt::format("asking the API server about {}: {}", name, list.error().message());
  } else if (const auto resources = list->find("resources");
             resources != list->end() && resources->is_array()) {
    for (const nlohmann::json& resource : *resources) {
      if (!resource.is_object() || TextAt(resource, "kind") != kind) continue;
      const std::string plural = TextAt(resource, "name");
      if (plural.empty() || plural.contains('/')) continue;
      const auto namespaced = resource.find("namespaced");
      result.plural = plural;
      result.namespaced = namespaced == resource.end() || *namespaced != false;
    }
  }
  if (result.plural.empty() && result.problem.empty()) {
    result.problem = fmt::format("the API server serves no {} {}", api_version, kind);
  }
  result.until = now + (result.problem.empty() ? kKept : kAskAgain);
  const std::lock_guard lock(mutex_);
  if (kinds_.size() >= kMaxKnown) kinds_.clear();
  kinds_[name] = result;
  return result;
}

CustomOwners::Known CustomOwners::Read(const kube::OwnerReference& reference,
                                       const std::string& ns) {
  const Kind kind = FindKind(reference.api_version.str(), reference.kind.str());
  const Instant now = client_.clock().Monotonic();
  Known known{.meta = std::nullopt, .problem = kind.problem, .until = now + kAskAgain};
  if (!known.problem.empty()) return known;
  const kube::Resource resource{kind.group, kind.version, kind.plural, reference.kind.view(),
                                kind.namespaced};
  const auto object = client_.Get(resource, {kind.namespaced ? ns : "", reference.name});
  if (!object) {
    if (object.error().code() == ErrorCode::kForbidden) {
      known.problem = fmt::format(
          "the operator may not read {}.{}: add {{apiGroups: [{}], resources: [{}], verbs: [get]}} "
          "to the chart's rbac.extraRules",
          kind.plural, kind.group, kind.group, kind.plural);
      known.until = now + kKept;
    } else if (object.error().code() != ErrorCode::kNotFound) {
      known.problem = object.error().message();
    }
    return known;
  }
  const auto meta = kube::MetaFromJson(*object);
  if (!meta) {
    known.problem = meta.error().message();
    return known;
  }
  known.until = now + kKept;
  if (meta->uid == reference.uid) known.meta = *meta;  // otherwise another of that name
  return known;
}

}  // namespace plimsoll::discovery
