// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/process.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace plimsoll::agent {
namespace {

TEST_CASE("ProcessTable: the process that started first is the main one, and its end is seen") {
  const Result<ProcessTable> table = ProcessTable::Open("/proc");
  REQUIRE(table);
  // The kernel counts starts in hundredths of a second.
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  REQUIRE(child > 0);
  const std::optional<InitProcess> ours = table->FindInit({child, ::getpid(), 0, 2'000'000'000});
  REQUIRE(ours);
  CHECK(ours->pid == ::getpid());
  const auto age = std::chrono::system_clock::now() - ours->started;
  CHECK(age >= std::chrono::seconds(-1));
  CHECK(age < std::chrono::minutes(10));

  const std::optional<InitProcess> theirs = table->FindInit({child});
  REQUIRE(theirs);
  CHECK(theirs->Alive());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_FALSE(theirs->Alive());
  CHECK_FALSE(table->FindInit({child}));
  CHECK_FALSE(table->FindInit({0, 0}));
}

TEST_CASE("ProcessTable: tells a process's cgroup, and says when the process has gone") {
  const Result<ProcessTable> table = ProcessTable::Open("/proc");
  REQUIRE(table);
  const Result<Fd> us = table->Directory(::getpid());
  REQUIRE(us);
  const Result<std::string> path = ProcessTable::CgroupOf(*us);
  REQUIRE(path);
  CHECK(path->starts_with("/"));

  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const Result<Fd> theirs = table->Directory(child);
  REQUIRE(theirs);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const Result<std::string> gone = ProcessTable::CgroupOf(*theirs);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code() == ErrorCode::kGone);
}

TEST_CASE("ProcessTable: a directory that is no procfs is refused by name") {
  const Result<ProcessTable> table = ProcessTable::Open("/tmp");
  REQUIRE_FALSE(table);
  CHECK(table.error().message().find("--proc-root") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::agent
