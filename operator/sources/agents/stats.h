// SPDX-License-Identifier: Apache-2.0
//
// From an app's words about its allocator to the advisor's: for what agents send and for what
// `advise` reads. What is absent stays absent; what cannot be true is an error, never a number.
#pragma once

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "advisor/model/runtime_stats.h"
#include "plimsoll/v1/allocator_stats.pb.h"

namespace plimsoll::agents {

// kInvalid naming the field. A sample more than five minutes after `now` is an error as well, since
// it would shut out all that comes until then.
[[nodiscard]] Result<model::RuntimeStats> StatsFrom(const v1::AllocatorStats& stats, TimePoint now);

}  // namespace plimsoll::agents
