// SPDX-License-Identifier: Apache-2.0
//
// An app may say of itself whatever it likes; what cannot be true is not passed on.
#pragma once

#include <optional>
#include <string>

#include "plimsoll/v1/allocator_stats.pb.h"

namespace plimsoll::agent {

// Longest answer that is read: 64 KiB, as allocator_stats.proto allows.
inline constexpr int kMaxStatsBytes = 64 * 1024;

// The first thing wrong with the answer, naming the field: too many or too long entries, sizes
// above 1 EiB, figures that are no numbers or negative, times of another epoch. nullopt: nothing.
[[nodiscard]] std::optional<std::string> Complaint(const v1::AllocatorStats& stats);
[[nodiscard]] std::optional<std::string> Complaint(const v1::TuneReply& reply);

}  // namespace plimsoll::agent
