// SPDX-License-Identifier: Apache-2.0
//
// Walks the fields of one protobuf message without copying or building anything: unknown fields
// (over half of a pod is managedFields) cost one jump. Generated messages would keep them.
//
//   for (WireReader in(bytes); in.Next();) {
//     if (in.field() == k8s::PodSpec::kNodeNameFieldNumber) node = in.bytes();
//   }                                       // in.ok() is false if the message was malformed
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plimsoll::kube::wire {

class WireReader {
 public:
  explicit WireReader(std::string_view message)
      : at_(message.data()), end_(message.data() + message.size()) {}

  // Moves to the next field; false at the end, or when the rest cannot be read (then !ok()).
  [[nodiscard]] bool Next();

  [[nodiscard]] int field() const { return field_; }
  // Value of a length-delimited field; of another type it is empty and the reader no longer ok.
  [[nodiscard]] std::string_view bytes() {
    if (type_ != kDelimited) ok_ = false;
    return bytes_;
  }
  // Value of a varint field, as the API's int64, int32 and bool are.
  [[nodiscard]] std::int64_t number() {
    if (type_ != kVarint) ok_ = false;
    return static_cast<std::int64_t>(number_);
  }
  [[nodiscard]] std::int32_t number32() { return static_cast<std::int32_t>(number()); }
  [[nodiscard]] bool flag() { return number() != 0; }

  [[nodiscard]] bool ok() const { return ok_; }

 private:
  enum Type : unsigned { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

  bool ReadVarint(std::uint64_t& value);
  bool Fail() {
    ok_ = false;
    return false;
  }

  const char* at_;
  const char* end_;
  int field_ = 0;
  unsigned type_ = 0;
  std::string_view bytes_;
  std::uint64_t number_ = 0;
  bool ok_ = true;
};

inline bool WireReader::ReadVarint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ == end_) return false;
    const auto byte = static_cast<unsigned char>(*at_++);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

inline bool WireReader::Next() {
  if (at_ == end_ || !ok_) return false;
  std::uint64_t tag = 0;
  if (!ReadVarint(tag) || (tag >> 3) == 0 || (tag >> 3) > 0x1FFFFFFF) return Fail();
  field_ = static_cast<int>(tag >> 3);
  type_ = static_cast<unsigned>(tag & 7);
  bytes_ = {};
  number_ = 0;
  const auto left = [this] { return static_cast<std::uint64_t>(end_ - at_); };
  switch (type_) {
    case kVarint:
      return ReadVarint(number_) || Fail();
    case kDelimited: {
      std::uint64_t size = 0;
      if (!ReadVarint(size) || size > left()) return Fail();
      bytes_ = {at_, static_cast<std::size_t>(size)};
      at_ += size;
      return true;
    }
    case kFixed64:
    case kFixed32: {
      const std::uint64_t size = type_ == kFixed64 ? 8 : 4;
      if (size > left()) return Fail();
      at_ += size;
      return true;
    }
    default:
      return Fail();  // groups do not occur
  }
}

}  // namespace plimsoll::kube::wire
