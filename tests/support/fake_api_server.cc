// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_api_server.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "k8s/core.pb.h"
#include "k8s/meta.pb.h"

namespace plimsoll::testing {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view kNamespace = "shop";

std::string Envelope(const std::string& kind, const std::string& raw) {
  k8s::Unknown unknown;
  unknown.mutable_type_meta()->set_api_version("v1");
  unknown.mutable_type_meta()->set_kind(kind);
  unknown.set_raw(raw);
  return std::string("k8s\0", 4) + unknown.SerializeAsString();
}

std::string LengthPrefixed(const std::string& bytes) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame += static_cast<char>((bytes.size() >> shift) & 0xFF);
  }
  return frame + bytes;
}

std::string Parameter(const HttpRequest& request, const std::string& name) {
  const auto it = request.query.find(name);
  return it == request.query.end() ? std::string() : it->second;
}

Json StatusJson(int code, const std::string& reason, const std::string& message) {
  return {{"kind", "Status"},         {"apiVersion", "v1"}, {"status", "Failure"},
          {"message", message},       {"reason", reason},   {"code", code},
          {"details", Json::object()}};
}

}  // namespace

FakeApiServer::FakeApiServer(Format format, ServerTls tls)
    : format_(format),
      server_([this](const HttpRequest& request, HttpResponder& out) { Handle(request, out); },
              std::move(tls)) {}

FakeApiServer::~FakeApiServer() { ClearFaults(); }

void FakeApiServer::Add(Change change) {
  history_.push_back(std::move(change));
  changed_.notify_all();
}

void FakeApiServer::Store(const std::string& name, Object object) {
  const std::lock_guard lock(mutex_);
  const bool known = objects_.contains(name);
  object.version = ++version_;
  objects_[name] = object;
  Add({version_, known ? "MODIFIED" : "ADDED", name, std::move(object)});
}

void FakeApiServer::Put(const std::string& name, const std::string& value) {
  Store(name, {.value = value, .wire = {}});
}

void FakeApiServer::PutPod(const std::string& name, const std::string& wire) {
  Store(name, {.value = {}, .wire = wire});
}

void FakeApiServer::Delete(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto it = objects_.find(name);
  if (it == objects_.end()) return;
  it->second.version = ++version_;
  Add({version_, "DELETED", name, it->second});
  objects_.erase(it);
}

void FakeApiServer::Compact() {
  const std::lock_guard lock(mutex_);
  compacted_ = version_;
  history_.clear();
  changed_.notify_all();
}

void FakeApiServer::Bookmark() {
  const std::lock_guard lock(mutex_);
  Add({++version_, "BOOKMARK", "", {}});
}

void FakeApiServer::Inject(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(fault);
  changed_.notify_all();
}

void FakeApiServer::ClearFaults() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

bool FakeApiServer::HasFault(Fault fault) const {
  const std::lock_guard lock(mutex_);
  return std::find(faults_.begin(), faults_.end(), fault) != faults_.end();
}

void FakeApiServer::SetStreamedLists(bool served) {
  const std::lock_guard lock(mutex_);
  streamed_lists_ = served;
}

void FakeApiServer::SetEmptyCollections(std::set<std::string> names) {
  const std::lock_guard lock(mutex_);
  empty_collections_ = std::move(names);
}

bool FakeApiServer::Take(Fault fault) {
  const std::lock_guard lock(mutex_);
  const auto it = std::find(faults_.begin(), faults_.end(), fault);
  if (it == faults_.end()) return false;
  faults_.erase(it);
  return true;
}

std::map<std::string, std::string> FakeApiServer::Versions() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> versions;
  for (const auto& [name, object] : objects_) versions[name] = std::to_string(object.version);
  return versions;
}

std::vector<std::string> FakeApiServer::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int FakeApiServer::Count(const std::string& request) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count(requests_.begin(), requests_.end(), request));
}

std::vector<std::string> FakeApiServer::Tokens() const {
  const std::lock_guard lock(mutex_);
  return tokens_;
}

