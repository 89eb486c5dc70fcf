// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/trace_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ios>
#include <istream>

#include "operator/api/text.h"
#include "operator/cli/amounts.h"
#include "operator/cli/shown.h"

namespace plimsoll::cli {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"time",       "container",  "hard_bytes",
                                                    "peak_bytes", "soft_bytes", "swap_bytes",
                                                    "start",      "release",    "batch"};
constexpr std::size_t kMaxLine = 64 << 10;
constexpr std::size_t kMaxCells = 256;
constexpr std::size_t kMaxShown = 40;

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<double> Number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

TraceReader::TraceReader(std::istream& in, std::string name, TimePoint latest)
    : in_(in), name_(std::move(name)), latest_(latest) {}

std::unexpected<Error> TraceReader::Complain(std::string_view field, std::string_view what) const {
  return Fail(ErrorCode::kInvalid, fmt::format("{}:{}: {}: {}", name_, line_, field, what));
}

Result<bool> TraceReader::ReadLine() {
  try {
    return ReadCharacters();
  } catch (const std::ios_base::failure& error) {
    // A folder is opened like a file, and only then cannot be read.
    return Fail(ErrorCode::kInvalid,
                fmt::format("{}: cannot be read: {}", name_, error.code().message()));
  }
}

// A line without its end; false at the end of the input.
Result<bool> TraceReader::ReadCharacters() {
  text_.clear();
  std::streambuf& buffer = *in_.rdbuf();
  constexpr int kEnd = std::char_traits<char>::eof();
  int next = buffer.sgetc();
  if (next == kEnd) return false;
  ++line_;
  for (; next != kEnd; next = buffer.snextc()) {
    const char c = static_cast<char>(next);
    if (c == '\n' || c == '\r') {
      if (buffer.snextc() == '\n' && c == '\r') buffer.sbumpc();
      return true;
    }
    if (text_.size() >= kMaxLine) {
      return Complain("line", fmt::format("longer than {} bytes; is this a CSV file?", kMaxLine));
    }
    text_.push_back(c);
  }
  return true;
}

// RFC 4180: cells between commas; a quoted one may hold commas and doubled quotes.
Status TraceReader::Split() {
  cell_count_ = 0;
  std::size_t at = 0;
  for (bool more = true; more; ++cell_count_) {
    if (cell_count_ >= kMaxCells)
      return Complain("line", "more than 256 cells; is this a CSV file?");
    if (cells_.size() <= cell_count_) cells_.emplace_back();
    std::string& cell = cells_[cell_count_];
    cell.clear();
    if (at < text_.size() && text_[at] == '"') {
      for (++at;; ++at) {
        if (at >= text_.size()) {
          return Complain("line", "a quote is opened and not closed; write a quote within as \"\"");
        }
        if (text_[at] != '"') {
          cell.push_back(text_[at]);
        } else if (at + 1 < text_.size() && text_[at + 1] == '"') {
          cell.push_back(text_[at++]);
        } else {
          break;
        }
      }
      ++at;
      if (at < text_.size() && text_[at] != ',') {
        return Complain("line", "text after a closing quote; write a quote within as \"\"");
      }
    } else {
      const auto end = std::min(text_.find(',', at), text_.size());
      cell = Trim(std::string_view(text_).substr(at, end - at));
      at = end;
    }
    more = at < text_.size();
    ++at;
  }
  return {};
}

Status TraceReader::Open() {
  const auto any = ReadLine();
  if (!any) return std::unexpected(any.error());
  if (!*any) {
    line_ = 1;
    return Complain("header", "the file is empty; it needs the columns time,container,hard_bytes");
  }
  if (text_.starts_with("\xef\xbb\xbf")) text_.erase(0, 3);
  if (const auto split = Split(); !split) return split;
  for (std::size_t i = 0; i < cell_count_; ++i) {
    const auto known = std::find(kNames.begin(), kNames.end(), cells_[i]);
    if (known == kNames.end()) continue;
    auto& position = position_[static_cast<std::size_t>(known - kNames.begin())];
    if (position) return Complain(cells_[i], "this column is there twice; remove one");
    position = i;
  }
  for (const Column column : {kTime, kContainer, kHard}) {
    if (position_[column]) continue;
    return Complain("header",
                    fmt::format("no column '{}' in '{}'; the first line must name the columns, "
                                "with commas between, at least time,container,hard_bytes",
                                kNames[column], Shown(text_, kMaxShown)));
  }
  columns_ = cell_count_;
  return {};
}

