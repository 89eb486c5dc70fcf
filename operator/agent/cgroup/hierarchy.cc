// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/hierarchy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "operator/agent/base/small_file.h"

namespace plimsoll::agent {
namespace {

Result<Fd> OpenDirectory(const std::string& path) {
  // Not OpenAt: the mount point itself may well be a symbolic link.
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(FromErrno(errno, "opening " + path));
  return fd;
}

bool Has(const Fd& dir, const char* name) { return ::faccessat(dir.get(), name, F_OK, 0) == 0; }

bool ListsMemory(const std::string& controllers) {
  return (" " + controllers + " ").find(" memory") != std::string::npos;
}

}  // namespace

Result<Hierarchy> Hierarchy::Detect(const std::string& mount) {
  Result<Fd> root = OpenDirectory(mount);
  if (!root) return std::unexpected(root.error().Context("--cgroup-root"));
  if (Has(*root, "cgroup.controllers")) {
    const Result<std::string> controllers = ReadSmallAt(root->get(), "cgroup.controllers");
    if (!controllers || !ListsMemory(*controllers)) {
      return Fail(ErrorCode::kNotFound,
                  "--cgroup-root " + mount +
                      " is a cgroup v2 mount without the memory controller: boot with it enabled "
                      "(cgroup_disable must not name memory), or give the v1 mount");
    }
    return Hierarchy{CgroupVersion::kV2, mount, *std::move(root)};
  }
  for (const std::string& path : {mount + "/memory", mount}) {
    Result<Fd> dir = OpenDirectory(path);
    if (!dir || !Has(*dir, "memory.usage_in_bytes")) continue;
    return Hierarchy{CgroupVersion::kV1, path, *std::move(dir)};
  }
  return Fail(ErrorCode::kNotFound, "--cgroup-root " + mount +
                                        " holds neither cgroup.controllers (v2) nor "
                                        "memory/memory.usage_in_bytes (v1): mount the host's "
                                        "/sys/fs/cgroup there");
}

}  // namespace plimsoll::agent
