// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/watch_sink.h"

#include "operator/kube/wire/watch_event.h"

namespace plimsoll::kube {

Status CheckContentType(const WatchTarget& target, const HttpHead& head) {
  const std::string_view wanted = target.format == WireFormat::kProtobuf
                                      ? "application/vnd.kubernetes.protobuf"
                                      : "application/json";
  const std::string_view type = head.Header("Content-Type");
  if (type.starts_with(wanted)) return {};
  return Fail(ErrorCode::kInvalid, "the server answered in \"" + std::string(type.substr(0, 128)) +
                                       "\" instead of " + std::string(wanted));
}

WatchSink::WatchSink(const WatchTarget& target, std::size_t max_object, bool collecting,
                     ObjectSink& objects, ReflectorEvents& events)
    : target_(target),
      collecting_(collecting),
      objects_(objects),
      events_(events),
      frames_(target.format, max_object,
              [this](std::string_view frame) { return OnFrame(frame); }) {}

Status WatchSink::OnHead(const HttpHead& head) {
  if (collecting_) objects_.BeginReplace();
  events_.OnActivity();
  return CheckContentType(target_, head);
}

Status WatchSink::OnBody(std::string_view bytes) {
  events_.OnActivity();
  return frames_.Feed(bytes);
}

Status WatchSink::OnFrame(std::string_view frame) {
  const Result<wire::WatchEvent> event = wire::OpenWatchEvent(target_.format, frame);
  if (!event) return std::unexpected(event.error());
  ++received_;
  switch (event->type) {
    case wire::WatchEventType::kAdded:
      OnObject(ChangeType::kAdded, event->object);
      return {};
    case wire::WatchEventType::kModified:
      OnObject(ChangeType::kModified, event->object);
      return {};
    case wire::WatchEventType::kDeleted:
      OnObject(ChangeType::kDeleted, event->object);
      return {};
    case wire::WatchEventType::kBookmark:
      return OnBookmark(event->object);
    case wire::WatchEventType::kError:
      error_event_ = ParseStatusObject(target_.format == WireFormat::kProtobuf, event->object);
      return Fail(ErrorCode::kGone, "the server ended the watch: " + error_event_->message);
  }
  return {};
}

void WatchSink::OnObject(ChangeType type, std::string_view object) {
  if (collecting_) {
    if (const Status status = objects_.Collect(type, object); !status) {
      events_.OnUndecodable(status.error());
    }
    return;
  }
  const Result<std::string> version = objects_.Apply(type, object);
  if (!version) return events_.OnUndecodable(version.error());
  events_.OnChange();
  events_.OnVersion(*version);
}

Status WatchSink::OnBookmark(std::string_view object) {
  const Result<wire::Bookmark> bookmark = wire::ReadBookmark(target_.format, object);
  if (!bookmark) return std::unexpected(bookmark.error());
  events_.OnBookmark(bookmark->resource_version);
  if (collecting_ && !bookmark->initial_events_end) {
    not_streaming_ = true;
    return Fail(ErrorCode::kInvalid, "the server does not stream initial states");
  }
  if (collecting_) {
    collecting_ = false;
    objects_.FinishReplace();
    events_.OnSynced(bookmark->resource_version);
  }
  events_.OnVersion(bookmark->resource_version);
  return {};
}

}  // namespace plimsoll::kube
