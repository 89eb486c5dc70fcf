// SPDX-License-Identifier: Apache-2.0
//
// Stands between the threads of an exchange and its sink: one call at a time, the head before the
// body, and none after Close. Private to the transport.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "operator/kube/transport.h"

namespace plimsoll::kube {

class SinkGate {
 public:
  explicit SinkGate(HttpSink& sink) : sink_(&sink) {}

  // The head, on the caller's thread, then what came early.
  [[nodiscard]] Status Head(const HttpHead& head);
  // Bytes of the body, on a pool thread. They may come before the caller has seen the head; then
  // they wait here (the server sends little before we answer with TCP acknowledgements).
  // kCanceled after Close.
  [[nodiscard]] Status Body(std::string_view bytes);
  // No call to the sink begins after this returns.
  void Close();

  // The sink's first error.
  [[nodiscard]] std::optional<Error> refused();

  // Whether this thread is in a sink: it must not begin an exchange, it would wait for itself.
  [[nodiscard]] static bool IsCalling();

 private:
  Status Remember(Status status);

  std::mutex mutex_;
  HttpSink* sink_;
  bool head_seen_ = false;
  std::string early_;
  std::optional<Error> refused_;
};

}  // namespace plimsoll::kube
