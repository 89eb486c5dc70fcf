// SPDX-License-Identifier: Apache-2.0
//
// One event of a watch, opened: its type, and its object still as wire bytes.
#pragma once

#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/kube/object_codec.h"

namespace plimsoll::kube::wire {

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark, kError };

// A view into the frame.
struct WatchEvent {
  WatchEventType type = WatchEventType::kError;
  std::string_view object;  // protobuf message without envelope, or JSON text
};

// kInvalid when the frame cannot be read.
[[nodiscard]] Result<WatchEvent> OpenWatchEvent(WireFormat format, std::string_view frame);

// What a BOOKMARK says.
struct Bookmark {
  std::string resource_version;
  bool initial_events_end = false;  // the streamed list is complete
};
[[nodiscard]] Result<Bookmark> ReadBookmark(WireFormat format, std::string_view object);

}  // namespace plimsoll::kube::wire
