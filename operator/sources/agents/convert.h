// SPDX-License-Identifier: Apache-2.0
//
// From the agent's words to the advisor's (an app's own: stats.h). What is absent stays absent;
// what cannot be true (a time of 0, more bytes than a signed 64-bit count) is an error, never a
// number.
#pragma once

#include "advisor/base/result.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/oom_event.h"
#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agents {

// Errors of both: kInvalid naming the field. `now` is the operator's own time: what a node says to
// have measured more than five minutes after it is an error as well, since it would shut out all
// that comes until then; a kill is kept, as of `now`.
[[nodiscard]] Result<model::MemoryDigest> DigestFrom(const v1::Digest& digest, TimePoint now);
[[nodiscard]] Result<model::OomEvent> OomFrom(const v1::Oom& oom, TimePoint now);

}  // namespace plimsoll::agents
