// SPDX-License-Identifier: Apache-2.0
//
// Lines of a stream as views into one padded buffer, for a parser that reads past the end of what
// it is given. Waits for more input only when every whole line has been taken, so that a filter
// answers each question as it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"

namespace plimsoll::cli {

class LineSource {
 public:
  static constexpr std::size_t kMaxLine = 1 << 20;

  // At least `padding` readable bytes follow every line.
  LineSource(std::istream& in, std::size_t padding);

  // The next line without its end; nothing at the end of the input. kInvalid for one that is longer
  // than kMaxLine and for an input that cannot be read, such as a folder. `before_wait` is called
  // when the stream has to be waited for.
  template <class BeforeWait>
  [[nodiscard]] Result<std::optional<std::string_view>> Next(BeforeWait before_wait) {
    for (;;) {
      if (const auto line = Buffered()) return line;
      if (broken_) return Fail(ErrorCode::kInvalid, "cannot be read: " + *broken_);
      if (ended_) return Rest();
      if (end_ - begin_ > kMaxLine) {
        return Fail(ErrorCode::kInvalid, "longer than 1 MiB; one JSON object a line is expected");
      }
      before_wait();
      Fill();
    }
  }
  [[nodiscard]] std::int64_t line() const { return line_; }
  // Bytes that may be read from the start of the line just given.
  [[nodiscard]] std::size_t Capacity(std::string_view line) const {
    return static_cast<std::size_t>(buffer_.data() + buffer_.size() - line.data());
  }

 private:
  [[nodiscard]] std::optional<std::string_view> Buffered();
  [[nodiscard]] std::optional<std::string_view> Rest();
  void Fill();

  std::istream& in_;
  std::size_t padding_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    // of the next line
  std::size_t scanned_ = 0;  // no line end before
  std::size_t end_ = 0;      // of what was read
  std::int64_t line_ = 0;
  bool ended_ = false;
  std::optional<std::string> broken_;  // why it cannot be read on
};

}  // namespace plimsoll::cli
