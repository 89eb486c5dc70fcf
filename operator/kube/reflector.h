// SPDX-License-Identifier: Apache-2.0
//
// Mirrors one collection into an ObjectSink for as long as it runs, whatever the server does.
//
//   stream: GET ?watch&sendInitialEvents — ADDED… until the bookmark "initial-events-end", then the
//           same connection goes on as the watch
//     └─ not served → pages: LIST (resourceVersion=0, pages of 500) and then
//        watch: GET ?watch&resourceVersion=last; a clean end reconnects at once
//   410, expired → from the start with a consistent read; connection refused, 429 → the same
//   request again after back-off; a server silent beyond the idle time-out is dead; 404 of a kind
//   that need not be installed → nothing is in it, and it is asked for again later.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/kube/clock.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/object_key.h"
#include "operator/kube/object_sink.h"

namespace plimsoll::kube {

class RequestSender;

// What to mirror.
struct WatchTarget {
  Resource resource;
  WireFormat format = WireFormat::kProtobuf;
  bool metadata_only = false;
  std::string ns = {};
  std::string label_selector = {};
  std::string field_selector = {};
};

enum class InitialList {
  kStream,  // ask for streamed initial events first: cheapest for the server
  kPages,   // LIST in pages at once
};

struct ReflectorOptions {
  InitialList initial_list = InitialList::kStream;
  // The server ends a watch after this long; each watch draws between one and two times it.
  Duration watch_timeout = std::chrono::minutes(5);
  // Nothing at all received for so long: the peer is dead (bookmarks come about every minute).
  Duration idle_timeout = std::chrono::seconds(150);
  Duration backoff_initial = std::chrono::milliseconds(800);
  Duration backoff_max = std::chrono::seconds(30);
  std::size_t page_size = 500;
  std::size_t max_object_size = 8u << 20;  // larger frames are refused and the stream restarted
  std::uint64_t jitter_seed = 0;           // 0: from the system's entropy
  // For a kind that need not be installed: 404 is then an empty collection, complete and no
  // failure, and is asked for again after so long. Absent: 404 is a failure as any other.
  std::optional<Duration> absent_retry = {};
};

// Since Start; for metrics.
struct ReflectorCounters {
  std::uint64_t lists = 0;    // complete initial states received, streamed or paged
  std::uint64_t watches = 0;  // watch connections opened
  std::uint64_t events = 0;   // added, modified, deleted
  std::uint64_t bookmarks = 0;
  std::uint64_t failures = 0;     // of any kind, including those retried
  std::uint64_t undecodable = 0;  // objects left out because they could not be read
};

class Reflector {
 public:
  // `sender`, `clock` and `sink` must outlive it.
  Reflector(RequestSender& sender, const Clock& clock, WatchTarget target, ObjectSink& sink,
            ReflectorOptions options, std::function<void(const Error&)> on_error);
  ~Reflector();
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  void Start();
  void Stop();

  [[nodiscard]] bool HasSynced() const;
  [[nodiscard]] bool WaitForSync(Duration timeout) const;
  [[nodiscard]] std::optional<Duration> LastEventAge() const;
  [[nodiscard]] std::string resource_version() const;
  [[nodiscard]] ReflectorCounters counters() const;
  // The newest failure since an initial state was last complete; nothing when there was none. A
  // watch that goes on from where it broke does not clear it.
  [[nodiscard]] std::optional<Error> last_error() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::kube
