// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/line_source.h"

#include <algorithm>
#include <cstring>
#include <ios>
#include <istream>
#include <streambuf>

namespace plimsoll::cli {
namespace {

constexpr std::size_t kChunk = 256 << 10;

}  // namespace

LineSource::LineSource(std::istream& in, std::size_t padding)
    : in_(in), padding_(padding), buffer_(kChunk + padding) {}

std::optional<std::string_view> LineSource::Buffered() {
  const void* found = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
  if (found == nullptr) {
    scanned_ = end_;
    return std::nullopt;
  }
  const auto stop = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
  std::string_view line(buffer_.data() + begin_, stop - begin_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  begin_ = scanned_ = stop + 1;
  ++line_;
  return line;
}

std::optional<std::string_view> LineSource::Rest() {
  if (begin_ == end_) return std::nullopt;
  std::string_view line(buffer_.data() + begin_, end_ - begin_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  begin_ = scanned_ = end_;
  ++line_;
  return line;
}

void LineSource::Fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  scanned_ -= begin_;
  begin_ = 0;
  if (buffer_.size() - padding_ - end_ < kChunk / 2) buffer_.resize(buffer_.size() + kChunk);
  // Past the stream, which would take a failure for the end. Waits for one byte, then takes what
  // has come with it.
  std::streambuf& source = *in_.rdbuf();
  try {
    if (source.sgetc() == std::char_traits<char>::eof()) {
      ended_ = true;
      return;
    }
    const auto room = static_cast<std::streamsize>(buffer_.size() - padding_ - end_);
    const auto ready = std::clamp<std::streamsize>(source.in_avail(), 1, room);
    end_ += static_cast<std::size_t>(source.sgetn(buffer_.data() + end_, ready));
  } catch (const std::ios_base::failure& error) {
    broken_ = error.code().message();
  }
}

}  // namespace plimsoll::cli
