// SPDX-License-Identifier: Apache-2.0
//
// A ContainerHistory as bytes, for the MemoryCheckpoint object: at most 1.5 KiB, and what comes
// back gives the same advice, since nothing is left out.
//
//   'P' 'C' | format, 1 byte | fields, little-endian, in the order of ContainerHistory::Visit |
//   CRC-32
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/history/container_history.h"

namespace plimsoll::history {

inline constexpr std::uint8_t kCheckpointFormat = 1;
inline constexpr std::size_t kCheckpointMaxBytes = 1536;

[[nodiscard]] std::string EncodeCheckpoint(const ContainerHistory& history);

// Errors: kConflict for a format newer than this program's (leave the object as it is and upgrade);
// kInvalid for anything cut short, changed or not a checkpoint at all (the object can be deleted:
// the container is learned again).
[[nodiscard]] Result<ContainerHistory> DecodeCheckpoint(std::string_view bytes);

}  // namespace plimsoll::history
