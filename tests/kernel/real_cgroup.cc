// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/real_cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

namespace plimsoll::kernel_test {
namespace {

namespace fs = std::filesystem;
constexpr char kPrefix[] = "plimsoll-kernel-test-";

std::string MemoryRoot() { return IsV2() ? CgroupMount() : CgroupMount() + "/memory"; }

void WriteFile(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY);
  if (fd < 0 || ::write(fd, text.data(), text.size()) < 0) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    throw std::runtime_error("writing '" + text + "' to " + path + ": " + std::strerror(error));
  }
  ::close(fd);
}

void KillAll(const std::string& path) {
  std::ifstream procs(path + "/cgroup.procs");
  for (pid_t pid = 0; procs >> pid;) {
    if (pid > 0) ::kill(pid, SIGKILL);
  }
}

// Children first; processes take a moment to leave.
void RemoveTree(const std::string& path) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    if (entry.is_directory(ignored)) RemoveTree(entry.path().string());
  }
  for (int attempt = 0; attempt < 500; ++attempt) {
    KillAll(path);
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void RemoveLeftovers() {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(MemoryRoot(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const pid_t pid = std::atoi(name.substr(sizeof(kPrefix) - 1).c_str());
    if (pid > 0 && ::kill(pid, 0) != 0) RemoveTree(entry.path().string());
  }
}

void MakeGroup(const std::string& path, bool has_children) {
  if (::mkdir(path.c_str(), 0755) != 0) {
    throw std::runtime_error("mkdir " + path + ": " + std::strerror(errno));
  }
  if (IsV2() && has_children) WriteFile(path + "/cgroup.subtree_control", "+memory");
}

std::string Hex(int digits) {
  static std::mt19937_64 random(std::random_device{}());
  std::string text;
  for (int i = 0; i < digits; ++i) text += "0123456789abcdef"[random() % 16];
  return text;
}

}  // namespace

std::string CgroupMount() {
  const char* given = std::getenv("PLIMSOLL_CGROUP_MOUNT");
  return given ? given : "/sys/fs/cgroup";
}

bool IsV2() { return ::access((CgroupMount() + "/cgroup.controllers").c_str(), F_OK) == 0; }

std::string BinDirectory() { return fs::read_symlink("/proc/self/exe").parent_path().string(); }

KubeTree::KubeTree() {
  RemoveLeftovers();
  if (IsV2()) WriteFile(MemoryRoot() + "/cgroup.subtree_control", "+memory");
  const std::string top = MemoryRoot() + "/" + kPrefix + std::to_string(::getpid());
  RemoveTree(top);
  MakeGroup(top, true);
  MakeGroup(top + "/kubepods", true);
  base_ = top + "/kubepods/burstable";
  MakeGroup(base_, true);
}

KubeTree::~KubeTree() { RemoveTree(fs::path(base_).parent_path().parent_path().string()); }

KubeTree::Pod KubeTree::AddPod(int limit_mib) {
  Pod pod;
  pod.uid = Hex(8) + "-" + Hex(4) + "-4" + Hex(3) + "-8" + Hex(3) + "-" + Hex(12);
  pod.path = base_ + "/pod" + pod.uid;
  MakeGroup(pod.path, true);
  SetLimit(pod.path, limit_mib);
  return pod;
}

KubeTree::Container KubeTree::AddContainer(const Pod& pod, int limit_mib) {
  Container container{pod, Hex(64), ""};
  container.path = pod.path + "/" + container.id;
  Recreate(container, limit_mib);
  return container;
}

void KubeTree::Recreate(const Container& container, int limit_mib) {
  MakeGroup(container.path, false);
  SetLimit(container.path, limit_mib);
}

void KubeTree::SetLimit(const std::string& path, int limit_mib) {
  const std::string bytes = std::to_string(std::int64_t{limit_mib} << 20);
  WriteFile(path + (IsV2() ? "/memory.max" : "/memory.limit_in_bytes"),
            limit_mib > 0 ? bytes : (IsV2() ? "max" : "-1"));
}

void KubeTree::Remove(const Container& container) { RemoveTree(container.path); }

Load::Load(const KubeTree::Container& container, const std::vector<std::string>& arguments) {
  const std::string program = BinDirectory() + "/kernel_load";
  std::vector<std::string> all{program, container.path + "/cgroup.procs"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);
  // Blocked from before its first instruction: a request that comes early waits.
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGRTMIN);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  ::posix_spawnattr_setsigmask(&attributes, &blocked);
  const int failed =
      ::posix_spawn(&pid_, program.c_str(), nullptr, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (failed != 0) throw std::runtime_error("cannot start " + program);
}

Load::~Load() {
  if (reaped_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Load::Alive() {
  if (!reaped_ && ::waitpid(pid_, nullptr, WNOHANG) == pid_) reaped_ = true;
  return !reaped_;
}

// A real-time signal: of these each counts, however late they are taken.
void Load::Again() const { ::kill(pid_, SIGRTMIN); }

}  // namespace plimsoll::kernel_test
