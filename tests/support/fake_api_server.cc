// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_api_server.h"

#include <algorithm>
#include <utility>

namespace plimsoll::testing {
namespace {

using std::chrono::milliseconds;

std::string Parameter(const HttpRequest& request, const std::string& name) {
  const auto it = request.query.find(name);
  return it == request.query.end() ? std::string() : it->second;
}

}  // namespace

FakeApiServer::FakeApiServer(Format format, ServerTls tls, std::string collection)
    : wire_(format),
      collection_("/" + (!collection.empty()       ? std::move(collection)
                         : format == Format::kJson ? std::string("things")
                                                   : std::string("pods"))),
      server_([this](const HttpRequest& request, HttpResponder& out) { Handle(request, out); },
              std::move(tls)) {}

FakeApiServer::~FakeApiServer() { ClearFaults(); }

void FakeApiServer::Add(Change change) {
  history_.push_back(std::move(change));
  changed_.notify_all();
}

void FakeApiServer::Store(const std::string& name, FakeObject object) {
  const std::lock_guard lock(mutex_);
  const bool known = objects_.contains(name);
  object.version = ++version_;
  objects_[name] = object;
  Add({version_, known ? "MODIFIED" : "ADDED", name, std::move(object)});
}

void FakeApiServer::Put(const std::string& name, const std::string& value) {
  Store(name, {.value = value, .whole = {}});
}

void FakeApiServer::PutWhole(const std::string& name, const std::string& whole) {
  Store(name, {.value = {}, .whole = whole});
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

void FakeApiServer::SetInstalled(bool installed) {
  {
    const std::lock_guard lock(mutex_);
    installed_ = installed;
  }
  if (!installed) server_.DropConnections();
}

void FakeApiServer::SetHeld(bool held) {
  const std::lock_guard lock(mutex_);
  held_ = held;
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

std::string FakeApiServer::Version() const {
  const std::lock_guard lock(mutex_);
  return std::to_string(version_);
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

void FakeApiServer::Refuse(HttpResponder& out, int code, const std::string& reason,
                           const std::string& message) {
  std::map<std::string, std::string> headers;
  if (code == 429) headers["Retry-After"] = "0";
  out.Send(code, "application/json", StatusText(code, reason, message), headers);
}

void FakeApiServer::Handle(const HttpRequest& request, HttpResponder& out) {
  const bool collection = request.method == "GET" && request.path.ends_with(collection_);
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
  const auto held = [this] {
    const std::lock_guard lock(mutex_);
    return held_;
  };
  while (held()) {
    if (!out.Sleep(milliseconds(5))) return;
  }
  if (Take(Fault::kUnauthorized)) return Refuse(out, 401, "Unauthorized", "Unauthorized");
  if (request.method == "GET" && IsEmptyCollection(request)) return ServeEmpty(request, out);
  if (!collection) {
    if (!on_other || !on_other(request, out)) Refuse(out, 404, "NotFound", "not found");
    return;
  }
  const auto [installed, streamed_lists] = [this] {
    const std::lock_guard lock(mutex_);
    return std::pair(installed_, streamed_lists_);
  }();
  if (!installed) {  // as of a group that the real one does not know
    out.Send(404, "text/plain", "404 page not found\n");
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
  if (stream && !streamed_lists) {
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
  const auto accept = request.headers.find("accept");
  const bool json = accept != request.headers.end() && accept->second == "application/json";
  const FakeWire wire(json ? Format::kJson : Format::kProtobufPods);
  out.BeginChunked(200, wire.ContentType(watch));
  if (!watch) {
    out.Chunk(wire.List({}, 1, ""));
    out.End();
    return;
  }
  if (request.query.contains("sendInitialEvents")) out.Chunk(wire.Bookmark(1, true));
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
      items.push_back(wire_.Encode(it->first, it->second));
      after = it->first;
    }
    if (it != snapshot.end()) next = std::to_string(version) + ":" + after;
  }
  const std::string body = wire_.List(items, version, next);
  out.BeginChunked(200, wire_.ContentType(false));
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
      frames += wire_.Event("ADDED", wire_.Encode(name, object));
    }
    frames += wire_.Bookmark(version, /*initial_end=*/true);
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
  const std::string frame =
      change.type == "BOOKMARK"
          ? wire_.Bookmark(change.version, false)
          : wire_.Event(change.type, wire_.Encode(change.name, change.object));
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
    out.Chunk(wire_.Error(410, "Expired"));
    return out.End(), false;
  }
  if (Take(Fault::kGarbageFrame)) {
    out.Chunk(wire_.Garbage());
    return true;
  }
  if (Take(Fault::kOversizeFrame)) {
    for (const std::string& piece : wire_.Oversize()) {
      if (!out.Chunk(piece)) break;
    }
    return true;
  }
  ended = false;
  if (Take(Fault::kUndecodableObject)) out.Chunk(wire_.Undecodable());
  return out.Chunk(frame);
}

void FakeApiServer::Watch(const HttpRequest& request, HttpResponder& out) {
  const bool stream = request.query.contains("sendInitialEvents");
  const std::string from = Parameter(request, "resourceVersion");
  std::uint64_t version = from.empty() ? 0 : std::stoull(from);
  out.BeginChunked(200, wire_.ContentType(true));
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
      out.Chunk(wire_.Error(410, "Expired"));
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
