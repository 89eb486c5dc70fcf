// SPDX-License-Identifier: Apache-2.0
//
// The events that users would be told, as a scripted API server takes them in.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "tests/support/http_server.h"

namespace plimsoll::testing {

struct SeenEvent {
  std::string name = {};
  std::string type = {};
  std::string reason = {};
  std::string note = {};  // the newest
  int count = 1;
};

class EventLog {
 public:
  // Answers a request about an event; false when it is about something else.
  bool Answer(const HttpRequest& request, HttpResponder& out);

  // As somebody does by hand, or time does.
  void DeleteAll();

  [[nodiscard]] std::vector<SeenEvent> Events() const;
  // Whether one has this reason and this part in its note.
  [[nodiscard]] bool Has(const std::string& reason, const std::string& part = "") const;

 private:
  mutable std::mutex mutex_;
  std::vector<SeenEvent> events_;
};

}  // namespace plimsoll::testing
