// SPDX-License-Identifier: Apache-2.0
//
// Custom resources of one kind as an API server keeps them: server-side apply to the object and to
// its status, deletion, LIST and WATCH; refusals on demand. The applies of one field manager are
// played, which is all that our objects see; that the real server takes them is shown by rung
// chart.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "operator/kube/object_key.h"
#include "tests/support/event_log.h"
#include "tests/support/fake_api_server.h"

namespace plimsoll::testing {

// One write that came in, taken or not.
struct SeenWrite {
  std::string what;  // "apply", "apply status", "delete"
  std::string name;
  int answer = 200;

  friend bool operator==(const SeenWrite&, const SeenWrite&) = default;
};

class AppliedObjects {
 public:
  explicit AppliedObjects(const kube::Resource& resource);

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] FakeApiServer& server() { return server_; }
  [[nodiscard]] const FakeApiServer& server() const { return server_; }
  [[nodiscard]] const EventLog& events() const { return events_; }

  // What the object is now; nothing: there is none.
  [[nodiscard]] std::optional<nlohmann::json> Get(const std::string& name) const;
  // Somebody else writes or deletes it.
  void Put(const std::string& name, nlohmann::json object);
  void Delete(const std::string& name);

  // The next writes are answered so instead of taken: status and text. With status 0 the write is
  // taken, and the connection ends before the answer; with -1 it ends before the write.
  void AnswerNext(int status, const std::string& text = "");
  // Every write of this object is answered so, until AnswerAlways(name, 200).
  void AnswerAlways(const std::string& name, int status, const std::string& text = "");
  // Called once, while the next write is being taken and before it is answered.
  void OnNextWrite(std::function<void()> then);

  [[nodiscard]] std::vector<SeenWrite> Writes() const;
  // Of those, how many were answered so.
  [[nodiscard]] int Answered(int status) const;
  // How many were taken; how many of the status of this object.
  [[nodiscard]] int Taken() const { return Answered(200); }
  [[nodiscard]] int TakenOf(const std::string& name) const;

 private:
  bool Answer(const HttpRequest& request, HttpResponder& out);
  void WriteLocked(const SeenWrite& write, const HttpRequest& request, HttpResponder& out);
  void StoreLocked(const std::string& name, nlohmann::json object);

  const std::string path_;  // of the collection in its namespace, with a slash
  mutable std::mutex mutex_;
  std::map<std::string, nlohmann::json> objects_;
  std::deque<std::pair<int, std::string>> answers_;
  std::map<std::string, std::pair<int, std::string>> answers_of_;  // by object
  std::function<void()> on_write_;
  std::vector<SeenWrite> writes_;
  int made_ = 0;
  EventLog events_;
  FakeApiServer server_;  // last: its threads use the rest
};

}  // namespace plimsoll::testing
