// SPDX-License-Identifier: Apache-2.0
#include "tests/support/event_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace plimsoll::testing {

bool EventLog::Answer(const HttpRequest& request, HttpResponder& out) {
  const bool made = request.method == "POST" && request.path.ends_with("/events");
  const bool repeated =
      request.method == "PATCH" && request.path.find("/events/") != std::string::npos;
  if (!made && !repeated) return false;
  const auto event = nlohmann::json::parse(request.body);
  const std::lock_guard lock(mutex_);
  if (made) {
    events_.push_back({.name = event.at("metadata").at("name"),
                       .type = event.at("type"),
                       .reason = event.at("reason"),
                       .note = event.at("note")});
  }
  const std::string name = request.path.substr(request.path.rfind('/') + 1);
  const auto repeat = std::ranges::find(events_, name, &SeenEvent::name);
  if (repeated && repeat == events_.end()) {
    out.Send(404, "application/json", "{}");
    return true;
  }
  if (repeated) {
    repeat->note = event.at("message");
    repeat->count = event.at("series").at("count");
  }
  out.Send(201, "application/json", request.body);
  return true;
}

void EventLog::DeleteAll() {
  const std::lock_guard lock(mutex_);
  events_.clear();
}

std::vector<SeenEvent> EventLog::Events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

bool EventLog::Has(const std::string& reason, const std::string& part) const {
  return std::ranges::any_of(Events(), [&](const SeenEvent& event) {
    return event.reason == reason && event.note.find(part) != std::string::npos;
  });
}

}  // namespace plimsoll::testing
