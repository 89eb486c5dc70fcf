// SPDX-License-Identifier: Apache-2.0
#include "tests/support/applied_objects.h"

#include <algorithm>

namespace plimsoll::testing {
namespace {

using Json = nlohmann::json;

constexpr const char* kJsonType = "application/json";

// What an apply of all our fields leaves; `before` is null for a new object.
Json Merged(Json before, const Json& applied, bool status) {
  if (status) {
    before["status"] = applied.at("status");
    return before;
  }
  Json after = applied;
  after.erase("status");
  if (before.is_null()) return after;
  const bool changed = before["spec"] != after["spec"];
  for (const char* kept : {"uid", "generation", "resourceVersion"}) {
    after["metadata"][kept] = before["metadata"][kept];
  }
  if (changed) after["metadata"]["generation"] = before["metadata"].value("generation", 0) + 1;
  if (before.contains("status")) after["status"] = before["status"];
  return after;
}

}  // namespace

AppliedObjects::AppliedObjects(const kube::Resource& resource)
    : path_(resource.Path("shop", "") + "/"),
      server_(FakeApiServer::Format::kJson, {}, std::string(resource.plural)) {
  server_.on_other = [this](const HttpRequest& request, HttpResponder& out) {
    return events_.Answer(request, out) || Answer(request, out);
  };
}

std::optional<Json> AppliedObjects::Get(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(name);
  if (found == objects_.end()) return std::nullopt;
  return found->second;
}

void AppliedObjects::Put(const std::string& name, Json object) {
  const std::lock_guard lock(mutex_);
  StoreLocked(name, std::move(object));
}

void AppliedObjects::Delete(const std::string& name) {
  const std::lock_guard lock(mutex_);
  objects_.erase(name);
  server_.Delete(name);
}

void AppliedObjects::AnswerNext(int status, const std::string& text) {
  const std::lock_guard lock(mutex_);
  answers_.emplace_back(status, text);
}

void AppliedObjects::AnswerAlways(const std::string& name, int status, const std::string& text) {
  const std::lock_guard lock(mutex_);
  answers_of_[name] = {status, text};
}

void AppliedObjects::OnNextWrite(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  on_write_ = std::move(then);
}

std::vector<SeenWrite> AppliedObjects::Writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

int AppliedObjects::Answered(int status) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::ranges::count(writes_, status, &SeenWrite::answer));
}

int AppliedObjects::TakenOf(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(
      std::ranges::count(writes_, SeenWrite{.what = "apply status", .name = name, .answer = 200}));
}

// As the real one: a write that changes nothing makes no new version.
void AppliedObjects::StoreLocked(const std::string& name, Json object) {
  Json& meta = object["metadata"];
  meta["name"] = name;
  meta["namespace"] = "shop";
  if (!meta.contains("uid")) meta["uid"] = "uid-" + name + "-" + std::to_string(++made_);
  if (!meta.contains("generation")) meta["generation"] = 1;
  const auto found = objects_.find(name);
  if (found != objects_.end() && found->second == object) return;
  server_.PutWhole(name, object.dump());
  objects_[name] = std::move(object);
}

bool AppliedObjects::Answer(const HttpRequest& request, HttpResponder& out) {
  const bool patch = request.method == "PATCH";
  if (!request.path.starts_with(path_) || (!patch && request.method != "DELETE")) return false;
  const std::string rest = request.path.substr(path_.size());
  const std::string name = rest.substr(0, rest.find('/'));
  const bool status = rest.ends_with("/status");
  std::function<void()> then;
  {
    const std::lock_guard lock(mutex_);
    then.swap(on_write_);
  }
  if (then) then();
  const std::lock_guard lock(mutex_);
  WriteLocked({.what = !patch   ? "delete"
                       : status ? "apply status"
                                : "apply",
               .name = name},
              request, out);
  return true;
}

void AppliedObjects::WriteLocked(const SeenWrite& write, const HttpRequest& request,
                                 HttpResponder& out) {
  const auto always = answers_of_.find(write.name);
  std::pair<int, std::string> answer{200, ""};
  if (always != answers_of_.end()) answer = always->second;
  if (!answers_.empty()) {
    answer = answers_.front();
    answers_.pop_front();
  }
  const auto refuse = [&](int code, const std::string& text) {
    writes_.push_back({write.what, write.name, code});
    if (code < 0) return out.Reset();
    out.Send(code, kJsonType, StatusText(code, ReasonOf(code), text));
  };
  const auto [code, text] = answer;
  if (code != 200 && code != 0) return refuse(code, text);
  const auto found = objects_.find(write.name);
  const bool there = found != objects_.end();
  if (!there && write.what != "apply") return refuse(404, "\"" + write.name + "\" not found");
  writes_.push_back(write);
  Json result{{"kind", "Status"}, {"status", "Success"}};
  if (write.what == "delete") {
    objects_.erase(found);
    server_.Delete(write.name);
  } else {
    StoreLocked(write.name, Merged(there ? found->second : Json(), Json::parse(request.body),
                                   write.what == "apply status"));
    result = objects_.at(write.name);
  }
  if (code == 0) return out.Reset();
  out.Send(200, kJsonType, result.dump());
}

}  // namespace plimsoll::testing
