// SPDX-License-Identifier: Apache-2.0
//
// Reads a LIST while it arrives: hands on each item as soon as it is whole, so that a list of
// ten thousand pods is never in memory at once.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/kube/object_codec.h"

namespace plimsoll::kube::wire {

struct ListMeta {
  std::string resource_version;
  std::string continue_token;  // "" on the last page
};

class ListReader {
 public:
  // Gets protobuf message bytes or JSON text, valid during the call.
  using OnItem = std::function<Status(std::string_view item)>;

  virtual ~ListReader() = default;
  [[nodiscard]] virtual Status Feed(std::string_view chunk) = 0;
  // After the body's end. kInvalid if the list was cut off or has no resource version.
  [[nodiscard]] virtual Result<ListMeta> Finish() = 0;
};

// An item larger than `max_item` is refused before it is collected.
[[nodiscard]] std::unique_ptr<ListReader> MakeListReader(WireFormat format, std::size_t max_item,
                                                         ListReader::OnItem on_item);
// In list_reader_json.cc.
[[nodiscard]] std::unique_ptr<ListReader> MakeJsonListReader(std::size_t max_item,
                                                             ListReader::OnItem on_item);

}  // namespace plimsoll::kube::wire
