// SPDX-License-Identifier: Apache-2.0
//
// Levels told from counters alone, where the kernel's log cannot be read.
#include "operator/agent/oom/oom_watch.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/operator/agent/support/cgroup_tree.h"

namespace plimsoll::agent {
namespace {

using testing::CgroupTree;
using testing::IdOf;
using testing::kUid;

const std::string kPod = "kubepods/burstable/pod" + std::string(kUid);
const std::string kContainer = kPod + "/" + IdOf('a');

struct Fixture {
  CgroupTree tree;
  Hierarchy hierarchy;
  std::unique_ptr<ContainerWatch> watch;
  std::unique_ptr<OomWatch> ooms;
  Instant now{};

  Fixture() {
    tree.AddV1(kPod);
    tree.AddV1(kContainer);
    hierarchy = Hierarchy::Detect(tree.root()).value();
    auto pod = std::make_shared<PodWatch>();
    pod->group = MemoryGroup::Open(hierarchy, kPod).value();
    pod->events = pod->group->ReadEvents().value();
    v1::Container spec;
    spec.set_pod_uid(kUid);
    spec.set_container_id(IdOf('a'));
    ContainerPlace place;
    place.container = kContainer;
    place.pod = kPod;
    watch = ContainerWatch::Open(hierarchy, spec, place, pod, TimePoint{}).value();
    ooms = std::make_unique<OomWatch>(hierarchy, nullptr,
                                      [this](const std::string&) { return watch.get(); });
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

}  // namespace
}  // namespace plimsoll::agent
