// SPDX-License-Identifier: Apache-2.0
//
// The real agent on real cgroups: what it reads, and which kills it tells of. Needs root. Runs on
// v1 and v2; what only one of them has is asked for where it is.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/real_cgroup.h"

namespace plimsoll::kernel_test {
namespace {

constexpr std::uint64_t kMib = 1 << 20;

struct Stage {
  KubeTree tree;
  AgentProcess agent{tree, ""};
  OperatorStream stream{agent.address()};

  bool Watched(int count) {
    return stream.Until([&] {
      const auto statuses = stream.Statuses();
      return !statuses.empty() &&
             statuses.back().containers_watched() == static_cast<unsigned>(count);
    });
  }
  // Every kill of this container that was told of, after nothing more can be under way.
  std::vector<v1::Oom> SettledOoms(const std::string& id) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    std::vector<v1::Oom> ooms;
    for (const v1::Oom& oom : stream.Ooms()) {
      if (oom.container_id() == id) ooms.push_back(oom);
    }
    return ooms;
  }
  std::vector<v1::Oom> OomsOf(const std::string& id) {
    std::vector<v1::Oom> ooms;
    for (const v1::Oom& oom : stream.Ooms()) {
      if (oom.container_id() == id) ooms.push_back(oom);
    }
    return ooms;
  }
};

// The first that is so; waits for it.
template <class Wanted>
v1::Digest TheDigest(Stage& stage, const std::string& id, Wanted wanted) {
  v1::Digest found;
  REQUIRE(stage.stream.Until([&] {
    const auto digests = stage.stream.Digests(id, false);
    const auto at = std::ranges::find_if(digests, wanted);
    if (at != digests.end()) found = *at;
    return at != digests.end();
  }));
  return found;
}

// A kill is seen in two ways, by a counter and in the kernel's log, and on a slow machine it is
// told before the second one: the log's lines go to a slow console first. So often a kill is tried
// until the log was in time.
constexpr int kTriesForTheLog = 8;

bool HasSource(const v1::Oom& oom, const std::string& source) {
  return std::ranges::find(oom.sources(), source) != oom.sources().end();
}

TEST_CASE("Agent on real cgroups: hard memory, its rise and the limits are the kernel's") {
  Stage stage;
  const auto pod = stage.tree.AddPod(512);
  const auto container = stage.tree.AddContainer(pod, 256);
  stage.stream.Watch({container});
  REQUIRE(stage.Watched(1));
  const Load load(container, {"grow", "40", "100"});
  // On a busy machine the growth takes longer than a window, or the window misses samples.
  const v1::Digest digest = TheDigest(stage, container.id, [](const v1::Digest& one) {
    return one.usage() > 98 * kMib && one.samples() >= 10;
  });
  std::uint64_t rise = 0;
  for (const v1::Digest& one : stage.stream.Digests(container.id, false)) {
    CHECK(one.hard_peak() < 110 * kMib);
    rise = std::max(rise, one.rise());
  }
  CHECK(rise > 50 * kMib);
  CHECK(digest.pod_uid() == pod.uid);
  CHECK(digest.hard_peak() > 98 * kMib);
  CHECK(digest.limit() == 256 * kMib);
  CHECK(digest.pod_limit() == 512 * kMib);
  CHECK(digest.container_start_unix_nano() > 0);
  CHECK_FALSE(digest.censored());
  CHECK(stage.stream.Digests(container.id, true).empty());
  const v1::NodeStatus status = stage.stream.Statuses().back();
  CHECK(status.cgroup_version() == (IsV2() ? "v2" : "v1"));
  const std::set<std::string> missing(status.missing().begin(), status.missing().end());
  CHECK_FALSE(missing.contains("NoKernelLog"));
  CHECK_FALSE(missing.contains("NoProcessAccess"));
  if (IsV2()) {
    CHECK(digest.has_pressure() != missing.contains("NoPressure"));
    CHECK(digest.has_kernel_peak() != missing.contains("NoPeakReset"));
    if (digest.has_kernel_peak()) CHECK(digest.kernel_peak() >= digest.hard_peak());
  } else {
    CHECK(missing == std::set<std::string>{"NoPressure", "NoPeakReset"});
  }
}

TEST_CASE("Agent on real cgroups: page cache fills the limit and is not demand") {
  Stage stage;
  const auto container = stage.tree.AddContainer(stage.tree.AddPod(0), 128);
  struct Scratch {
    const std::string path = "/var/tmp/plimsoll-kernel-test-" + std::to_string(::getpid());
    ~Scratch() { ::unlink(path.c_str()); }
  } file;
  const Load load(container, {"cache", "200", file.path});
  stage.stream.Watch({container});
  // The file may take longer to write than the first window lasts.
  const v1::Digest digest = TheDigest(stage, container.id, [](const v1::Digest& one) {
    return one.usage() > 100 * kMib && one.soft_mean() > 60 * kMib;
  });
  for (const v1::Digest& one : stage.stream.Digests(container.id, false)) {
    CHECK(one.hard_peak() < 32 * kMib);
  }
  CHECK_FALSE(digest.has_pod_limit());
  CHECK(stage.stream.Digests(container.id, true).empty());
  CHECK(stage.OomsOf(container.id).empty());
}

TEST_CASE("Agent on real cgroups: a fast rise is told before the limit is reached") {
  Stage stage;
  const auto container = stage.tree.AddContainer(stage.tree.AddPod(0), 256);
  stage.stream.Watch({container});
  REQUIRE(stage.Watched(1));
  Load load(container, {"grow", "200", "245"});
  REQUIRE(stage.stream.Until([&] { return !stage.stream.Digests(container.id, true).empty(); }));
  const v1::Digest first = stage.stream.Digests(container.id, true).front();
  CHECK(first.samples() == 1);
  CHECK(first.limit() == 256 * kMib);
  CHECK(first.hard_peak() >= 128 * kMib);
  CHECK(first.hard_peak() < 250 * kMib);
  CHECK(first.rise() > 0);
  // A raised limit is seen, and quiets it.
  KubeTree::SetLimit(container.path, 512);
  REQUIRE(stage.stream.Until([&] {
    const auto digests = stage.stream.Digests(container.id, false);
    return !digests.empty() && digests.back().limit() == 512 * kMib;
  }));
  CHECK(load.Alive());
  CHECK(stage.SettledOoms(container.id).empty());
}

TEST_CASE("Agent on real cgroups: a container killed at its limit is one ContainerOom") {
  Stage stage;
  bool logged = false;
  for (int tries = 0; tries < kTriesForTheLog && !logged; ++tries) {
    const auto container = stage.tree.AddContainer(stage.tree.AddPod(0), 64);
    stage.stream.Watch({container});
    REQUIRE(stage.Watched(1));
    const auto before = std::chrono::system_clock::now();
    Load load(container, {"grow", "400", "200"});
    REQUIRE(stage.stream.Until([&] { return !stage.OomsOf(container.id).empty(); }));
    const std::vector<v1::Oom> ooms = stage.SettledOoms(container.id);
    REQUIRE(ooms.size() == 1);
    const v1::Oom& oom = ooms.front();
    CHECK_FALSE(load.Alive());
    CHECK(oom.id() == container.id + "/1");
    CHECK(oom.kind() == v1::Oom::CONTAINER);
    CHECK(oom.pod_uid() == container.pod.uid);
    CHECK(oom.limit() == 64 * kMib);
    CHECK(oom.peak() > 60 * kMib);
    CHECK(oom.peak() <= 64 * kMib);
    const auto nanos = std::chrono::nanoseconds(oom.time_unix_nano());
    const auto time = std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(nanos));
    CHECK(time > before - std::chrono::seconds(1));
    CHECK(time < std::chrono::system_clock::now());
    logged = HasSource(oom, "kmsg");
    if (logged) CHECK(oom.victim() == "kernel_load");
  }
  CHECK(logged);
}

