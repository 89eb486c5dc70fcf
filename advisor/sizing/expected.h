// SPDX-License-Identifier: Apache-2.0
//
// What a container has been seen to need lately, before this hour: the peak of yesterday and of
// today's hours so far. A limit in force was made for that much; beyond it a rise is news. The
// running hour is left out, since the reading in question is part of it.
//   yesterday 400, today until 10:00 420, at 10:20 450 -> 420 at 10:20, 450 from 11:00 on
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/history/container_history.h"

namespace plimsoll::sizing {

// Absent when neither day has a reading.
[[nodiscard]] std::optional<Bytes> ExpectedDemand(const history::ContainerHistory& history,
                                                  TimePoint now);

}  // namespace plimsoll::sizing
