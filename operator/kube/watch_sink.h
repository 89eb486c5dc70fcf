// SPDX-License-Identifier: Apache-2.0
//
// Takes the body of one watch connection: frames into events, events into the ObjectSink. Knows how
// far it came when the connection ends.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "operator/kube/api_status.h"
#include "operator/kube/object_sink.h"
#include "operator/kube/reflector.h"
#include "operator/kube/transport.h"
#include "operator/kube/wire/frame_reader.h"

namespace plimsoll::kube {

// What a reflector hears while a body comes in.
class ReflectorEvents {
 public:
  virtual ~ReflectorEvents() = default;
  virtual void OnActivity() = 0;  // any bytes at all
  virtual void OnChange() = 0;    // an added, modified, deleted
  virtual void OnBookmark(const std::string& version) = 0;
  virtual void OnSynced(const std::string& version) = 0;  // a list is complete
  virtual void OnUndecodable(const Error& error) = 0;
  virtual void OnVersion(const std::string& version) = 0;  // the sink is complete up to here
};

class WatchSink final : public HttpSink {
 public:
  // `collecting`: the connection begins with the initial state.
  WatchSink(const WatchTarget& target, std::size_t max_object, bool collecting, ObjectSink& objects,
            ReflectorEvents& events);

  [[nodiscard]] Status OnHead(const HttpHead& head) override;
  [[nodiscard]] Status OnBody(std::string_view bytes) override;

  [[nodiscard]] bool collecting() const { return collecting_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }  // events and bookmarks
  // The connection ended inside an event.
  [[nodiscard]] bool mid_frame() const { return frames_.mid_frame(); }
  // The ERROR event that ended it.
  [[nodiscard]] const std::optional<ApiStatus>& error_event() const { return error_event_; }
  // The server does not stream initial states: it sent an ordinary bookmark before their end.
  [[nodiscard]] bool not_streaming() const { return not_streaming_; }

 private:
  [[nodiscard]] Status OnFrame(std::string_view frame);
  [[nodiscard]] Status OnBookmark(std::string_view object);
  void OnObject(ChangeType type, std::string_view object);

  const WatchTarget& target_;
  bool collecting_;
  ObjectSink& objects_;
  ReflectorEvents& events_;
  wire::FrameReader frames_;
  std::uint64_t received_ = 0;
  std::optional<ApiStatus> error_event_;
  bool not_streaming_ = false;
};

// "the server answered in text/html instead of …" unless the head's content type fits.
[[nodiscard]] Status CheckContentType(const WatchTarget& target, const HttpHead& head);

}  // namespace plimsoll::kube
