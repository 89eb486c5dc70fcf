// SPDX-License-Identifier: Apache-2.0
//
// Cuts a byte stream that arrives in chunks of any size into units. A unit that lies within one
// chunk is read where it is; only one that spans chunks is copied.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "advisor/base/result.h"

namespace plimsoll::kube::wire {

// What a step did with the bytes it was shown: took `used` of them, or (used = 0) waits until at
// least `needed` are there. `needed` larger than what was shown.
struct StepResult {
  std::size_t used = 0;
  std::size_t needed = 0;
};

class Reassembler {
 public:
  // Calls step(bytes) -> Result<StepResult> until the chunk is used up; its errors end the feed.
  template <class Step>
  [[nodiscard]] Status Feed(std::string_view chunk, Step step) {
    while (!chunk.empty()) {
      if (!pending_.empty()) {
        const std::size_t take = std::min(needed_ - pending_.size(), chunk.size());
        pending_.append(chunk.substr(0, take));
        chunk.remove_prefix(take);
        if (pending_.size() < needed_) return {};
      }
      const std::string_view shown = pending_.empty() ? chunk : std::string_view(pending_);
      const Result<StepResult> result = step(shown);
      if (!result) return std::unexpected(result.error());
      if (result->used == 0) {
        needed_ = std::max(result->needed, shown.size() + 1);
        if (pending_.empty()) {
          pending_.assign(chunk);
          return {};
        }
        continue;
      }
      if (pending_.empty()) {
        chunk.remove_prefix(result->used);
      } else {
        DropPending(result->used);
      }
    }
    return DrainPending(step);
  }

  // Bytes of a unit that has not arrived whole.
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }

 private:
  // A step may use less than was collected for it (a header, then the unit behind it).
  void DropPending(std::size_t used) {
    pending_.erase(0, used);
    needed_ = pending_.size();
    constexpr std::size_t kKeep = 64 << 10;
    if (pending_.empty() && pending_.capacity() > kKeep) pending_.shrink_to_fit();
  }
  template <class Step>
  [[nodiscard]] Status DrainPending(Step& step) {
    while (!pending_.empty() && pending_.size() >= needed_) {
      const Result<StepResult> result = step(std::string_view(pending_));
      if (!result) return std::unexpected(result.error());
      if (result->used == 0) {
        needed_ = std::max(result->needed, pending_.size() + 1);
        return {};
      }
      DropPending(result->used);
    }
    return {};
  }

  std::string pending_;
  std::size_t needed_ = 0;
};

}  // namespace plimsoll::kube::wire
