// SPDX-License-Identifier: Apache-2.0
//
// Who a number is for. Advice belongs to a workload's container, never to a single pod: pods come
// and go with every rollout, what was learned must not (VPA keys by pod labels and forgets).
#pragma once

#include <compare>
#include <string>

namespace plimsoll::model {

// The top-most controlling owner of a pod, or the bare pod itself.
struct WorkloadKey {
  std::string ns;    // namespace
  std::string kind;  // "Deployment", "StatefulSet", "CronJob", "Pod", or an unknown owner's kind
  std::string name;
  auto operator<=>(const WorkloadKey&) const = default;
};

// One container of a workload's pod template.
struct ContainerKey {
  WorkloadKey workload;
  std::string container;
  auto operator<=>(const ContainerKey&) const = default;
};

// One running (or just ended) container.
struct ContainerInstance {
  std::string pod_uid;
  std::string pod_name;
  std::string container;
  std::string container_id;  // 64 hex digits, without the runtime's "containerd://"
  auto operator<=>(const ContainerInstance&) const = default;
};

}  // namespace plimsoll::model
