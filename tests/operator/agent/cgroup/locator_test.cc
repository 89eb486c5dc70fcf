// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/locator.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/operator/agent/support/cgroup_tree.h"

namespace plimsoll::agent {
namespace {

using testing::CgroupTree;
using testing::IdOf;
using testing::kUid;
using testing::kUidUnderscored;

TEST_CASE("Locator: finds containers of any driver below any prefix, v2") {
  const CgroupTree tree;
  const std::string slice = "kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" +
                            std::string(kUidUnderscored) + ".slice";
  tree.AddV2(slice + "/cri-containerd-" + IdOf('a') + ".scope");
  tree.AddV2(slice + "/crio-conmon-" + IdOf('b') + ".scope");
  tree.AddV2("deep/down/kubepods/besteffort/pod" + std::string(kUid) + "/" + IdOf('c') + "/" +
             IdOf('d'));
  tree.AddV2("system.slice/docker-" + IdOf('e') + ".scope");
  const Result<Hierarchy> hierarchy = Hierarchy::Detect(tree.root());
  REQUIRE(hierarchy);
  CHECK(hierarchy->version == CgroupVersion::kV2);
  const Result<ContainerPlaces> places = FindContainers(*hierarchy);
  REQUIRE(places);
  CHECK(places->size() == 2);
  REQUIRE(places->contains(IdOf('a')));
  CHECK(places->at(IdOf('a')).pod == slice);
  CHECK(places->at(IdOf('a')).pod_uid == kUid);
  CHECK(places->contains(IdOf('c')));
}

TEST_CASE("Hierarchy: v1 is found below memory/, also beside a unified mount without memory") {
  const CgroupTree tree;
  tree.AddV1("kubepods/burstable/pod" + std::string(kUid) + "/" + IdOf('a'));
  tree.Write("unified/cgroup.controllers", "hugetlb\n");
  const Result<Hierarchy> hierarchy = Hierarchy::Detect(tree.root());
  REQUIRE(hierarchy);
  CHECK(hierarchy->version == CgroupVersion::kV1);
  const Result<ContainerPlaces> places = FindContainers(*hierarchy);
  REQUIRE(places);
  CHECK(places->contains(IdOf('a')));
}

TEST_CASE("Hierarchy: says what it looked for and what to do") {
  const CgroupTree tree;
  const Result<Hierarchy> empty = Hierarchy::Detect(tree.root());
  REQUIRE_FALSE(empty);
  CHECK(empty.error().message().find("--cgroup-root") != std::string::npos);
  CHECK(empty.error().message().find("mount") != std::string::npos);
  tree.Write("cgroup.controllers", "cpu hugetlb\n");
  const Result<Hierarchy> without = Hierarchy::Detect(tree.root());
  REQUIRE_FALSE(without);
  CHECK(without.error().message().find("without the memory controller") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::agent