TEST_CASE("Agent on real cgroups: a child killed while PID 1 lives is a ChildOom, each one once") {
  Stage stage;
  const auto container = stage.tree.AddContainer(stage.tree.AddPod(0), 64);
  Load load(container, {"child", "400", "200"});
  stage.stream.Watch({container});
  REQUIRE(stage.stream.Until([&] { return stage.OomsOf(container.id).size() == 1; }));
  for (std::size_t kills = 2; kills <= 3; ++kills) {
    load.Again();
    REQUIRE(stage.stream.Until([&] { return stage.OomsOf(container.id).size() == kills; }));
  }
  const std::vector<v1::Oom> ooms = stage.SettledOoms(container.id);
  REQUIRE(ooms.size() == 3);
  for (std::size_t i = 0; i < ooms.size(); ++i) {
    CHECK(ooms[i].id() == container.id + "/" + std::to_string(i + 1));
    CHECK(ooms[i].kind() == v1::Oom::CHILD);
    const bool by_counter = HasSource(ooms[i], IsV2() ? "memory.events" : "oom_control");
    const bool by_log = HasSource(ooms[i], "kmsg");
    CHECK((by_counter || by_log));
    CHECK(ooms[i].victim() == (by_log ? "load-child" : ""));
  }
  CHECK(load.Alive());
}

TEST_CASE("Agent on real cgroups: a pod's own limit below its container's is a PodSliceOom") {
  Stage stage;
  const auto pod = stage.tree.AddPod(64);
  const auto container = stage.tree.AddContainer(pod, 160);
  stage.stream.Watch({container});
  REQUIRE(stage.Watched(1));
  Load load(container, {"grow", "400", "150"});
  REQUIRE(stage.stream.Until([&] { return !stage.OomsOf(container.id).empty(); }));
  const std::vector<v1::Oom> ooms = stage.SettledOoms(container.id);
  REQUIRE(ooms.size() == 1);
  CHECK(ooms.front().kind() == v1::Oom::POD_SLICE);
  CHECK(ooms.front().limit() == 64 * kMib);
}

