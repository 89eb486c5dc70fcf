// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/frame_reader.h"

#include <cstdint>

namespace plimsoll::kube::wire {

Status FrameReader::Feed(std::string_view chunk) {
  if (format_ == WireFormat::kJson) return FeedLines(chunk);
  return reassembler_.Feed(chunk, [this](std::string_view bytes) { return Step(bytes); });
}

Result<StepResult> FrameReader::Step(std::string_view bytes) {
  constexpr std::size_t kPrefix = 4;
  if (bytes.size() < kPrefix) return StepResult{.used = 0, .needed = kPrefix};
  std::size_t size = 0;
  for (std::size_t i = 0; i < kPrefix; ++i) size = size << 8 | static_cast<unsigned char>(bytes[i]);
  if (size > max_frame_) return TooLarge(size);
  if (bytes.size() < kPrefix + size) return StepResult{.used = 0, .needed = kPrefix + size};
  if (const Status status = on_frame_(bytes.substr(kPrefix, size)); !status) {
    return std::unexpected(status.error());
  }
  return StepResult{.used = kPrefix + size, .needed = 0};
}

Status FrameReader::FeedLines(std::string_view chunk) {
  while (!chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    const std::string_view part = chunk.substr(0, end);
    if (line_.size() + part.size() > max_frame_) return TooLarge(line_.size() + part.size());
    if (end == std::string_view::npos) {
      line_.append(part);
      return {};
    }
    chunk.remove_prefix(end + 1);
    if (!line_.empty()) line_.append(part);
    const std::string_view line = line_.empty() ? part : std::string_view(line_);
    const Status status = line.empty() ? Status() : on_frame_(line);
    line_.clear();
    if (!status) return status;
  }
  return {};
}

std::unexpected<Error> FrameReader::TooLarge(std::size_t size) const {
  return Fail(ErrorCode::kInvalid, "a watch frame of " + std::to_string(size) +
                                       " bytes or more is over the bound of " +
                                       std::to_string(max_frame_));
}

}  // namespace plimsoll::kube::wire
