// SPDX-License-Identifier: Apache-2.0
//
// When the look of each tenth of a second becomes a whole reading.
#include "operator/agent/watch/container_watch.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/operator/agent/support/cgroup_tree.h"

namespace plimsoll::agent {
namespace {

using std::chrono::milliseconds;
using testing::CgroupTree;
using testing::IdOf;
using testing::kUid;

const std::string kPod = "kubepods/burstable/pod" + std::string(kUid);
const std::string kContainer = kPod + "/" + IdOf('a');

// A container with a limit of 1 GiB, looked at ten times a second.
struct Fixture {
  CgroupTree tree;
  std::unique_ptr<ContainerWatch> watch;
  int looks = 0;

  Fixture(int anon_mib, int file_mib) {
    tree.AddV2(kPod);
    tree.AddV2(kContainer);
    tree.Write(kContainer + "/memory.max", "1073741824\n");
    Hold(anon_mib, file_mib);
    const Hierarchy hierarchy = Hierarchy::Detect(tree.root()).value();
    v1::Container spec;
    spec.set_container_id(IdOf('a'));
    ContainerPlace place;
    place.container = kContainer;
    place.pod = kPod;
    watch = ContainerWatch::Open(hierarchy, spec, place,
                                 PodWatch::Open(hierarchy, kPod, TimePoint{}).value(), TimePoint{})
                .value();
    const Status read = watch->Read(TimePoint(milliseconds(1)), Instant(milliseconds(1)));
    REQUIRE_MESSAGE(read, read.error().message());
  }
  void Hold(int anon_mib, int file_mib) const {
    tree.Write(kContainer + "/memory.current", std::to_string((anon_mib + file_mib) << 20) + "\n");
    tree.Write(
        kContainer + "/memory.stat",
        "anon " + std::to_string(anon_mib << 20) + "\nfile " + std::to_string(file_mib << 20) +
            "\nkernel 0\nkernel_stack 0\npagetables 0\npercpu 0\nsock 0\nshmem 0\ninactive_file 0\n"
            "active_file 0\nunevictable 0\nslab_reclaimable 0\nslab_unreclaimable 0\n"
            "workingset_refault_file 0\n");
  }
  // Whether a whole reading came of it.
  bool Glance() {
    const Duration at(1 + 100 * ++looks);
    return watch->Glance(TimePoint(at), Instant(at)).value();
  }
};

TEST_CASE("ContainerWatch: the step over 80 % of the limit is read, however small") {
  Fixture test(815, 0);
  CHECK_FALSE(test.watch->TakeUrgent(TimePoint(milliseconds(2)), Instant(milliseconds(2))));
  test.Hold(818, 0);
  CHECK_FALSE(test.Glance());
  test.Hold(820, 0);
  CHECK(test.Glance());
  const auto urgent =
      test.watch->TakeUrgent(TimePoint(milliseconds(300)), Instant(milliseconds(300)));
  REQUIRE(urgent);
  CHECK(urgent->hard_peak() == 820ULL << 20);
  test.Hold(823, 0);
  CHECK_FALSE(test.Glance());
}

TEST_CASE("ContainerWatch: cache that fills to 80 % is no step of hard memory") {
  Fixture test(700, 14);
  test.Hold(700, 120);
  CHECK(test.Glance());  // moved, by whatever it was
  test.Hold(700, 122);
  CHECK(test.Glance());  // that much cache may hide anything
  CHECK_FALSE(test.watch->TakeUrgent(TimePoint(milliseconds(300)), Instant(milliseconds(300))));
}

}  // namespace
}  // namespace plimsoll::agent
