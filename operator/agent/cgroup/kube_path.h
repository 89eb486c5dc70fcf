// SPDX-License-Identifier: Apache-2.0
//
// Which pod and container a cgroup path belongs to, in every form that kubelets and runtimes write:
//   cgroupfs   /kubepods/burstable/pod<UID>/<id>            containerd, Docker
//              /kubepods/pod<UID>/crio-<id>                 CRI-O
//   systemd    /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<UID>.slice/
//              cri-containerd-<id>.scope  crio-<id>.scope  docker-<id>.scope   (UID with _ for -)
// below any parents (--cgroup-root, kind's /kubelet.slice/kubelet-kubepods.slice, a nested node).
// What comes after the container's own directory is inside it, whatever it is called: a container
// may make cgroups with other containers' names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::agent {

struct KubePath {
  std::string pod_uid;  // with dashes, as the API writes it
  // 64 hex digits; empty when the path is the pod's own cgroup or of something else in it.
  std::string container_id;
  // Lengths of the prefixes of the path that end with the pod's and the container's directory.
  std::size_t pod_length = 0;
  std::size_t container_length = 0;
};

// nullopt when no segment names a pod. The first one that does counts.
[[nodiscard]] std::optional<KubePath> ParseKubePath(std::string_view path);

// "pod<UID>" or "…-pod<UID>.slice": the UID; nullopt for any other name.
[[nodiscard]] std::optional<std::string> PodUidOf(std::string_view segment);

// "<id>", "<runtime>-<id>", "<runtime>-<id>.scope": the 64 hex digits; nullopt for any other name
// and for CRI-O's monitor (crio-conmon-<id>.scope), which is not the container.
[[nodiscard]] std::optional<std::string_view> ContainerIdOf(std::string_view segment);

// 64 lower-case hex digits.
[[nodiscard]] bool IsContainerId(std::string_view text);

}  // namespace plimsoll::agent