std::string FakeApiServer::ContentType(bool watch) const {
  if (format_ == Format::kJson) return "application/json";
  return watch ? "application/vnd.kubernetes.protobuf;stream=watch"
               : "application/vnd.kubernetes.protobuf";
}

std::string FakeApiServer::Encode(const std::string& name, const Object& object) const {
  const std::string version = std::to_string(object.version);
  const std::string& value = object.value;
  if (!object.wire.empty()) {
    k8s::Pod pod;
    (void)pod.ParseFromString(object.wire);
    pod.mutable_metadata()->set_resource_version(version);
    return pod.SerializeAsString();
  }
  if (format_ == Format::kJson) {
    return Json{{"apiVersion", "plimsoll.test/v1"},
                {"kind", "Thing"},
                {"metadata",
                 {{"name", name},
                  {"namespace", kNamespace},
                  {"uid", "uid-" + name},
                  {"resourceVersion", version},
                  {"labels", {{"value", value}}}}},
                {"spec", {{"text", "braces } ] and \"quotes\" \\ " + value}}}}
        .dump();
  }
  k8s::Pod pod;
  pod.mutable_metadata()->set_name(name);
  pod.mutable_metadata()->set_namespace_(std::string(kNamespace));
  pod.mutable_metadata()->set_uid("uid-" + name);
  pod.mutable_metadata()->set_resource_version(version);
  (*pod.mutable_metadata()->mutable_labels())["value"] = value;
  pod.mutable_spec()->set_node_name("node-1");
  pod.mutable_spec()->add_containers()->set_name("app");
  return pod.SerializeAsString();
}

std::string FakeApiServer::Frame(const std::string& type, const std::string& object,
                                 const std::string& kind) const {
  if (format_ == Format::kJson) {
    return R"({"type":")" + type + R"(","object":)" + object + "}\n";
  }
  k8s::WatchEvent event;
  event.set_type(type);
  event.mutable_object()->set_raw(Envelope(kind, object));
  return LengthPrefixed(event.SerializeAsString());
}

std::string FakeApiServer::BookmarkFrame(std::uint64_t version, bool initial_end) const {
  if (format_ == Format::kJson) {
    Json metadata{{"resourceVersion", std::to_string(version)}};
    if (initial_end) metadata["annotations"]["k8s.io/initial-events-end"] = "true";
    return Frame("BOOKMARK", Json{{"kind", "Thing"}, {"metadata", metadata}}.dump(), "Thing");
  }
  k8s::Pod pod;
  pod.mutable_metadata()->set_resource_version(std::to_string(version));
  if (initial_end) {
    (*pod.mutable_metadata()->mutable_annotations())["k8s.io/initial-events-end"] = "true";
  }
  return Frame("BOOKMARK", pod.SerializeAsString(), "Pod");
}

std::string FakeApiServer::ErrorFrame(int code, const std::string& reason) const {
  if (format_ == Format::kJson) {
    return Frame("ERROR", StatusJson(code, reason, "injected").dump(), "Status");
  }
  k8s::Status status;
  status.set_code(code);
  status.set_reason(reason);
  status.set_message("injected");
  return Frame("ERROR", status.SerializeAsString(), "Status");
}

void FakeApiServer::Refuse(HttpResponder& out, int code, const std::string& reason,
                           const std::string& message) {
  std::map<std::string, std::string> headers;
  if (code == 429) headers["Retry-After"] = "0";
  out.Send(code, "application/json", StatusJson(code, reason, message).dump(), headers);
}

