// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/locator.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "operator/agent/base/small_file.h"
#include "operator/agent/cgroup/kube_path.h"

namespace plimsoll::agent {
namespace {

constexpr int kMaxDepth = 16;
constexpr int kMaxDirectories = 50'000;

struct Pending {
  std::string path;  // relative, no leading slash; empty: the root
  int depth = 0;
  std::string pod_uid;  // set inside a pod
};

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

Result<std::vector<std::string>> Subdirectories(int root, const std::string& path) {
  Fd fd(::openat(root, path.empty() ? "." : path.c_str(),
                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(FromErrno(errno, "opening cgroup " + path));
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd.get()));
  if (!dir) return std::unexpected(FromErrno(errno, "reading cgroup " + path));
  (void)fd.Release();  // closedir closes it
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

}  // namespace

Result<ContainerPlaces> FindContainers(const Hierarchy& hierarchy) {
  ContainerPlaces places;
  std::vector<Pending> pending{{}};
  for (int read = 0; !pending.empty(); ++read) {
    if (read >= kMaxDirectories) {
      return Fail(ErrorCode::kInternal, "more than 50000 cgroups below " + hierarchy.path);
    }
    const Pending here = std::move(pending.back());
    pending.pop_back();
    const Result<std::vector<std::string>> names = Subdirectories(hierarchy.root.get(), here.path);
    if (!names) {
      if (here.depth == 0) return std::unexpected(names.error());
      continue;
    }
    for (const std::string& name : *names) {
      const std::string path = here.path.empty() ? name : here.path + "/" + name;
      if (!here.pod_uid.empty()) {
        if (const std::optional<std::string_view> id = ContainerIdOf(name)) {
          places.emplace(*id, ContainerPlace{path, here.path, here.pod_uid});
        }
        continue;
      }
      if (here.depth + 1 < kMaxDepth) {
        pending.push_back({path, here.depth + 1, PodUidOf(name).value_or("")});
      }
    }
  }
  return places;
}

}  // namespace plimsoll::agent
