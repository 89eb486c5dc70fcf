// SPDX-License-Identifier: Apache-2.0
#include "tests/operator/controllers/autopatch/scripted_node.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "operator/kube/quantity.h"

namespace plimsoll::testing {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPodPath = "/api/v1/namespaces/shop/pods/";
constexpr std::string_view kResize = "/resize";

std::optional<Bytes> In(const google::protobuf::Map<std::string, k8s::Quantity>& map) {
  const auto found = map.find("memory");
  if (found == map.end()) return std::nullopt;
  return kube::ParseQuantity(found->second.string())->ToBytes();
}

std::optional<Bytes> In(const Json& resources, const char* part) {
  const Json::json_pointer at(std::string("/") + part + "/memory");
  if (!resources.contains(at)) return std::nullopt;
  return kube::ParseQuantity(resources.at(at).get<std::string>())->ToBytes();
}

void Write(google::protobuf::Map<std::string, k8s::Quantity>& map, Bytes amount) {
  map["memory"].set_string(kube::FormatBytes(amount));
}

void Stamp(k8s::Time& out, TimePoint time) {
  out.set_seconds(time.time_since_epoch().count() / 1000);
}

k8s::ResourceRequirements& SpecOf(k8s::Pod& pod) {
  return *pod.mutable_spec()->mutable_containers(0)->mutable_resources();
}
k8s::ContainerStatus& StatusOf(k8s::Pod& pod) {
  return *pod.mutable_status()->mutable_container_statuses(0);
}

// What a GET of the pod says of its memory.
Json ToJson(const k8s::Pod& pod, const std::string& version) {
  const auto memory = [](const k8s::ResourceRequirements& resources) {
    return Json{{"requests", {{"memory", resources.requests().at("memory").string()}}},
                {"limits", {{"memory", resources.limits().at("memory").string()}}}};
  };
  const k8s::ContainerStatus& status = pod.status().container_statuses(0);
  const Json spec{{"name", "app"}, {"resources", memory(pod.spec().containers(0).resources())}};
  return {{"metadata",
           {{"name", pod.metadata().name()},
            {"uid", pod.metadata().uid()},
            {"resourceVersion", version}}},
          {"spec", {{"containers", Json::array({spec})}}},
          {"status",
           {{"containerStatuses",
             Json::array({{{"name", "app"}, {"resources", memory(status.resources())}}})}}}};
}

void SetCondition(k8s::Pod& pod, const std::string& type, const std::string& reason,
                  const std::string& message, TimePoint now) {
  auto* conditions = pod.mutable_status()->mutable_conditions();
  for (int i = conditions->size() - 1; i >= 0; --i) {
    const std::string& held = conditions->Get(i).type();
    const bool resize = held.starts_with("PodResize");
    if (resize && held == type && conditions->Get(i).reason() == reason) return;  // its time stands
    if (resize) conditions->DeleteSubrange(i, 1);
  }
  if (type.empty()) return;
  k8s::PodCondition& condition = *conditions->Add();
  condition.set_type(type);
  condition.set_status("True");
  condition.set_reason(reason);
  condition.set_message(message);
  Stamp(*condition.mutable_last_transition_time(), now);
}

}  // namespace

