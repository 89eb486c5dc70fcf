// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/list_reader.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "k8s/meta.pb.h"
#include "operator/kube/wire/envelope.h"
#include "operator/kube/wire/reassembler.h"
#include "operator/kube/wire/wire_reader.h"

namespace plimsoll::kube::wire {
namespace {

constexpr std::size_t kMaxVarint = 10;

// The number at the front of `bytes`; nothing if it is not all there.
struct Varint {
  std::uint64_t value = 0;
  std::size_t size = 0;
};
std::optional<Varint> ReadVarint(std::string_view bytes) {
  Varint result;
  while (result.size < bytes.size() && result.size < kMaxVarint) {
    const auto byte = static_cast<unsigned char>(bytes[result.size]);
    result.value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * result.size);
    ++result.size;
    if (byte < 0x80) return result;
  }
  return std::nullopt;
}

// k8s\0, then Unknown { type meta, raw: list { metadata, items… }, encoding }. The fields of
// Unknown and of the list are read one by one; `raw` is entered instead of collected.
class ProtobufListReader final : public ListReader {
 public:
  ProtobufListReader(std::size_t max_item, OnItem on_item)
      : max_item_(max_item), on_item_(std::move(on_item)) {}

  Status Feed(std::string_view chunk) override {
    return reassembler_.Feed(chunk, [this](std::string_view bytes) { return Step(bytes); });
  }

  Result<ListMeta> Finish() override {
    const bool complete = place_ == Place::kAfterList && reassembler_.pending() == 0;
    if (!complete) return Fail(ErrorCode::kRetryable, "the list was cut off");
    if (meta_.resource_version.empty()) {
      return Fail(ErrorCode::kInvalid, "the list has no resource version");
    }
    return std::move(meta_);
  }

 private:
  enum class Place { kMagic, kEnvelope, kList, kAfterList };

  Result<StepResult> Step(std::string_view bytes) {
    if (place_ == Place::kMagic) return StepMagic(bytes);
    // Tag and length first: their size is not known before they are read.
    const std::optional<Varint> tag = ReadVarint(bytes);
    if (!tag) return MoreOf(bytes, "tag");
    const std::string_view rest = bytes.substr(tag->size);
    const std::optional<Varint> value = ReadVarint(rest);
    if (!value) return MoreOf(bytes, "length");
    const std::size_t header = tag->size + value->size;
    const auto field = static_cast<int>(tag->value >> 3);
    if ((tag->value & 7) == 0) return Used(header);  // a number: nothing follows
    if ((tag->value & 7) != 2) return Fail(ErrorCode::kInvalid, "malformed protobuf list");

    if (place_ == Place::kEnvelope && field == k8s::Unknown::kRawFieldNumber) {
      list_left_ = value->value;
      place_ = list_left_ == 0 ? Place::kAfterList : Place::kList;
      return StepResult{.used = header, .needed = 0};
    }
    if (value->value > max_item_) {
      return Fail(ErrorCode::kInvalid, "an item of " + std::to_string(value->value) +
                                           " bytes is over the bound of " +
                                           std::to_string(max_item_));
    }
    const auto size = static_cast<std::size_t>(value->value);
    if (bytes.size() < header + size) return StepResult{.used = 0, .needed = header + size};
    if (const Status status = OnField(field, bytes.substr(header, size)); !status) {
      return std::unexpected(status.error());
    }
    return Used(header + size);
  }

  Result<StepResult> StepMagic(std::string_view bytes) {
    if (bytes.size() < kMagic.size() && kMagic.starts_with(bytes)) {
      return StepResult{.used = 0, .needed = kMagic.size()};
    }
    if (!bytes.starts_with(kMagic)) {
      return Fail(ErrorCode::kInvalid, "the list does not begin with Kubernetes' protobuf mark");
    }
    place_ = Place::kEnvelope;
    return StepResult{.used = kMagic.size(), .needed = 0};
  }

  static Result<StepResult> MoreOf(std::string_view bytes, const char* what) {
    if (bytes.size() >= 2 * kMaxVarint) {
      return Fail(ErrorCode::kInvalid, std::string("malformed protobuf list: endless ") + what);
    }
    return StepResult{.used = 0, .needed = bytes.size() + 1};
  }

  // Counts what the list has left, and leaves it at its end.
  Result<StepResult> Used(std::size_t size) {
    if (place_ == Place::kList) {
      if (size > list_left_) return Fail(ErrorCode::kInvalid, "malformed protobuf list");
      list_left_ -= size;
      if (list_left_ == 0) place_ = Place::kAfterList;
    }
    return StepResult{.used = size, .needed = 0};
  }

  Status OnField(int field, std::string_view value) {
    if (place_ != Place::kList) return {};  // type meta, content type
    if (field == k8s::ObjectList::kItemsFieldNumber) return on_item_(value);
    if (field != k8s::ObjectList::kMetadataFieldNumber) return {};
    WireReader in(value);
    while (in.Next()) {
      if (in.field() == k8s::ListMeta::kResourceVersionFieldNumber) {
        meta_.resource_version = in.bytes();
      } else if (in.field() == k8s::ListMeta::kContinueFieldNumber) {
        meta_.continue_token = in.bytes();
      }
    }
    return in.ok() ? Status() : Fail(ErrorCode::kInvalid, "malformed protobuf list metadata");
  }

  const std::size_t max_item_;
  const OnItem on_item_;
  Reassembler reassembler_;
  Place place_ = Place::kMagic;
  std::uint64_t list_left_ = 0;
  ListMeta meta_;
};

}  // namespace

std::unique_ptr<ListReader> MakeListReader(WireFormat format, std::size_t max_item,
                                           ListReader::OnItem on_item) {
  if (format == WireFormat::kJson) return MakeJsonListReader(max_item, std::move(on_item));
  return std::make_unique<ProtobufListReader>(max_item, std::move(on_item));
}

}  // namespace plimsoll::kube::wire