std::string_view TraceReader::Cell(Column column) const {
  const auto position = position_[column];
  return position && *position < cell_count_ ? std::string_view(cells_[*position])
                                             : std::string_view();
}

Result<TimePoint> TraceReader::Time(std::string_view text) const {
  std::optional<TimePoint> time = api::ParseTime(text);
  if (!time) {
    const auto seconds = Number(text);
    constexpr double kYear10000 = 253402300800;
    if (!seconds || !(*seconds >= 0 && *seconds < kYear10000)) {
      return Complain(
          "time", fmt::format("'{}' is neither RFC 3339 (2026-08-21T07:12:44Z) nor Unix seconds; "
                              "write one of them (of milliseconds: divide by 1000)",
                              Shown(text, kMaxShown)));
    }
    time = TimePoint(Duration(std::llround(*seconds * 1000)));
  }
  if (*time > latest_) {
    return Complain(
        "time", fmt::format("'{}' is in the future; leave out rows that are not measured yet (of "
                            "milliseconds: divide by 1000)",
                            Shown(text, kMaxShown)));
  }
  return *time;
}

Result<double> TraceReader::Amount(Column column) const {
  const auto text = Cell(column);
  const auto value = Number(text);
  if (!value || !(*value >= 0 && *value <= kMostBytes)) {
    return Complain(
        kNames[column],
        fmt::format("'{}' is not a number of bytes between 0 and 8 TiB; write bytes "
                    "without a unit, and {} without a reading",
                    Shown(text, kMaxShown), column == kHard ? "leave out rows" : "nothing"));
  }
  return *value;
}

Result<std::optional<double>> TraceReader::OptionalAmount(Column column) const {
  if (Cell(column).empty()) return std::optional<double>();
  const auto amount = Amount(column);
  if (!amount) return std::unexpected(amount.error());
  return std::optional(*amount);
}

Result<std::optional<TraceRow>> TraceReader::Next() {
  do {
    const auto any = ReadLine();
    if (!any) return std::unexpected(any.error());
    if (!*any) return std::optional<TraceRow>();
  } while (Trim(text_).empty());
  if (const auto split = Split(); !split) return std::unexpected(split.error());
  // A comma in a name would shift every cell behind it.
  for (std::size_t i = columns_; i < cell_count_; ++i) {
    if (cells_[i].empty()) continue;
    return Complain("line", fmt::format("{} cells where the header names {}; put a name that holds "
                                        "a comma in double quotes",
                                        cell_count_, columns_));
  }

  TraceRow row;
  row.line = line_;
  const auto time = Time(Cell(kTime));
  if (!time) return std::unexpected(time.error());
  row.time = *time;
  row.container = Cell(kContainer);
  if (row.container.empty())
    return Complain("container", "empty; every row needs a container's name");
  const auto hard = Amount(kHard);
  if (!hard) return std::unexpected(hard.error());
  row.hard = *hard;
  for (const auto& [column, field] :
       {std::pair{kPeak, &row.peak}, {kSoft, &row.soft}, {kSwap, &row.swap}}) {
    const auto amount = OptionalAmount(column);
    if (!amount) return std::unexpected(amount.error());
    *field = *amount;
  }
  for (const auto& [column, field] : {std::pair{kStart, &row.start}, {kBatch, &row.batch}}) {
    const auto flag = Cell(column);
    if (!flag.empty() && flag != "0" && flag != "1") {
      return Complain(kNames[column], fmt::format("'{}' is neither 0 nor 1; write one of them",
                                                  Shown(flag, kMaxShown)));
    }
    *field = flag == "1";
  }
  row.release = Cell(kRelease);
  return std::optional(std::move(row));
}

}  // namespace plimsoll::cli
