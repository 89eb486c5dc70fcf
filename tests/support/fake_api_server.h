// SPDX-License-Identifier: Apache-2.0
//
// An API server of one collection, in process: objects with resource versions, LIST with pages,
// WATCH with streamed lists, bookmarks and history, in protobuf or JSON (fake_wire.h); and every
// fault a client must survive, on demand. It scripts faults; that the client works with Kubernetes
// is shown by the tests against the real one (tests/cluster).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/fake_wire.h"
#include "tests/support/http_server.h"

namespace plimsoll::testing {

// One fault, used up by the next request or event it fits.
enum class Fault {
  kTooManyRequests,    // 429 with Retry-After: 0
  kServerError,        // 500
  kTooLargeVersion,    // "Too large resource version"
  kExpired,            // 410 as an answer
  kExpiredEvent,       // 410 as an ERROR event in a watch
  kCleanEnd,           // a watch ends well
  kCutMidFrame,        // a watch ends inside a frame
  kResetConnection,    // RST in a watch
  kStall,              // a watch says nothing any more
  kGarbageFrame,       // a frame that is no event
  kOversizeFrame,      // a frame that claims 100 MiB
  kUndecodableObject,  // an event whose object cannot be read, before the right one
  kHtmlAnswer,         // 200 text/html: a proxy's page
  kExpiredContinue,    // 410 for a continue token
  kCutList,            // a LIST ends inside an item
  kUnauthorized,       // 401
};

class FakeApiServer {
 public:
  using Format = FakeWire::Format;

  // `collection`: its plural, the last part of its path; pods or "things" when not said.
  explicit FakeApiServer(Format format, ServerTls tls = {}, std::string collection = {});
  ~FakeApiServer();

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] HttpServer& http() { return server_; }

  // Changes of the collection. `value` is a label that tells versions of an object apart.
  void Put(const std::string& name, const std::string& value);
  // An object as a whole (FakeObject::whole).
  void PutWhole(const std::string& name, const std::string& whole);
  void Delete(const std::string& name);
  // Forgets history: watches from before now get 410.
  void Compact();
  // A bookmark to every watch.
  void Bookmark();

  void Inject(Fault fault);
  void ClearFaults();
  [[nodiscard]] bool HasFault(Fault fault) const;
  // What the server can do; true by default.
  void SetStreamedLists(bool served);
  // Whether the collection's kind is installed: 404 when it is not, and open watches end.
  void SetInstalled(bool installed);
  // Held: each new request waits for its answer until no longer; watches that are open go on.
  void SetHeld(bool held);
  // Further collections, by the last part of their path ("replicasets"), in the format that is
  // asked for; nothing is in them.
  void SetEmptyCollections(std::set<std::string> names);

  // The newest resource version of all.
  [[nodiscard]] std::string Version() const;
  // Name → resource version, as it stands.
  [[nodiscard]] std::map<std::string, std::string> Versions() const;
  // Requests seen, as "list", "list continue", "watch", "stream", "POST /path"…
  [[nodiscard]] std::vector<std::string> Requests() const;
  [[nodiscard]] int Count(const std::string& request) const;
  [[nodiscard]] std::vector<std::string> Tokens() const;  // Authorization headers seen

  // Answers what is not GET of the collection; return false to answer 404.
  std::function<bool(const HttpRequest&, HttpResponder&)> on_other;

 private:
  struct Change {
    std::uint64_t version = 0;
    std::string type;  // ADDED MODIFIED DELETED BOOKMARK
    std::string name;
    FakeObject object;
  };

  void Handle(const HttpRequest& request, HttpResponder& out);
  void List(const HttpRequest& request, HttpResponder& out);
  void Watch(const HttpRequest& request, HttpResponder& out);
  bool StreamInitial(HttpResponder& out, std::uint64_t& version);
  bool SendChange(HttpResponder& out, const Change& change, bool& ended);
  void Refuse(HttpResponder& out, int code, const std::string& reason, const std::string& message);
  [[nodiscard]] bool Take(Fault fault);

  void Store(const std::string& name, FakeObject object);
  [[nodiscard]] bool IsEmptyCollection(const HttpRequest& request) const;
  void ServeEmpty(const HttpRequest& request, HttpResponder& out);
  void Add(Change change);

  const FakeWire wire_;
  const std::string collection_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, FakeObject> objects_;
  std::vector<Change> history_;
  std::uint64_t version_ = 100;
  std::uint64_t compacted_ = 0;
  std::map<std::uint64_t, std::map<std::string, FakeObject>> snapshots_;  // of paged lists
  std::vector<Fault> faults_;
  std::set<std::string> empty_collections_;
  std::vector<std::string> requests_;
  std::vector<std::string> tokens_;
  bool streamed_lists_ = true;
  bool installed_ = true;
  bool held_ = false;
  HttpServer server_;  // last: its threads use the rest
};

}  // namespace plimsoll::testing
