// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/base/small_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace plimsoll::agent {

Error FromErrno(int error, std::string_view what) {
  const std::string message = std::string(what) + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
    case ENODEV:
    case ESRCH:
    case ENOTDIR:
      return Error(ErrorCode::kGone, message);
    case EACCES:
    case EPERM:
    case EROFS:
      return Error(ErrorCode::kForbidden, message);
    case EAGAIN:
    case EINTR:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Error(ErrorCode::kRetryable, message);
    default:
      return Error(ErrorCode::kInternal, message);
  }
}

Result<Fd> OpenAt(int dir, const char* name, int flags) {
  Fd fd(::openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return std::unexpected(FromErrno(errno, std::string("opening ") + name));
  return fd;
}

Result<std::string_view> ReadSmall(int fd, SmallBuffer& buffer) {
  std::size_t have = 0;
  while (have < buffer.size()) {
    const ssize_t got =
        ::pread(fd, buffer.data() + have, buffer.size() - have, static_cast<off_t>(have));
    if (got < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(FromErrno(errno, "reading"));
    }
    have += static_cast<std::size_t>(got);
    // The kernel hands out a control file whole if it fits; a newline at the end of a short read
    // saves the second call that would return 0.
    if (got == 0 || (have < 4096 && buffer[have - 1] == '\n')) break;
  }
  if (have == 0) return Fail(ErrorCode::kInvalid, "the file is empty");
  if (have == buffer.size()) return Fail(ErrorCode::kInvalid, "the file is longer than 16 KiB");
  return std::string_view(buffer.data(), have);
}

Result<std::string> ReadSmallAt(int dir, const char* name) {
  Result<Fd> fd = OpenAt(dir, name);
  if (!fd) return std::unexpected(fd.error());
  SmallBuffer buffer;
  Result<std::string_view> text = ReadSmall(fd->get(), buffer);
  if (!text) return std::unexpected(text.error().Context(name));
  return std::string(*text);
}

}  // namespace plimsoll::agent
