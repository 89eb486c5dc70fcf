// SPDX-License-Identifier: Apache-2.0
//
// Levels told from counters alone, where the kernel's log cannot be read; and what of a kill's
// limit is known when limits were changed around it.
#include "operator/agent/oom/oom_watch.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/operator/agent/support/cgroup_tree.h"

namespace plimsoll::agent {
namespace {

using testing::CgroupTree;
using testing::IdOf;
using testing::kUid;

const std::string kPod = "kubepods/burstable/pod" + std::string(kUid);
const std::string kContainer = kPod + "/" + IdOf('a');

// A kernel's log that a test writes.
class ScriptedLog final : public KernelLog {
 public:
  explicit ScriptedLog(std::vector<KernelLine>& lines) : lines_(lines) {}
  std::vector<KernelLine> ReadNew() override { return std::exchange(lines_, {}); }
  [[nodiscard]] int fd() const override { return -1; }

 private:
  std::vector<KernelLine>& lines_;
};

struct Fixture {
  CgroupTree tree;
  Hierarchy hierarchy;
  std::unique_ptr<ContainerWatch> watch;
  std::unique_ptr<OomWatch> ooms;
  std::shared_ptr<PodWatch> pod_watch;
  Instant now{};

  explicit Fixture(CgroupVersion version = CgroupVersion::kV1) {
    for (const std::string& path : {kPod, kContainer}) {
      version == CgroupVersion::kV1 ? tree.AddV1(path) : tree.AddV2(path);
    }
    hierarchy = Hierarchy::Detect(tree.root()).value();
    pod_watch = PodWatch::Open(hierarchy, kPod, TimePoint{}).value();
    watch = Open('a');
    ooms = std::make_unique<OomWatch>(hierarchy, nullptr,
                                      [this](const std::string&) { return watch.get(); });
  }
  [[nodiscard]] std::unique_ptr<ContainerWatch> Open(char id) const {
    v1::Container spec;
    spec.set_pod_uid(kUid);
    spec.set_container_id(IdOf(id));
    ContainerPlace place;
    place.container = kPod + "/" + IdOf(id);
    place.pod = kPod;
    return ContainerWatch::Open(hierarchy, spec, place, pod_watch, TimePoint{}).value();
  }
  void Look() {
    now = now + Duration(10);
    ooms->Check(*watch, TimePoint{}, now);
  }
  void HitLimit(const std::string& cgroup, int times) const {
    tree.Write("memory/" + cgroup + "/memory.failcnt", std::to_string(3 + times) + "\n");
  }
  void Kill(int kills) const {
    tree.Write("memory/" + kContainer + "/memory.oom_control",
               "oom_kill_disable 0\nunder_oom 0\noom_kill " + std::to_string(kills) + "\n");
  }
  v1::Oom TheOom() {
    const std::vector<v1::Oom> settled = ooms->Settle(now + Duration(60'000));
    REQUIRE(settled.size() == 1);
    return settled.front();
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "OomWatch by counters: a look between the hit and the kill loses nothing") {
  HitLimit(kContainer, 1);
  Look();  // the limit was hit, nobody is dead yet
  Kill(1);
  Look();
  // cgroup.procs is empty, as for a container whose PID 1 died.
  CHECK(TheOom().kind() == v1::Oom::CONTAINER);
}

TEST_CASE_FIXTURE(Fixture,
                  "OomWatch by counters: the window's turn between the two loses nothing") {
  REQUIRE(watch->Read(TimePoint{}, now));
  HitLimit(kContainer, 1);
  Look();
  std::ignore = watch->TakeWindow(TimePoint{}, Duration(0), true);
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::CONTAINER);
}

TEST_CASE_FIXTURE(Fixture, "OomWatch by counters: no limit of container or pod was hit: the node") {
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::NODE);
}

TEST_CASE_FIXTURE(Fixture,
                  "OomWatch by counters: a hit that was answered by a kill explains no other") {
  HitLimit(kContainer, 1);
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::CONTAINER);
  Kill(2);
  Look();
  CHECK(TheOom().kind() == v1::Oom::NODE);
}

TEST_CASE_FIXTURE(Fixture,
                  "OomWatch by counters: only the pod's limit was hit, and it is the smaller") {
  tree.Write("memory/" + kPod + "/memory.limit_in_bytes", "67108864\n");
  HitLimit(kPod, 1);
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::POD_SLICE);
}

struct V2Fixture : Fixture {
  V2Fixture() : Fixture(CgroupVersion::kV2) {}
  void Count(int oom, int oom_kill, int oom_group_kill) const {
    tree.Write(kContainer + "/memory.events", "low 0\nhigh 0\nmax 3\noom " + std::to_string(oom) +
                                                  "\noom_kill " + std::to_string(oom_kill) +
                                                  "\noom_group_kill " +
                                                  std::to_string(oom_group_kill) + "\n");
  }
};

TEST_CASE_FIXTURE(
    V2Fixture,
    "OomWatch by counters: a look between a process's kill and its group's loses nothing") {
  Count(1, 1, 0);
  Look();
  Count(1, 2, 1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::CONTAINER);
}

// The pod of the fixture with a second container, each with windows of its own.
struct PodFixture : Fixture {
  static constexpr Duration kWindow = std::chrono::seconds(15);
  std::unique_ptr<ContainerWatch> sidecar;
  TimePoint wall{};

