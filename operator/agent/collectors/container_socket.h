// SPDX-License-Identifier: Apache-2.0
//
// Connects to a Unix socket inside a container, and to nothing else. The path is resolved with
// openat2 below the container's own root, so that no symbolic link leads into the host; the very
// inode that was found is connected to, so that nobody can swap it in between; and the process that
// listens must be one of that container, so that no other container's answer is taken for its.
#pragma once

#include <string>

#include "advisor/base/result.h"
#include "operator/agent/base/fd.h"
#include "operator/agent/watch/process.h"

namespace plimsoll::agent {

// A connected, non-blocking stream socket. `pid` is any process of the container, `path` absolute
// inside it. Never blocks on the peer. Errors: kNotFound when there is no such file (the app has no
// SDK); kForbidden when it is not the container's own; kInvalid when it is no socket; kRetryable
// when nobody listens or the queue is full; kGone when the container has ended.
[[nodiscard]] Result<Fd> ConnectInContainer(const ProcessTable& processes, int pid,
                                            const std::string& container_id,
                                            const std::string& path);

}  // namespace plimsoll::agent
