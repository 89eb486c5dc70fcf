// SPDX-License-Identifier: Apache-2.0
//
// A procfs made of files in which this very process is a container's: its cgroup says so and its
// root directory is a scratch one. Sockets in that root are real, and their peer is this process.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/operator/agent/support/cgroup_tree.h"

namespace plimsoll::agent::testing {

class FakeContainer {
 public:
  explicit FakeContainer(const std::string& id) : id_(id) {
    // Short: a Unix socket's path has 107 characters.
    std::string name = "/tmp/plimsoll-app-XXXXXX";
    top_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(top_ + "/proc/self");
    std::ofstream(top_ + "/proc/self/status") << "Name:\tx\n";
    std::filesystem::create_directories(root() + "/tmp");
    AddProcess(::getpid(), id_);
    AddProcess(1, id_);
  }
  ~FakeContainer() {
    std::error_code ignored;
    std::filesystem::remove_all(top_, ignored);
  }
  FakeContainer(const FakeContainer&) = delete;
  FakeContainer& operator=(const FakeContainer&) = delete;

  void AddProcess(int pid, const std::string& container_id) const {
    const std::string dir = proc() + "/" + std::to_string(pid);
    std::filesystem::create_directories(dir);
    std::ofstream(dir + "/cgroup")
        << "4:memory:/kubepods/pod" << kUid << "/" << container_id << "\n0::/\n";
    std::error_code ignored;
    std::filesystem::create_directory_symlink(root(), dir + "/root", ignored);
  }

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] std::string proc() const { return top_ + "/proc"; }
  [[nodiscard]] std::string root() const { return top_ + "/r"; }
  [[nodiscard]] std::string outside() const { return top_; }
  [[nodiscard]] std::string socket() const { return root() + "/tmp/plimsoll.sock"; }

 private:
  std::string id_, top_;
};

}  // namespace plimsoll::agent::testing