  PodFixture() {
    tree.Write("memory/" + kPod + "/memory.limit_in_bytes", "67108864\n");
    tree.AddV1(kPod + "/" + IdOf('b'));
    sidecar = Open('b');
  }
  // Both containers' windows end and begin.
  void Turn() {
    wall = wall + kWindow;
    for (ContainerWatch* one : {watch.get(), sidecar.get()}) {
      REQUIRE(one->Read(wall, now));
      REQUIRE(one->TakeWindow(wall, kWindow, false));
    }
  }
};

TEST_CASE_FIXTURE(
    PodFixture,
    "OomWatch by counters: the windows' turn between the pod's hit and the kill loses nothing") {
  Turn();
  HitLimit(kPod, 1);
  Turn();
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::POD_SLICE);
}

TEST_CASE_FIXTURE(PodFixture,
                  "OomWatch by counters: a container that ends takes no hit of its pod with it") {
  Turn();
  HitLimit(kPod, 1);
  REQUIRE(sidecar->Read(wall, now));
  REQUIRE(sidecar->TakeWindow(wall, kWindow, true));
  REQUIRE(sidecar->TakeWindow(wall, kWindow, true) == std::nullopt);
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::POD_SLICE);
}

TEST_CASE_FIXTURE(PodFixture,
                  "OomWatch by counters: a hit two windows ago explains no kill of today") {
  Turn();
  SUBCASE("of the pod") { HitLimit(kPod, 1); }
  SUBCASE("of the container") { HitLimit(kContainer, 1); }
  Turn();
  Turn();
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::NODE);
}

TEST_CASE_FIXTURE(PodFixture,
                  "OomWatch by counters: a hit that was answered explains no kill after the turn") {
  Turn();
  v1::Oom::Kind kind{};
  SUBCASE("of the pod") { HitLimit(kPod, 1), kind = v1::Oom::POD_SLICE; }
  SUBCASE("of the container") { HitLimit(kContainer, 1), kind = v1::Oom::CONTAINER; }
  Kill(1);
  Look();
  CHECK(TheOom().kind() == kind);
  Turn();
  Kill(2);
  Look();
  CHECK(TheOom().kind() == v1::Oom::NODE);
}

TEST_CASE_FIXTURE(PodFixture,
                  "OomWatch by counters: a container that is new in the pod takes no hit from it") {
  HitLimit(kPod, 1);
  ooms->Check(*sidecar, wall, now, wall);
  Kill(1);
  Look();
  CHECK(TheOom().kind() == v1::Oom::POD_SLICE);
}

// With the kernel's log: container and pod with the same limit, 256 MiB, as in a pod of one
// container. The pod's runs out first, for it holds the pause sandbox besides.
struct LoggedFixture : Fixture {
  std::vector<KernelLine> lines;
  // The kernel's clock now: what is older than a day is not taken in, and machines are up for long.
  std::uint64_t usec =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now().time_since_epoch())
                                     .count());

  LoggedFixture() {
    ooms = std::make_unique<OomWatch>(hierarchy, std::make_unique<ScriptedLog>(lines),
                                      [this](const std::string&) { return watch.get(); });
    REQUIRE(watch->Read(TimePoint{}, now));
  }
  void SetLimits(const char* container, const char* pod) const {
    tree.Write("memory/" + kContainer + "/memory.limit_in_bytes", std::string(container) + "\n");
    tree.Write("memory/" + kPod + "/memory.limit_in_bytes", std::string(pod) + "\n");
  }
  // The kernel kills at the pod's limit of so many kB.
  void LogKillOfPod(std::uint64_t limit_kb, const std::string& victim = "hold",
                    const std::string& task_cgroup = kContainer) {
    const std::string kb = std::to_string(limit_kb);
    for (const std::string& text :
         {std::string("hold invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0"),
          "memory: usage " + kb + "kB, limit " + kb + "kB, failcnt 83",
          "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/"
          ",mems_allowed=0,oom_memcg=/" +
              kPod + ",task_memcg=/" + task_cgroup + ",task=" + victim + ",pid=4242,uid=0",
          std::string("Memory cgroup out of memory: Killed process 4242 (hold) total-vm:1kB")}) {
      lines.push_back({.usec = ++usec, .text = text});
    }
    now = now + Duration(10);
    ooms->ReadLog(now);
  }
};

