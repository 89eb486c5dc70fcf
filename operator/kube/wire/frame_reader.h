// SPDX-License-Identifier: Apache-2.0
//
// Cuts a watch into its frames: protobuf ones begin with a big-endian length of four bytes, JSON
// ones end with a line feed. A frame beyond the bound is refused before it is collected.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/wire/reassembler.h"

namespace plimsoll::kube::wire {

class FrameReader {
 public:
  using OnFrame = std::function<Status(std::string_view frame)>;

  FrameReader(WireFormat format, std::size_t max_frame, OnFrame on_frame)
      : format_(format), max_frame_(max_frame), on_frame_(std::move(on_frame)) {}

  // The next bytes of the body, of any number.
  [[nodiscard]] Status Feed(std::string_view chunk);
  // The body ended inside a frame: the connection was cut, however cleanly.
  [[nodiscard]] bool mid_frame() const { return !line_.empty() || reassembler_.pending() != 0; }

 private:
  [[nodiscard]] Status FeedLines(std::string_view chunk);
  [[nodiscard]] Result<StepResult> Step(std::string_view bytes);
  [[nodiscard]] std::unexpected<Error> TooLarge(std::size_t size) const;

  const WireFormat format_;
  const std::size_t max_frame_;
  const OnFrame on_frame_;
  Reassembler reassembler_;  // protobuf
  std::string line_;         // JSON: the line so far
};

}  // namespace plimsoll::kube::wire
