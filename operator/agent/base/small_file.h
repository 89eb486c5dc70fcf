// SPDX-License-Identifier: Apache-2.0
//
// Reading the kernel's small text files (cgroup, proc) without allocating: one pread into a fixed
// buffer from a descriptor that stays open.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/agent/base/fd.h"

namespace plimsoll::agent {

// Longest file that is read whole; memory.stat of kernel 6.18 has 1.6 KiB, cgroup.procs may be
// long.
inline constexpr std::size_t kSmallFileBytes = 16 * 1024;
using SmallBuffer = std::array<char, kSmallFileBytes>;

// Opens `name` below the directory `dir` for reading, never following a symbolic link at its end.
// Errors: kGone when it is not there, kForbidden, kInternal.
[[nodiscard]] Result<Fd> OpenAt(int dir, const char* name, int flags = 0);

// The whole text from offset 0; the view points into `buffer`. Errors: kGone when the cgroup or
// process has ended (ENODEV, ESRCH), kInvalid when the file is longer than the buffer or empty.
[[nodiscard]] Result<std::string_view> ReadSmall(int fd, SmallBuffer& buffer);

// Open, read, close. For files that are read once in a while.
[[nodiscard]] Result<std::string> ReadSmallAt(int dir, const char* name);

// The Error for errno `error`, saying what was tried: "opening memory.stat: Permission denied".
[[nodiscard]] Error FromErrno(int error, std::string_view what);

}  // namespace plimsoll::agent