TEST_CASE("Agent on real cgroups: a container that meets its pod's equal limit is a ContainerOom") {
  Stage stage;
  const auto pod = stage.tree.AddPod(64);
  const auto sandbox = stage.tree.AddContainer(pod, 0);
  const auto container = stage.tree.AddContainer(pod, 64);
  const Load pause(sandbox, {"grow", "400", "1"});
  stage.stream.Watch({container});
  REQUIRE(stage.Watched(1));
  Load load(container, {"grow", "400", "150"});
  REQUIRE(stage.stream.Until([&] { return !stage.OomsOf(container.id).empty(); }));
  const std::vector<v1::Oom> ooms = stage.SettledOoms(container.id);
  REQUIRE(ooms.size() == 1);
  CHECK(ooms.front().kind() == v1::Oom::CONTAINER);
  CHECK(ooms.front().limit() == 64 * kMib);
}

TEST_CASE("Agent on real cgroups: a container nobody asked to watch is known by the kernel's log") {
  Stage stage;
  const auto container = stage.tree.AddContainer(stage.tree.AddPod(0), 64);
  Load load(container, {"grow", "400", "150"});
  REQUIRE(stage.stream.Until([&] { return !stage.OomsOf(container.id).empty(); }));
  const std::vector<v1::Oom> ooms = stage.SettledOoms(container.id);
  REQUIRE(ooms.size() == 1);
  CHECK(ooms.front().kind() == v1::Oom::CONTAINER);
  CHECK(ooms.front().limit() == 64 * kMib);
  CHECK(ooms.front().pod_uid() == container.pod.uid);
}

TEST_CASE("Agent on real cgroups: without processes and log the counters tell, each kill once") {
  KubeTree tree;
  const AgentProcess agent(tree, "", {"--access", "cgroup"});
  OperatorStream stream(agent.address());
  const auto container = tree.AddContainer(tree.AddPod(0), 64);
  Load load(container, {"child", "400", "150"});
  stream.Watch({container});
  REQUIRE(stream.Until([&] { return stream.Ooms().size() == 1; }));  // no log, no history
  load.Again();
  REQUIRE(stream.Until([&] { return stream.Ooms().size() == 2; }));
  const v1::Oom second = stream.Ooms().back();
  CHECK(second.id() == container.id + "/2");
  CHECK(second.kind() == v1::Oom::CHILD);
  CHECK(second.limit() == 64 * kMib);
  CHECK(second.victim().empty());
  CHECK_FALSE(second.has_container_start_unix_nano());
  const v1::NodeStatus status = stream.Statuses().back();
  const std::set<std::string> missing(status.missing().begin(), status.missing().end());
  CHECK(missing.contains("NoKernelLog"));
  CHECK(missing.contains("NoProcessAccess"));
}

TEST_CASE("Agent on real cgroups: a whole group killed is one kill") {
  if (!IsV2()) return;  // v1 kills processes, never groups
  Stage stage;
  const auto container = stage.tree.AddContainer(stage.tree.AddPod(0), 64);
  std::ignore = std::system(("echo 1 > " + container.path + "/memory.oom.group").c_str());
  stage.stream.Watch({container});
  REQUIRE(stage.Watched(1));
  Load load(container, {"group", "400", "150"});
  REQUIRE(stage.stream.Until([&] { return !stage.OomsOf(container.id).empty(); }));
  const std::vector<v1::Oom> ooms = stage.SettledOoms(container.id);
  REQUIRE(ooms.size() == 1);
  // Told of by the log or by the counter, whichever came first: it is clear at once.
  CHECK(ooms.front().kind() == v1::Oom::CONTAINER);
  CHECK_FALSE(load.Alive());
}

TEST_CASE("Agent on real cgroups: a cgroup made anew under the same name is a new one") {
  Stage stage;
  const auto container = stage.tree.AddContainer(stage.tree.AddPod(0), 112);
  stage.stream.Watch({container});
  REQUIRE(stage.Watched(1));
  {
    // So near to its limit it is told of at once: then the agent has read it.
    const Load load(container, {"grow", "400", "100"});
    REQUIRE(stage.stream.Until([&] {
      return std::ranges::any_of(stage.stream.Digests(container.id, true),
                                 [](const auto& urgent) { return urgent.hard_peak() > 98 * kMib; });
    }));
  }
  KubeTree::Remove(container);
  std::ignore = TheDigest(stage, container.id,
                          [](const v1::Digest& one) { return one.hard_peak() > 98 * kMib; });
  stage.tree.Recreate(container, 128);
  const Load load(container, {"grow", "400", "20"});
  stage.stream.Watch({container});
  const v1::Digest fresh = TheDigest(
      stage, container.id, [](const v1::Digest& one) { return one.limit() == 128 * kMib; });
  CHECK(fresh.hard_peak() < 40 * kMib);
}

}  // namespace
}  // namespace plimsoll::kernel_test
