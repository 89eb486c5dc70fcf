// SPDX-License-Identifier: Apache-2.0
//
// One line of what `advise` reads, as advisor's types. docs/advise.md lists the fields.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/oom_event.h"
#include "advisor/model/runtime_stats.h"

namespace plimsoll::cli {

enum class EventKind { kDigest, kOom, kStart, kRuntime, kAdvise };

struct AdviseEvent {
  EventKind kind = EventKind::kAdvise;
  TimePoint time{};
  std::string_view container{};  // empty: none named; valid until the next line
  std::string_view pod{};
  std::string_view release{};
  std::optional<Bytes> request{};
  std::optional<Bytes> limit{};
  std::optional<Bytes> working_set{};
  std::optional<bool> batch{};  // of a Job or a CronJob
  bool has_hard = false;        // the digest tells hard memory, not only a working set
  model::MemoryDigest digest{};
  model::OomEvent oom{};
  model::RuntimeStats runtime{};
};

class AdviseEventParser {
 public:
  AdviseEventParser();
  ~AdviseEventParser();

  // Bytes that must be readable after a line.
  [[nodiscard]] static std::size_t Padding();

  // `capacity`: bytes readable from the line's start. kInvalid naming the field and the remedy.
  [[nodiscard]] Result<AdviseEvent> Parse(std::string_view line, std::size_t capacity);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::cli
