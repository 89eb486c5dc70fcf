// SPDX-License-Identifier: Apache-2.0
//
// What a container has been seen to need in two weeks, starts included, before this hour. A limit
// in force that is above it was made for that much; what goes beyond it is news. The running hour
// is left out, since the reading in question is part of it.
//   two weeks 400, today until 10:00 420, at 10:20 450 -> 420 at 10:20, 450 from 11:00 on
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/history/container_history.h"

namespace plimsoll::sizing {

// Absent without a reading in that time.
[[nodiscard]] std::optional<Bytes> ExpectedDemand(const history::ContainerHistory& history,
                                                  TimePoint now);

}  // namespace plimsoll::sizing
