// SPDX-License-Identifier: Apache-2.0
//
// Bodies of a watch and of a list, in protobuf and JSON, cut into chunks at the first byte's pace:
// no frame beyond the bound is collected, every object is decoded or refused, and how the bytes
// were cut makes no difference.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "operator/kube/decode_pool.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/resources.h"
#include "operator/kube/wire/frame_reader.h"
#include "operator/kube/wire/list_reader.h"
#include "operator/kube/wire/watch_event.h"

namespace {

using namespace plimsoll::kube;

constexpr std::size_t kMostOfOne = 4096;

struct Heard {
  std::size_t frames = 0;
  std::vector<std::string> versions{};
  bool ended_well = false;
  friend bool operator==(const Heard&, const Heard&) = default;
};

template <class Feed>
bool InChunks(std::string_view body, std::size_t step, Feed feed) {
  for (std::size_t at = 0; at < body.size(); at += step) {
    if (!feed(body.substr(at, step))) return false;
  }
  return true;
}

Heard Watch(WireFormat format, std::string_view body, std::size_t step) {
  DecodePool pool;
  const auto pods = PodCodec();
  const auto metadata = MetadataCodec(kDeployments);
  Heard heard;
  wire::FrameReader frames(format, kMostOfOne, [&](std::string_view frame) -> plimsoll::Status {
    if (frame.size() > kMostOfOne) std::abort();
    ++heard.frames;
    const auto event = wire::OpenWatchEvent(format, frame);
    if (!event) return std::unexpected(event.error());
    if (const auto bookmark = wire::ReadBookmark(format, event->object)) {
      heard.versions.push_back(bookmark->resource_version);
    }
    if (format == WireFormat::kProtobuf) {
      (void)pods.decode(event->object, pool);
      (void)metadata.decode(event->object, pool);
    }
    return {};
  });
  heard.ended_well =
      InChunks(body, step,
               [&](std::string_view chunk) { return frames.Feed(chunk).has_value(); }) &&
      !frames.mid_frame();
  return heard;
}

Heard List(WireFormat format, std::string_view body, std::size_t step) {
  Heard heard;
  const auto reader =
      wire::MakeListReader(format, kMostOfOne, [&](std::string_view item) -> plimsoll::Status {
        if (item.size() > kMostOfOne) std::abort();
        ++heard.frames;
        return {};
      });
  if (!InChunks(body, step, [&](std::string_view c) { return reader->Feed(c).has_value(); })) {
    return heard;
  }
  if (const auto meta = reader->Finish()) {
    heard.ended_well = true;
    heard.versions.push_back(meta->resource_version);
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] % 32 + 1U;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const WireFormat format : {WireFormat::kProtobuf, WireFormat::kJson}) {
    if (Watch(format, body, step) != Watch(format, body, size)) std::abort();
    if (List(format, body, step) != List(format, body, size)) std::abort();
  }
  return 0;
}
