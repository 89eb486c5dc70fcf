// SPDX-License-Identifier: Apache-2.0
//
// The kernel's log, read without taking anything from anybody: /dev/kmsg where it may be opened (it
// wakes us), else syslog(2), which needs CAP_SYSLOG and no device node but has to be asked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/agent/base/fd.h"

namespace plimsoll::agent {

struct KernelLine {
  // Microseconds since boot; grows along the log. Lines are known by it.
  std::uint64_t usec = 0;
  std::string text;
};

class KernelLog {
 public:
  virtual ~KernelLog() = default;

  // Tries `kmsg` (usually /dev/kmsg), then syslog(2). Errors: kForbidden naming both failures and
  // the remedy.
  [[nodiscard]] static Result<std::unique_ptr<KernelLog>> Open(const std::string& kmsg);

  // The kernel's own lines that came since the last call; the first call gives the whole ring. At
  // most 2000 at a time. Lines that were overwritten before they were read are gone.
  [[nodiscard]] virtual std::vector<KernelLine> ReadNew() = 0;
  // Readable when there are new lines; -1: there is nothing to wait for, ask when in doubt.
  [[nodiscard]] virtual int fd() const = 0;
};

// "3,1234,5678901,-;Memory cgroup out of memory: …": one record of /dev/kmsg. kNotFound for records
// that user space wrote, kInvalid for what is no record.
[[nodiscard]] Result<KernelLine> ParseKmsgRecord(std::string_view record);

// "<3>[ 1234.567890] text" or without the level, or with the writer, "[    T7]",
// before the text: one line of syslog(2). Errors as above.
[[nodiscard]] Result<KernelLine> ParseSyslogLine(std::string_view line);

// Wall time of a moment `usec` after boot.
[[nodiscard]] TimePoint WallOfKernelTime(std::uint64_t usec);

}  // namespace plimsoll::agent
