// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/kube_path.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/operator/agent/support/cgroup_tree.h"

namespace plimsoll::agent {
namespace {

using testing::IdOf;
using testing::kUid;
using testing::kUidUnderscored;

TEST_CASE("KubePath: every driver's and runtime's form is read") {
  const std::string id = IdOf('a');
  const std::string uid = kUid;
  const std::string slice = std::string("kubepods-burstable-pod") + kUidUnderscored + ".slice";
  const std::string paths[] = {
      "/kubepods/burstable/pod" + uid + "/" + id,
      "/kubepods/pod" + uid + "/" + id,
      "/kubepods/besteffort/pod" + uid + "/crio-" + id,
      "/kubepods.slice/kubepods-burstable.slice/" + slice + "/cri-containerd-" + id + ".scope",
      "/kubepods.slice/kubepods-burstable.slice/" + slice + "/crio-" + id + ".scope",
      "/kubepods.slice/kubepods-pod" + std::string(kUidUnderscored) + ".slice/docker-" + id +
          ".scope",
      "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
      "kubelet-kubepods-besteffort-pod" +
          std::string(kUidUnderscored) + ".slice/cri-containerd-" + id + ".scope",
      "/custom/root/kubepods/burstable/pod" + uid + "/" + id,
      "/../../kubepods/burstable/pod" + uid + "/" + id,
  };
  for (const std::string& path : paths) {
    CAPTURE(path);
    const std::optional<KubePath> parsed = ParseKubePath(path);
    REQUIRE(parsed);
    CHECK(parsed->pod_uid == uid);
    CHECK(parsed->container_id == id);
    CHECK(parsed->container_length == path.size());
  }
}

TEST_CASE("KubePath: a static pod is named by its configuration hash") {
  const std::optional<KubePath> parsed =
      ParseKubePath("/kubepods/burstable/pod" + std::string(32, 'b') + "/" + IdOf('c'));
  REQUIRE(parsed);
  CHECK(parsed->pod_uid == std::string(32, 'b'));
}

TEST_CASE("KubePath: what lies inside a container belongs to that container, whatever its name") {
  const std::string outer = "/kubepods/pod" + std::string(kUid) + "/" + IdOf('a');
  const std::optional<KubePath> parsed = ParseKubePath(outer + "/" + IdOf('b'));
  REQUIRE(parsed);
  CHECK(parsed->container_id == IdOf('a'));
  CHECK(parsed->container_length == outer.size());
  const std::optional<KubePath> nested =
      ParseKubePath(outer + "/kubepods/pod11111111-2222/" + IdOf('b'));
  REQUIRE(nested);
  CHECK(nested->pod_uid == kUid);
  CHECK(nested->container_id == IdOf('a'));
}

TEST_CASE("KubePath: the pod's own cgroup has no container") {
  const std::string path = "/kubepods/burstable/pod" + std::string(kUid);
  const std::optional<KubePath> parsed = ParseKubePath(path);
  REQUIRE(parsed);
  CHECK(parsed->container_id.empty());
  CHECK(parsed->pod_length == path.size());
}

TEST_CASE("KubePath: other cgroups are no pods, CRI-O's monitor is no container") {
  CHECK_FALSE(ParseKubePath("/system.slice/podman.service"));
  CHECK_FALSE(ParseKubePath("/machine.slice/libpod-" + IdOf('a') + ".scope"));
  CHECK_FALSE(ParseKubePath("/kubepods/burstable"));
  CHECK_FALSE(ParseKubePath(""));
  CHECK_FALSE(ContainerIdOf("crio-conmon-" + IdOf('a') + ".scope"));
  CHECK_FALSE(ContainerIdOf("x" + IdOf('a')));
  CHECK_FALSE(ContainerIdOf(std::string(63, 'a')));
  CHECK_FALSE(ContainerIdOf(std::string(64, 'g')));
}

}  // namespace
}  // namespace plimsoll::agent