void FakeApiServer::Handle(const HttpRequest& request, HttpResponder& out) {
  const bool collection = request.method == "GET" &&
                          (request.path.ends_with("/pods") || request.path.ends_with("/things"));
  const bool watch = request.query.contains("watch");
  const bool stream = request.query.contains("sendInitialEvents");
  {
    const std::lock_guard lock(mutex_);
    const auto token = request.headers.find("authorization");
    tokens_.push_back(token == request.headers.end() ? "" : token->second);
    std::string what = request.method + " " + request.path;
    if (collection) {
      what = stream ? "stream" : watch ? "watch" : "list";
      if (request.query.contains("continue")) what += " continue";
    }
    requests_.push_back(what);
  }
  if (Take(Fault::kUnauthorized)) return Refuse(out, 401, "Unauthorized", "Unauthorized");
  if (request.method == "GET" && IsEmptyCollection(request)) return ServeEmpty(request, out);
  if (!collection) {
    if (!on_other || !on_other(request, out)) Refuse(out, 404, "NotFound", "not found");
    return;
  }
  if (Take(Fault::kTooManyRequests)) return Refuse(out, 429, "TooManyRequests", "slow down");
  if (Take(Fault::kServerError)) return Refuse(out, 500, "InternalError", "injected");
  if (Take(Fault::kHtmlAnswer)) {
    out.Send(200, "text/html", "<html>proxy</html>");
    return;
  }
  if (Take(Fault::kTooLargeVersion)) {
    return Refuse(out, 504, "Timeout", "Too large resource version: 999, current: 1");
  }
  if (Take(Fault::kExpired)) return Refuse(out, 410, "Expired", "too old resource version");
  const bool served = [this] {
    const std::lock_guard lock(mutex_);
    return streamed_lists_;
  }();
  if (stream && !served) {
    return Refuse(out, 422, "Invalid", "sendInitialEvents is forbidden for watch");
  }
  watch ? Watch(request, out) : List(request, out);
}

bool FakeApiServer::IsEmptyCollection(const HttpRequest& request) const {
  const std::lock_guard lock(mutex_);
  return empty_collections_.contains(request.path.substr(request.path.rfind('/') + 1));
}

void FakeApiServer::ServeEmpty(const HttpRequest& request, HttpResponder& out) {
  const bool watch = request.query.contains("watch");
  out.BeginChunked(200, ContentType(watch));
  if (!watch) {
    k8s::ObjectList list;
    list.mutable_metadata()->set_resource_version("1");
    out.Chunk(Envelope("List", list.SerializeAsString()));
    out.End();
    return;
  }
  if (request.query.contains("sendInitialEvents")) out.Chunk(BookmarkFrame(1, true));
  while (out.Sleep(milliseconds(20))) {
  }
}

void FakeApiServer::List(const HttpRequest& request, HttpResponder& out) {
  const std::string token = Parameter(request, "continue");
  if (!token.empty() && Take(Fault::kExpiredContinue)) {
    return Refuse(out, 410, "Expired", "The provided continue parameter is too old");
  }
  const std::string limit_text = Parameter(request, "limit");
  const std::size_t limit = limit_text.empty() ? SIZE_MAX : std::stoul(limit_text);
  std::uint64_t version = 0;
  std::string after;
  std::vector<std::string> items;
  std::string next;
  {
    const std::lock_guard lock(mutex_);
    if (token.empty()) {
      version = version_;
      snapshots_[version] = objects_;
    } else {
      version = std::stoull(token.substr(0, token.find(':')));
      after = token.substr(token.find(':') + 1);
    }
    const auto& snapshot = snapshots_[version];
    auto it = after.empty() ? snapshot.begin() : snapshot.upper_bound(after);
    for (; it != snapshot.end() && items.size() < limit; ++it) {
      items.push_back(Encode(it->first, it->second));
      after = it->first;
    }
    if (it != snapshot.end()) next = std::to_string(version) + ":" + after;
  }
  std::string body;
  if (format_ == Format::kJson) {
    body = R"({"kind":"ThingList","metadata":{"resourceVersion":")" + std::to_string(version) +
           R"(","continue":")" + next + R"("},"items":[)";
    for (std::size_t i = 0; i < items.size(); ++i) body += (i == 0 ? "" : ",") + items[i];
    body += "]}";
  } else {
    k8s::ObjectList list;
    list.mutable_metadata()->set_resource_version(std::to_string(version));
    list.mutable_metadata()->set_continue_(next);
    for (const std::string& item : items) list.add_items(item);
    body = Envelope("PodList", list.SerializeAsString());
  }
  out.BeginChunked(200, ContentType(false));
  if (!items.empty() && Take(Fault::kCutList)) {
    out.Chunk(std::string_view(body).substr(0, body.size() * 2 / 3));
    return out.Reset();
  }
  // Uneven chunks, so that items are split anywhere.
  for (std::size_t at = 0, step = 1; at < body.size(); at += step, step = step * 3 % 1021 + 1) {
    out.Chunk(std::string_view(body).substr(at, step));
  }
  out.End();
}

