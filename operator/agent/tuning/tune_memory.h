// SPDX-License-Identifier: Apache-2.0
//
// Remembers the last tuning commands by their id, so that one that is sent again (the stream broke
// before its result arrived) is answered and not carried out twice.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

class TuneMemory {
 public:
  enum class Standing { kNew, kUnderWay, kDone };

  // kNew at the first sight of an id, which is under way from then on.
  [[nodiscard]] Standing Begin(const std::string& id);
  // The result of an id that is done.
  [[nodiscard]] const v1::TuneResult& ResultOf(const std::string& id) const {
    return *entries_.at(id);
  }
  void Finish(const v1::TuneResult& result);

 private:
  static constexpr std::size_t kMost = 256;
  std::map<std::string, std::optional<v1::TuneResult>> entries_;
  std::deque<std::string> done_;  // oldest first
};

}  // namespace plimsoll::agent
