// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of a message that came from outside and keeps the first thing that is wrong, so
// that a conversion reads top to bottom.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "advisor/base/units.h"

namespace plimsoll::agents {

class Reader {
 public:
  Bytes Amount(std::uint64_t value, const char* field) {
    if (value > kMaxBytes) Complain(std::string(field) + " is above 2^63-1 bytes");
    return Bytes(static_cast<std::int64_t>(std::min(value, kMaxBytes)));
  }
  TimePoint Time(std::uint64_t unix_nano, const char* field) {
    if (unix_nano == 0) Complain(std::string(field) + " is missing");
    return TimePoint(Duration(static_cast<std::int64_t>(unix_nano / 1'000'000)));
  }
  // A count or a number of seconds.
  double Number(double value, const char* field) {
    if (!(value >= 0) || std::isinf(value)) {
      Complain(std::string(field) + " must be a finite number that is not negative");
    }
    return value;
  }
  void Complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  template <class T>
  Result<T> Give(T value) && {
    if (!problem_.empty()) return Fail(ErrorCode::kInvalid, std::move(problem_));
    return value;
  }

 private:
  static constexpr auto kMaxBytes =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

  std::string problem_;
};

}  // namespace plimsoll::agents