ScriptedNode::ScriptedNode(const kube::Clock& clock)
    : clock_(clock), server_(FakeApiServer::Format::kProtobufPods) {
  server_.SetEmptyCollections(
      {"replicasets", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"});
  server_.on_other = [this](const HttpRequest& request, HttpResponder& out) {
    return Answer(request, out);
  };
}

void ScriptedNode::Show(const Held& held) {
  server_.PutWhole(held.object.metadata().name(), held.object.SerializeAsString());
}

void ScriptedNode::AddPod(const std::string& name, Bytes request, Bytes limit,
                          const std::string& owned_by) {
  const std::lock_guard lock(mutex_);
  Held held;
  held.container_limit = held.pod_limit = limit;
  held.usage = limit * Ratio(0.25);
  k8s::ObjectMeta& meta = *held.object.mutable_metadata();
  meta.set_name(name);
  meta.set_namespace_("shop");
  meta.set_uid("uid-" + name + "-" + std::to_string(++uids_));
  Stamp(*meta.mutable_creation_timestamp(), clock_.Now());
  k8s::OwnerReference& owner = *meta.add_owner_references();
  owner.set_api_version("apps/v1");
  owner.set_kind("StatefulSet");
  owner.set_name(owned_by);
  owner.set_uid(owned_by + "-uid");
  owner.set_controller(true);
  held.object.mutable_spec()->set_node_name("n1");
  k8s::Container& container = *held.object.mutable_spec()->add_containers();
  container.set_name("app");
  container.set_image("web:1");
  Write(*SpecOf(held.object).mutable_requests(), request);
  Write(*SpecOf(held.object).mutable_limits(), limit);
  k8s::PodStatus& status = *held.object.mutable_status();
  status.set_phase("Running");
  status.set_qos_class(request == limit ? "Guaranteed" : "Burstable");
  k8s::PodCondition& ready = *status.add_conditions();
  ready.set_type("Ready");
  ready.set_status("True");
  status.add_container_statuses()->set_name("app");
  StartRun(held);
  *StatusOf(held.object).mutable_resources() = SpecOf(held.object);
  Show(pods_.insert_or_assign(name, std::move(held)).first->second);
}

void ScriptedNode::StartRun(Held& held) {
  k8s::ContainerStatus& status = StatusOf(held.object);
  status.set_container_id("containerd://run" + std::to_string(++held.runs) + "-of-" +
                          held.object.metadata().uid());
  held.run_started = clock_.Now();
  status.mutable_state()->Clear();
  status.mutable_state()->mutable_running();
  // A new run gets what the pod object asks; the pod's own cgroup is not touched by it.
  held.container_limit = *In(SpecOf(held.object).limits());
}

void ScriptedNode::Replace(const std::string& name, Bytes request, Bytes limit) {
  server_.Delete(name);
  AddPod(name, request, limit);
}

void ScriptedNode::Remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  server_.Delete(name);
  pods_.erase(name);
}

void ScriptedNode::Restart(const std::string& name, int exit_code, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  Held& held = pods_.at(name);
  k8s::ContainerStatus& status = StatusOf(held.object);
  k8s::ContainerStateTerminated& end = *status.mutable_last_state()->mutable_terminated();
  end.set_exit_code(exit_code);
  end.set_reason(reason);
  end.set_container_id(status.container_id());
  Stamp(*end.mutable_started_at(), held.run_started);
  Stamp(*end.mutable_finished_at(), clock_.Now());
  StartRun(held);
  Show(held);
}

void ScriptedNode::SetRunning(const std::string& name, bool running) {
  const std::lock_guard lock(mutex_);
  Held& held = pods_.at(name);
  if (running) {
    StartRun(held);
  } else {
    k8s::ContainerStatus& status = StatusOf(held.object);
    status.mutable_state()->Clear();
    status.mutable_state()->mutable_waiting();
  }
  Show(held);
}

void ScriptedNode::SetUsage(const std::string& name, Bytes usage) {
  const std::lock_guard lock(mutex_);
  pods_.at(name).usage = usage;
}

void ScriptedNode::SetKubelet(Kubelet kubelet) {
  const std::lock_guard lock(mutex_);
  kubelet_ = kubelet;
}

void ScriptedNode::SetServer(int minor_version, bool serves_resize) {
  const std::lock_guard lock(mutex_);
  minor_version_ = minor_version;
  serves_resize_ = serves_resize;
}

void ScriptedNode::SetDiscoveryDown(bool down) {
  const std::lock_guard lock(mutex_);
  discovery_down_ = down;
}

int ScriptedNode::Asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void ScriptedNode::LookAgain() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, held] : pods_) {
    Carry(held);
    Show(held);
  }
}

void ScriptedNode::AskFor(const std::string& name, Bytes request) {
  const std::lock_guard lock(mutex_);
  Held& held = pods_.at(name);
  Write(*SpecOf(held.object).mutable_requests(), request);
  Carry(held);
  Show(held);
}

