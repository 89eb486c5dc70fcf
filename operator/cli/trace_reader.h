// SPDX-License-Identifier: Apache-2.0
//
// Reads a user's trace row by row, so that its length does not matter. Columns by the header's
// names, in any order, others ignored:
//   time         RFC 3339 or Unix seconds
//   container    any name
//   hard_bytes   memory that cannot be reclaimed
//   peak_bytes, soft_bytes, swap_bytes   optional
//   start        1 where the container has just started; optional
//   release      a change is a new release; optional
//   batch        1 on every row of a Job's or CronJob's container; optional
// Line ends may be \n, \r\n or \r, mixed. Every error names file, line, field and remedy.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::cli {

struct TraceRow {
  std::int64_t line = 0;  // where it stands
  TimePoint time{};
  std::string container;
  double hard = 0;
  std::optional<double> peak{};
  std::optional<double> soft{};
  std::optional<double> swap{};
  bool start = false;
  std::string release;
  bool batch = false;
};

class TraceReader {
 public:
  // `name` is what errors call the source; rows later than `latest` are refused.
  TraceReader(std::istream& in, std::string name, TimePoint latest);

  // Reads the header; once, before Next.
  [[nodiscard]] Status Open();
  // The next row; nothing at the end.
  [[nodiscard]] Result<std::optional<TraceRow>> Next();
  [[nodiscard]] std::int64_t line() const { return line_; }
  // An error at the current line, for what only the caller can see.
  [[nodiscard]] std::unexpected<Error> Complain(std::string_view field,
                                                std::string_view what) const;

 private:
  enum Column { kTime, kContainer, kHard, kPeak, kSoft, kSwap, kStart, kRelease, kBatch, kColumns };

  [[nodiscard]] Result<bool> ReadLine();
  [[nodiscard]] Result<bool> ReadCharacters();
  [[nodiscard]] Status Split();
  [[nodiscard]] Result<TimePoint> Time(std::string_view text) const;
  [[nodiscard]] Result<double> Amount(Column column) const;
  [[nodiscard]] Result<std::optional<double>> OptionalAmount(Column column) const;
  [[nodiscard]] std::string_view Cell(Column column) const;

  std::istream& in_;
  std::string name_;
  TimePoint latest_;
  std::int64_t line_ = 0;
  std::string text_;
  std::vector<std::string> cells_;
  std::size_t cell_count_ = 0;
  std::size_t columns_ = 0;  // of the header
  std::array<std::optional<std::size_t>, kColumns> position_{};
};

}  // namespace plimsoll::cli
