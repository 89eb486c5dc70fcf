// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/collectors/container_socket.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "operator/agent/base/small_file.h"
#include "operator/agent/cgroup/kube_path.h"

namespace plimsoll::agent {
namespace {

// Of this container, by the kernel's word: a process cannot choose its cgroup's name, and what lies
// inside a container's cgroup belongs to that container.
bool IsOfContainer(const Fd& process, const std::string& container_id) {
  const Result<std::string> cgroup = ProcessTable::CgroupOf(process);
  if (!cgroup) return false;
  const std::optional<KubePath> path = ParseKubePath(*cgroup);
  return path && path->container_id == container_id;
}

Result<Fd> OpenInRoot(const Fd& root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  Fd fd(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof(how))));
  if (fd.valid()) return fd;
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return Fail(ErrorCode::kNotFound, "no file " + path + " in the container");
    case ELOOP:
      return Fail(ErrorCode::kForbidden, path + " goes through a link that is not followed");
    default:
      return std::unexpected(FromErrno(errno, "opening " + path + " in the container"));
  }
}

Result<Fd> ConnectTo(const Fd& file, const std::string& path) {
  struct stat info{};
  if (::fstat(file.get(), &info) != 0 || !S_ISSOCK(info.st_mode)) {
    return Fail(ErrorCode::kInvalid, path + " is not a socket");
  }
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return std::unexpected(FromErrno(errno, "socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", file.get());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const int error = errno;
    if (error == ECONNREFUSED) return Fail(ErrorCode::kRetryable, "nobody listens on " + path);
    if (error == EAGAIN) return Fail(ErrorCode::kRetryable, path + " has a full queue");
    if (error == EPROTOTYPE) return Fail(ErrorCode::kInvalid, path + " is no stream socket");
    return std::unexpected(FromErrno(error, "connecting to " + path));
  }
  return socket;
}

}  // namespace

Result<Fd> ConnectInContainer(const ProcessTable& processes, int pid,
                              const std::string& container_id, const std::string& path) {
  const Result<Fd> process = processes.Directory(pid);
  if (!process) return std::unexpected(process.error());
  if (!IsOfContainer(*process, container_id)) {
    return Fail(ErrorCode::kGone, "process " + std::to_string(pid) + " is not of this container");
  }
  // A magic link of /proc: followed on purpose, it leads to the root directory of that process.
  const Fd root(::openat(process->get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) {
    return std::unexpected(FromErrno(errno, "the container's root (capability SYS_PTRACE)"));
  }
  const Result<Fd> file = OpenInRoot(root, path);
  if (!file) return std::unexpected(file.error());
  Result<Fd> socket = ConnectTo(*file, path);
  if (!socket) return std::unexpected(socket.error());

  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) {
    return Fail(ErrorCode::kForbidden, "the socket's peer cannot be seen");
  }
  const Result<Fd> listener = processes.Directory(peer.pid);
  if (!listener || !IsOfContainer(*listener, container_id)) {
    return Fail(ErrorCode::kForbidden, "the socket's peer is not a process of this container");
  }
  return socket;
}

}  // namespace plimsoll::agent
