// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/node_watcher.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "tests/operator/agent/support/cgroup_tree.h"
#include "tests/operator/agent/support/reports.h"

namespace plimsoll::agent {
namespace {

using testing::CgroupTree;
using testing::IdOf;
using testing::kUid;
using testing::Reports;

v1::WatchSet SetOf(const std::vector<std::string>& ids) {
  v1::WatchSet set;
  for (const std::string& id : ids) {
    v1::Container& container = *set.add_containers();
    container.set_pod_uid(kUid);
    container.set_container_id(id);
  }
  return set;
}

std::string PathOf(const std::string& id) {
  return "kubepods/burstable/pod" + std::string(kUid) + "/" + id;
}

struct Fixture {
  CgroupTree tree;
  ReportLog log;
  Reports reports{log};
  std::unique_ptr<NodeWatcher> watcher;

  void Start(Duration window = Duration(1500)) {
    WatcherOptions options;
    options.cgroup_root = tree.root();
    options.window = window;
    Result<std::unique_ptr<NodeWatcher>> started = NodeWatcher::Start(options, log);
    REQUIRE(started);
    watcher = *std::move(started);
  }
};

TEST_CASE("NodeWatcher: a watched container's digests arrive, another's do not") {
  Fixture test;
  test.tree.AddV2("kubepods/burstable/pod" + std::string(kUid));
  test.tree.AddV2(PathOf(IdOf('a')));
  test.tree.AddV2(PathOf(IdOf('b')));
  test.Start();
  test.watcher->Watch(SetOf({IdOf('a')}));
  // One window may have passed with one sample alone, on a busy machine.
  const auto sampled = [](const v1::Digest& digest) { return digest.samples() >= 2; };
  REQUIRE(test.reports.Until(
      [&] { return std::ranges::any_of(test.reports.Digests(IdOf('a'), false), sampled); }));
  const auto digests = test.reports.Digests(IdOf('a'), false);
  const v1::Digest digest = *std::ranges::find_if(digests, sampled);
  CHECK(digest.pod_uid() == kUid);
  CHECK(digest.hard_peak() == 52 << 20);
  CHECK(digest.limit() == 256 << 20);
  CHECK(digest.pod_limit() == 256 << 20);
  CHECK(digest.window_end_unix_nano() > digest.window_start_unix_nano());
  CHECK_FALSE(digest.has_container_start_unix_nano());
  CHECK(test.reports.Digests(IdOf('b'), false).empty());
  CHECK(test.reports.Until([&] { return test.watcher->Healthy(); }));
}

TEST_CASE("NodeWatcher: a container that appears later is found") {
  Fixture test;
  test.tree.AddV2("system.slice");
  test.Start();
  test.watcher->Watch(SetOf({IdOf('a')}));
  REQUIRE(test.reports.Until([&] { return test.reports.Status().has_value(); }));
  CHECK(test.reports.Status()->containers_watched() == 0);
  test.tree.AddV2("kubepods/burstable/pod" + std::string(kUid));
  test.tree.AddV2(PathOf(IdOf('a')));
  CHECK(test.reports.Until([&] { return !test.reports.Digests(IdOf('a'), false).empty(); }));
}

TEST_CASE("NodeWatcher: memory above 80 % of the limit is told at once, and again while it stays") {
  Fixture test;
  test.tree.AddV2("kubepods/burstable/pod" + std::string(kUid));
  test.tree.AddV2(PathOf(IdOf('a')));
  test.Start();
  test.watcher->Watch(SetOf({IdOf('a')}));
  REQUIRE(test.reports.Until([&] { return !test.reports.Digests(IdOf('a'), false).empty(); }));
  CHECK(test.reports.Digests(IdOf('a'), true).empty());
  // A limit that falls makes the same memory urgent: 52 of 60 MiB.
  test.tree.Write(PathOf(IdOf('a')) + "/memory.max", "62914560\n");
  REQUIRE(test.reports.Until([&] { return test.reports.Digests(IdOf('a'), true).size() >= 3; }));
  const v1::Digest urgent = test.reports.Digests(IdOf('a'), true).front();
  CHECK(urgent.hard_peak() == 52 << 20);
  CHECK(urgent.limit() == 60 << 20);
  CHECK(urgent.samples() == 1);
}

TEST_CASE("NodeWatcher: unreadable files leave the reading out; what was read before is sent") {
  Fixture test;
  test.tree.AddV2("kubepods/burstable/pod" + std::string(kUid));
  test.tree.AddV2(PathOf(IdOf('a')));
  test.Start();
  test.watcher->Watch(SetOf({IdOf('a')}));
  REQUIRE(test.reports.Until([&] { return !test.reports.Digests(IdOf('a'), false).empty(); }));
  test.tree.Write(PathOf(IdOf('a')) + "/memory.stat", "anon 4\nfile");
  test.tree.Write(PathOf(IdOf('a')) + "/memory.current", "");
  std::this_thread::sleep_for(std::chrono::seconds(3));
  test.tree.AddV2(PathOf(IdOf('a')));
  const std::size_t before = test.reports.Digests(IdOf('a'), false).size();
  REQUIRE(test.reports.Until(
      [&] { return test.reports.Digests(IdOf('a'), false).size() >= before + 2; }));
  for (const v1::Digest& digest : test.reports.Digests(IdOf('a'), false)) {
    CHECK(digest.hard_peak() == 52 << 20);
    CHECK(digest.usage() == 60 << 20);
  }
}

TEST_CASE("NodeWatcher: leaving the watch set sends what the window held") {
  Fixture test;
  test.tree.AddV2("kubepods/burstable/pod" + std::string(kUid));
  test.tree.AddV2(PathOf(IdOf('a')));
  test.Start(std::chrono::hours(1));  // so the window does not end by itself
  test.watcher->Watch(SetOf({IdOf('a')}));
  REQUIRE(test.reports.Until(
      [&] { return test.reports.Status() && test.reports.Status()->containers_watched() == 1; }));
  test.watcher->Watch(SetOf({}));
  CHECK(test.reports.Until([&] { return test.reports.Digests(IdOf('a'), false).size() == 1; }));
  CHECK(test.reports.Until([&] { return test.reports.Status()->containers_watched() == 0; }));
}

TEST_CASE("NodeWatcher: the agent's own container is left out, missing abilities are told") {
  Fixture test;
  test.tree.AddV1("kubepods/burstable/pod" + std::string(kUid));
  test.tree.AddV1(PathOf(IdOf('a')));
  test.tree.AddV1(PathOf(IdOf('b')));
  test.tree.Write("memory/" + PathOf(IdOf('a')) + "/cgroup.procs",
                  std::to_string(::getpid()) + "\n");
  test.Start();
  test.watcher->Watch(SetOf({IdOf('a'), IdOf('b')}));
  REQUIRE(test.reports.Until(
      [&] { return test.reports.Status() && test.reports.Status()->containers_watched() == 1; }));
  const v1::NodeStatus status = *test.reports.Status();
  CHECK(status.cgroup_version() == "v1");
  CHECK(status.memory_total() > status.memory_available());
  CHECK(status.memory_available() > 0);
  const std::vector<std::string> missing(status.missing().begin(), status.missing().end());
  for (const char* code : {"NoPressure", "NoPeakReset", "NoThreshold"}) {
    CHECK(std::ranges::find(missing, code) != missing.end());
  }
  CHECK(std::ranges::find(missing, "NoProcessAccess") == missing.end());
  CHECK(test.reports.Digests(IdOf('a'), false).empty());
}

TEST_CASE("NodeWatcher: a root without cgroups is refused by name") {
  const CgroupTree tree;
  ReportLog log;
  WatcherOptions options;
  options.cgroup_root = tree.root() + "/nothing";
  const auto watcher = NodeWatcher::Start(options, log);
  REQUIRE_FALSE(watcher);
  CHECK(watcher.error().message().find("--cgroup-root") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::agent
