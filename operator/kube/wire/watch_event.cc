// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/watch_event.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "k8s/meta.pb.h"
#include "operator/kube/wire/envelope.h"
#include "operator/kube/wire/json_members.h"
#include "operator/kube/wire/wire_reader.h"

namespace plimsoll::kube::wire {
namespace {

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

Result<WatchEventType> TypeOf(std::string_view text) {
  if (text == "ADDED") return WatchEventType::kAdded;
  if (text == "MODIFIED") return WatchEventType::kModified;
  if (text == "DELETED") return WatchEventType::kDeleted;
  if (text == "BOOKMARK") return WatchEventType::kBookmark;
  if (text == "ERROR") return WatchEventType::kError;
  return Fail(ErrorCode::kInvalid,
              "watch event of unknown type \"" + std::string(text.substr(0, 64)) + "\"");
}

Result<WatchEvent> OpenProtobuf(std::string_view frame) {
  std::string_view type;
  std::string_view object;
  WireReader in(frame);
  while (in.Next()) {
    if (in.field() == k8s::WatchEvent::kTypeFieldNumber) type = in.bytes();
    if (in.field() == k8s::WatchEvent::kObjectFieldNumber) {
      WireReader extension(in.bytes());
      while (extension.Next()) {
        if (extension.field() == k8s::RawExtension::kRawFieldNumber) object = extension.bytes();
      }
    }
  }
  if (!in.ok()) return Fail(ErrorCode::kInvalid, "malformed protobuf watch event");
  const Result<WatchEventType> known = TypeOf(type);
  if (!known) return std::unexpected(known.error());
  const Result<Envelope> envelope = OpenEnvelope(object);
  if (!envelope) return std::unexpected(envelope.error().Context("watch event"));
  return WatchEvent{*known, envelope->raw};
}

Result<WatchEvent> OpenJson(std::string_view frame) {
  std::string_view type;
  std::string_view object;
  const Status status = ForEachMember(frame, [&](std::string_view key, std::string_view value) {
    if (key == "type") type = value;
    if (key == "object") object = value;
  });
  if (!status) return std::unexpected(status.error().Context("watch event"));
  if (type.size() < 2 || object.empty()) {
    return Fail(ErrorCode::kInvalid, "watch event without type or object");
  }
  const Result<WatchEventType> known = TypeOf(type.substr(1, type.size() - 2));
  if (!known) return std::unexpected(known.error());
  return WatchEvent{*known, object};
}

// Whether a map<string, string> entry is the mark of the initial events' end.
bool MarksInitialEnd(std::string_view entry) {
  std::string_view key;
  std::string_view value;
  for (WireReader in(entry); in.Next();) {
    if (in.field() == 1) key = in.bytes();
    if (in.field() == 2) value = in.bytes();
  }
  return key == kInitialEventsEnd && value == "true";
}

Result<Bookmark> ReadProtobufBookmark(std::string_view object) {
  Bookmark bookmark;
  WireReader in(object);
  while (in.Next()) {
    if (in.field() != k8s::PartialObjectMetadata::kMetadataFieldNumber) continue;
    WireReader meta(in.bytes());
    while (meta.Next()) {
      if (meta.field() == k8s::ObjectMeta::kResourceVersionFieldNumber) {
        bookmark.resource_version = meta.bytes();
      } else if (meta.field() == k8s::ObjectMeta::kAnnotationsFieldNumber) {
        bookmark.initial_events_end |= MarksInitialEnd(meta.bytes());
      }
    }
    if (!meta.ok()) return Fail(ErrorCode::kInvalid, "malformed protobuf bookmark");
  }
  if (!in.ok()) return Fail(ErrorCode::kInvalid, "malformed protobuf bookmark");
  return bookmark;
}

}  // namespace

Result<WatchEvent> OpenWatchEvent(WireFormat format, std::string_view frame) {
  return format == WireFormat::kProtobuf ? OpenProtobuf(frame) : OpenJson(frame);
}

Result<Bookmark> ReadBookmark(WireFormat format, std::string_view object) {
  if (format == WireFormat::kProtobuf) {
    return ReadProtobufBookmark(object);
  }
  const Result<nlohmann::json> json = ParseJson(object);
  if (!json) return std::unexpected(json.error().Context("bookmark"));
  const Result<ObjectMeta> meta = MetaFromJson(*json);
  if (!meta) return std::unexpected(meta.error().Context("bookmark"));
  return Bookmark{meta->resource_version.str(),
                  Find(meta->annotations, kInitialEventsEnd) == "true"};
}

}  // namespace plimsoll::kube::wire