void ScriptedNode::AskForLimit(const std::string& name, Bytes limit) {
  const std::lock_guard lock(mutex_);
  Held& held = pods_.at(name);
  Write(*SpecOf(held.object).mutable_limits(), limit);
  Carry(held);
  Show(held);
}

void ScriptedNode::AnswerNext(int status, const std::string& text) {
  const std::lock_guard lock(mutex_);
  answers_.emplace_back(status, text);
}

void ScriptedNode::OnNextPatch(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  on_patch_ = std::move(then);
}

void ScriptedNode::OnNextLoss(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  on_loss_ = std::move(then);
}

// The kubelet's look at one pod.
void ScriptedNode::Carry(Held& held) {
  k8s::ResourceRequirements& wanted = SpecOf(held.object);
  k8s::ContainerStatus& status = StatusOf(held.object);
  const Bytes limit = *In(wanted.limits());
  const bool larger = *In(wanted.requests()) > *In(status.resources().requests());
  const auto tell = [&](const char* type, const char* reason, const char* message) {
    SetCondition(held.object, type, reason, message, clock_.Now());
  };
  if (larger && kubelet_ == Kubelet::kDefersRequests) {
    return tell("PodResizePending", "Deferred", "Node didn't have enough resource: memory");
  }
  if (larger && kubelet_ == Kubelet::kFindsInfeasible) {
    return tell("PodResizePending", "Infeasible", "Node didn't have enough capacity: memory");
  }
  if (kubelet_ == Kubelet::kCannotLowerBelow && limit < held.usage) {
    return tell("PodResizeInProgress", "Error", "limit below current usage");
  }
  *status.mutable_resources() = wanted;
  tell("", "", "");
  if (kubelet_ == Kubelet::kSaysSoOnly || !status.state().has_running()) return;
  const bool changed = held.container_limit != limit;
  held.container_limit = limit;
  if (changed && kubelet_ != Kubelet::kLeavesPodBehind) held.pod_limit = limit;
}

bool ScriptedNode::Answer(const HttpRequest& request, HttpResponder& out) {
  if (request.method == "GET" && request.path == "/version") {
    const std::lock_guard lock(mutex_);
    return out.Send(200, "application/json",
                    Json{{"major", "1"}, {"minor", std::to_string(minor_version_)}}.dump());
  }
  if (request.method == "GET" && request.path == "/api/v1") {
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (discovery_down_) return out.Send(503, "text/plain", "apiserver is shutting down");
    Json resources = {{{"name", "pods"}}, {{"name", "pods/status"}}};
    if (serves_resize_) resources.push_back({{"name", "pods/resize"}});
    return out.Send(200, "application/json", Json{{"resources", resources}}.dump());
  }
  if (request.method == "GET" && request.path.ends_with("/statefulsets/web")) {
    return out.Send(200, "application/json",
                    R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"web",)"
                    R"("namespace":"shop","uid":"web-uid","resourceVersion":"1"}})");
  }
  if (events_.Answer(request, out)) return true;
  if (request.method == "GET" && request.path.starts_with(kPodPath)) {
    const std::lock_guard lock(mutex_);
    const std::string name = request.path.substr(kPodPath.size());
    const auto found = pods_.find(name);
    if (found == pods_.end()) return false;
    return out.Send(200, "application/json",
                    ToJson(found->second.object, server_.Versions().at(name)).dump());
  }
  const bool resize = request.method == "PATCH" && request.path.starts_with(kPodPath) &&
                      request.path.ends_with(kResize);
  if (!resize) return false;
  std::function<void()> then;
  {
    const std::lock_guard lock(mutex_);
    then.swap(on_patch_);
  }
  if (then) then();
  return Resize(
      request.path.substr(kPodPath.size(), request.path.size() - kPodPath.size() - kResize.size()),
      request, out);
}

