// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/checkpoint.h"

#include <array>
#include <bit>
#include <concepts>
#include <type_traits>

namespace plimsoll::history {
namespace {

constexpr std::string_view kMagic = "PC";
constexpr std::size_t kHeaderBytes = 3;
constexpr std::size_t kChecksumBytes = 4;

consteval std::array<std::uint32_t, 256> MakeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = MakeCrcTable();

std::uint32_t Crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
  }
  return ~crc;
}

template <std::floating_point T>
using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

class Writer {
 public:
  template <std::integral T>
  void operator()(T value) {
    auto rest = static_cast<std::make_unsigned_t<T>>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<char>(rest & 0xFFU));
      rest = static_cast<decltype(rest)>(static_cast<std::uint64_t>(rest) >> 8);
    }
  }
  template <std::floating_point T>
  void operator()(T value) {
    (*this)(std::bit_cast<Bits<T>>(value));
  }
  template <class T, std::size_t N>
  void operator()(const std::array<T, N>& values) {
    for (const T& value : values) (*this)(value);
  }
  [[nodiscard]] std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral T>
  void operator()(T& value) {
    if (rest_.size() < sizeof(T)) {
      short_ = true;
      return;
    }
    std::uint64_t read = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      read |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    value = static_cast<T>(read);
    rest_.remove_prefix(sizeof(T));
  }
  template <std::floating_point T>
  void operator()(T& value) {
    Bits<T> bits = 0;
    (*this)(bits);
    value = std::bit_cast<T>(bits);
  }
  template <class T, std::size_t N>
  void operator()(std::array<T, N>& values) {
    for (T& value : values) (*this)(value);
  }
  // All of the bytes were read, and there were enough.
  [[nodiscard]] bool Complete() const { return !short_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool short_ = false;
};

std::unexpected<Error> Broken(std::string_view what) {
  return Fail(ErrorCode::kInvalid, "checkpoint: " + std::string(what) +
                                       "; delete the MemoryCheckpoint to learn the container anew");
}

std::uint32_t ChecksumOf(std::string_view bytes) {
  std::uint32_t checksum = 0;
  Reader reader(bytes.substr(bytes.size() - kChecksumBytes));
  reader(checksum);
  return checksum;
}

// Whether a format of ours was written where another is read: its checksum holds then, which it
// cannot for one of a later program by more than chance.
bool FormatChanged(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes + kChecksumBytes) return false;
  std::string content(bytes.substr(0, bytes.size() - kChecksumBytes));
  for (std::uint8_t known = 1; known <= kCheckpointFormat; ++known) {
    content[kMagic.size()] = static_cast<char>(known);
    if (Crc32(content) == ChecksumOf(bytes)) return true;
  }
  return false;
}

}  // namespace

std::string EncodeCheckpoint(const ContainerHistory& history) {
  Writer writer;
  writer.bytes().append(kMagic);
  writer(kCheckpointFormat);
  ContainerHistory copy = history;  // Visit serves reading, too, and so is not const
  copy.Visit(writer);
  writer(Crc32(writer.bytes()));
  return std::move(writer.bytes());
}

Result<ContainerHistory> DecodeCheckpoint(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes.substr(0, kMagic.size()) != kMagic) {
    return Broken("these " + std::to_string(bytes.size()) + " bytes are not a checkpoint");
  }
  const auto format = static_cast<std::uint8_t>(bytes[kMagic.size()]);
  if (format > kCheckpointFormat) {
    if (FormatChanged(bytes)) return Broken("changed (its format and checksum do not agree)");
    return Fail(ErrorCode::kConflict, "checkpoint: format " + std::to_string(format) +
                                          " is newer than this program's " +
                                          std::to_string(kCheckpointFormat) +
                                          "; it is left as it is, upgrade the operator");
  }
  if (format != kCheckpointFormat) return Broken("unknown format " + std::to_string(format));
  if (bytes.size() < kHeaderBytes + kChecksumBytes) return Broken("cut short");

  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (Crc32(content) != ChecksumOf(bytes)) return Broken("cut short or changed (checksum)");

  ContainerHistory history;
  Reader reader(content.substr(kHeaderBytes));
  history.Visit(reader);
  if (!reader.Complete() || !history.Valid()) return Broken("its fields do not fit format 1");
  return history;
}

}  // namespace plimsoll::history
