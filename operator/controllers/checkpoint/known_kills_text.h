// SPDX-License-Identifier: Apache-2.0
//
// Known kills as they stand in a MemoryCheckpoint: for each minute, oldest first, the runs whose
// newest kill is of it, as "OWNER:FIRST-LAST", hexadecimal the first. Shorter where it can be: "7f"
// is kill 1 of an owner (a container that was killed and made anew), "7f:5" kill 5 alone, "7f:0" an
// id without a number.
//   [[29834520, "1b2c3d4e:0"], [29834571, "9a3f0c11:1-37 77d0e2a5 c01dbeef"]]
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "operator/fleet/known_kills.h"

namespace plimsoll::checkpoint {

// At most `room` characters, the name of their field included; the oldest are left out.
[[nodiscard]] nlohmann::json WriteKnownKills(const fleet::KnownKills& known, std::size_t room);

// A run that is not understood, as of a newer version, is passed over. Throws
// nlohmann::json::exception where the JSON is another.
[[nodiscard]] fleet::KnownKills ReadKnownKills(const nlohmann::json& in);

}  // namespace plimsoll::checkpoint