TEST_CASE_FIXTURE(LoggedFixture,
                  "OomWatch: a victim's name that the kernel cut within a character can be sent") {
  SetLimits("268435456", "268435456");
  LogKillOfPod(262144,
               "donn\xc3\xa9"
               "es-journ\xc3");
  const v1::Oom oom = TheOom();
  CHECK(oom.victim() ==
        "donn\xc3\xa9"
        "es-journ?");
  v1::Oom received;
  CHECK(received.ParseFromString(oom.SerializeAsString()));
}

TEST_CASE_FIXTURE(
    LoggedFixture,
    "OomWatch: a kill after a cut that nobody has read yet is the container's, at the "
    "limit it was cut to") {
  SetLimits("228589568", "228589568");  // 218 MiB; the last reading says 256
  tree.Write("memory/" + kContainer + "/memory.max_usage_in_bytes", "228000000\n");
  SUBCASE("the container stands, its limit is still the lower one") {}
  SUBCASE("it stands, and the cut was rolled back before we looked") {
    SetLimits("268435456", "268435456");
  }
  LogKillOfPod(223232);
  const v1::Oom oom = TheOom();
  CHECK(oom.kind() == v1::Oom::CONTAINER);
  CHECK(oom.limit() == 228589568);
}

TEST_CASE_FIXTURE(LoggedFixture,
                  "OomWatch: a raise that nobody has read yet is the limit that the next kill was "
                  "at") {
  SetLimits("402653184", "402653184");  // 384 MiB
  tree.Write("memory/" + kContainer + "/memory.max_usage_in_bytes", "402000000\n");
  LogKillOfPod(393216);
  const v1::Oom oom = TheOom();
  CHECK(oom.kind() == v1::Oom::CONTAINER);
  CHECK(oom.limit() == 402653184);
}

TEST_CASE_FIXTURE(
    LoggedFixture,
    "OomWatch: a kill in a pod that was left behind below its container is the pod's") {
  SetLimits("268435456", "67108864");
  REQUIRE(watch->Read(TimePoint{}, now));
  LogKillOfPod(65536);
  const v1::Oom oom = TheOom();
  CHECK(oom.kind() == v1::Oom::POD_SLICE);
  CHECK(oom.limit() == 67108864);
}

// Its log's clock has fallen behind or run ahead since the machine came up.
TEST_CASE_FIXTURE(LoggedFixture,
                  "OomWatch: a kill is one, however far the log's clock has drifted") {
  SetLimits("268435456", "268435456");
  SUBCASE("behind") { usec -= 10'000'000; }
  SUBCASE("ahead") { usec += 10'000'000; }
  bool counter_first = false;
  SUBCASE("the counter is looked at first") { counter_first = true; }
  SUBCASE("the log is") {}
  Kill(1);
  if (counter_first) {
    Look();
    CHECK(TheOom().victim().empty());  // told before its line came
    now = now + Duration(60'000);
    LogKillOfPod(262144);
    CHECK(ooms->Settle(now + Duration(60'000)).empty());
    return;
  }
  LogKillOfPod(262144);
  Look();
  const v1::Oom oom = TheOom();
  CHECK(oom.victim() == "hold");
  CHECK(oom.sources_size() == 2);
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto off = wall - std::chrono::nanoseconds(oom.time_unix_nano());
  CHECK(std::chrono::abs(off) < std::chrono::seconds(5));
}

TEST_CASE_FIXTURE(
    LoggedFixture,
    "OomWatch: v1 does not count a kill below the container's cgroup; its line does") {
  SetLimits("268435456", "268435456");
  Kill(1);
  Look();
  CHECK(TheOom().victim().empty());  // its line was lost
  now = now + Duration(60'000);
  LogKillOfPod(262144, "inner", kContainer + "/inner");
  CHECK(TheOom().victim() == "inner");
}

}  // namespace
}  // namespace plimsoll::agent