bool ScriptedNode::Resize(const std::string& name, const HttpRequest& request, HttpResponder& out) {
  const Json body = Json::parse(request.body);
  const Json& resources = body.at("spec").at("containers").at(0).at("resources");
  SeenPatch seen{
      .pod = name, .request = In(resources, "requests"), .limit = In(resources, "limits")};
  std::unique_lock lock(mutex_);
  const auto refuse = [&](int code, const std::string& text) {
    seen.answer = code;
    patches_.push_back(seen);
    return out.Send(code, "application/json", StatusText(code, ReasonOf(code), text));
  };
  bool cut = false;
  if (!answers_.empty()) {
    const auto [code, text] = answers_.front();
    answers_.pop_front();
    if (code != 0) return refuse(code, text);
    cut = true;
  }
  if (!serves_resize_) return refuse(404, "the server could not find the requested resource");
  const auto found = pods_.find(name);
  if (found == pods_.end()) return refuse(404, "pods \"" + name + "\" not found");
  Held& held = found->second;
  const Json& meta = body.at("metadata");
  if (meta.value("uid", held.object.metadata().uid()) != held.object.metadata().uid()) {
    // In the real one's order and words: a stale version is found first, another UID is a change
    // of a field that may not change.
    if (meta.contains("resourceVersion")) return refuse(409, "the object has been modified");
    return refuse(422, "metadata.uid: Invalid value: field is immutable");
  }
  const std::string version = server_.Versions().at(name);
  if (meta.value("resourceVersion", version) != version) {
    return refuse(409, "the object has been modified; please apply your changes to the latest");
  }
  k8s::Pod changed = held.object;
  if (seen.request) Write(*SpecOf(changed).mutable_requests(), *seen.request);
  if (seen.limit) Write(*SpecOf(changed).mutable_limits(), *seen.limit);
  const bool equal = In(SpecOf(changed).requests()) == In(SpecOf(changed).limits());
  if (equal != (changed.status().qos_class() == "Guaranteed")) {
    return refuse(422, "Pod \"" + name + "\" is invalid: Pod QOS Class may not change");
  }
  held.object = std::move(changed);
  patches_.push_back(seen);
  Carry(held);
  Show(held);
  if (cut) {
    const std::function<void()> then = std::exchange(on_loss_, nullptr);
    lock.unlock();
    if (then) then();
    return out.Reset(), true;
  }
  return out.Send(200, "application/json", R"({"kind":"Pod","metadata":{}})");
}

model::MemoryDigest ScriptedNode::Digest(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const Held& held = At(name);
  model::MemoryDigest digest;
  digest.window_end = clock_.Now();
  digest.window_start = digest.window_end - std::chrono::seconds(1);
  digest.samples = 1;
  digest.hard_peak = digest.hard_mean = digest.usage = held.usage;
  digest.limit = held.container_limit;
  digest.pod_limit = held.pod_limit;
  return digest;
}

std::string ScriptedNode::ContainerId(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return At(name).object.status().container_statuses(0).container_id().substr(
      std::string_view("containerd://").size());
}
std::string ScriptedNode::Uid(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return At(name).object.metadata().uid();
}
Bytes ScriptedNode::KernelLimit(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return std::min(At(name).container_limit, At(name).pod_limit);
}
Bytes ScriptedNode::SpecLimit(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return *In(At(name).object.spec().containers(0).resources().limits());
}
Bytes ScriptedNode::SpecRequest(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return *In(At(name).object.spec().containers(0).resources().requests());
}

std::vector<std::string> ScriptedNode::Running() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, held] : pods_) {
    if (held.object.status().container_statuses(0).state().has_running()) names.push_back(name);
  }
  return names;
}

std::vector<SeenPatch> ScriptedNode::Patches() const {
  const std::lock_guard lock(mutex_);
  return patches_;
}

std::vector<SeenPatch> ScriptedNode::PatchesOf(const std::string& name) const {
  std::vector<SeenPatch> of = Patches();
  std::erase_if(of, [&](const SeenPatch& patch) { return patch.pod != name; });
  return of;
}

}  // namespace plimsoll::testing
