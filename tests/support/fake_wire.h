// SPDX-License-Identifier: Apache-2.0
//
// How a FakeApiServer puts objects, lists and watch events on the wire: protobuf pods, as built-in
// kinds travel, or JSON, as custom resources do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plimsoll::testing {

struct FakeObject {
  std::uint64_t version = 0;
  std::string value;  // a label that tells versions of an object apart
  // The object as a whole (a serialized k8s::Pod, or JSON), whose resource version the server sets;
  // empty: a small object of that name and value.
  std::string whole;
};

// The body of a refusal.
[[nodiscard]] std::string StatusText(int code, const std::string& reason,
                                     const std::string& message);
// What Kubernetes calls this code.
[[nodiscard]] std::string ReasonOf(int code);

class FakeWire {
 public:
  enum class Format { kProtobufPods, kJson };

  explicit FakeWire(Format format) : format_(format) {}

  [[nodiscard]] std::string ContentType(bool watch) const;
  [[nodiscard]] std::string Encode(const std::string& name, const FakeObject& object) const;
  // `items` as Encode wrote them; `next` is the token of the next page, empty for the last.
  [[nodiscard]] std::string List(const std::vector<std::string>& items, std::uint64_t version,
                                 const std::string& next) const;

  // Frames of a watch.
  [[nodiscard]] std::string Event(const std::string& type, const std::string& object,
                                  const std::string& kind = "Pod") const;
  [[nodiscard]] std::string Bookmark(std::uint64_t version, bool initial_end) const;
  [[nodiscard]] std::string Error(int code, const std::string& reason) const;
  // No event at all; an event whose object cannot be read; pieces of one that claims 100 MiB.
  [[nodiscard]] std::string Garbage() const;
  [[nodiscard]] std::string Undecodable() const;
  [[nodiscard]] std::vector<std::string> Oversize() const;

 private:
  const Format format_;
};

}  // namespace plimsoll::testing