bool FakeApiServer::StreamInitial(HttpResponder& out, std::uint64_t& version) {
  std::string frames;
  {
    const std::lock_guard lock(mutex_);
    version = version_;
    for (const auto& [name, object] : objects_) {
      frames += Frame("ADDED", Encode(name, object), "Pod");
    }
    frames += BookmarkFrame(version, /*initial_end=*/true);
  }
  if (Take(Fault::kCutList)) {
    out.Chunk(std::string_view(frames).substr(0, frames.size() / 2));
    out.Reset();
    return false;
  }
  return out.Chunk(frames);
}

// False when the connection is over.
bool FakeApiServer::SendChange(HttpResponder& out, const Change& change, bool& ended) {
  const std::string frame = change.type == "BOOKMARK"
                                ? BookmarkFrame(change.version, false)
                                : Frame(change.type, Encode(change.name, change.object), "Pod");
  ended = true;
  if (Take(Fault::kCleanEnd)) return out.End(), false;
  if (Take(Fault::kCutMidFrame)) {
    out.Chunk(std::string_view(frame).substr(0, frame.size() / 2));
    return out.End(), false;
  }
  if (Take(Fault::kResetConnection)) return out.Reset(), false;
  if (Take(Fault::kStall)) {
    while (out.Sleep(milliseconds(20))) {
    }
    return false;
  }
  if (Take(Fault::kExpiredEvent)) {
    out.Chunk(ErrorFrame(410, "Expired"));
    return out.End(), false;
  }
  if (Take(Fault::kGarbageFrame)) {
    out.Chunk(format_ == Format::kJson ? "{\"type\": nonsense\n" : LengthPrefixed("\xff\xff\xff"));
    return true;
  }
  if (Take(Fault::kOversizeFrame)) {
    if (format_ == Format::kJson) {
      for (int i = 0; i < 64 && out.Chunk(std::string(1 << 20, 'x')); ++i) {
      }
    } else {
      out.Chunk(std::string("\x06\x40\x00\x00", 4) + std::string(4096, 'x'));
    }
    return true;
  }
  ended = false;
  if (Take(Fault::kUndecodableObject)) {
    out.Chunk(
        Frame("MODIFIED", format_ == Format::kJson ? R"({"metadata":7})" : "\xff\xff", "Pod"));
  }
  return out.Chunk(frame);
}

void FakeApiServer::Watch(const HttpRequest& request, HttpResponder& out) {
  const bool stream = request.query.contains("sendInitialEvents");
  const std::string from = Parameter(request, "resourceVersion");
  std::uint64_t version = from.empty() ? 0 : std::stoull(from);
  out.BeginChunked(200, ContentType(true));
  if (stream && !StreamInitial(out, version)) return;
  while (out.Sleep(milliseconds(0))) {
    std::vector<Change> changes;
    bool expired = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, milliseconds(20), [&] {
        return compacted_ > version || (!history_.empty() && history_.back().version > version);
      });
      expired = compacted_ > version;
      for (const Change& change : history_) {
        if (change.version > version) changes.push_back(change);
      }
    }
    if (expired) {
      out.Chunk(ErrorFrame(410, "Expired"));
      out.End();
      return;
    }
    for (const Change& change : changes) {
      bool ended = false;
      if (!SendChange(out, change, ended)) return;
      if (ended) {  // a bad frame: the client hangs up
        while (out.Sleep(milliseconds(20))) {
        }
        return;
      }
      version = change.version;
    }
  }
}

}  // namespace plimsoll::testing
