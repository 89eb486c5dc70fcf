// SPDX-License-Identifier: Apache-2.0
//
// What to do next for one workload: steps for different pods, each small enough to be judged before
// the following one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/recommend/recommendation.h"

namespace plimsoll::rollout {

enum class StepKind { kResize, kTune };

enum class Intent {
  kGrow,
  kShrink,
  kHeal,      // the pod cgroup stayed behind (k8s#138760): any other value makes it follow
  kRevert,    // what the node would not give is taken back, so that it blocks no capacity
  kRollback,  // a kill or a bad end followed a cut
  kTune,      // the runtime follows the limit, or goes before it
};

struct ContainerResize {
  std::string container{};
  std::optional<Bytes> request{};  // absent: unchanged
  std::optional<Bytes> limit{};    // absent: unchanged
  std::optional<Bytes> from_request{};
  std::optional<Bytes> from_limit{};
};

struct SettingValue {
  std::string name{};
  double number = 0;
};

struct Step {
  StepKind kind = StepKind::kResize;
  Intent intent = Intent::kGrow;
  bool urgent = false;       // answers a kill or frees what blocks: ahead of the routine's pace
  bool before_kill = false;  // a raise that an urgent reading asked for: users are told so
  std::string pod_uid{};
  std::string pod_name{};
  std::vector<ContainerResize> resizes{};  // of kResize; one patch, all or none
  std::string container{};                 // of kTune
  std::string instance{};                  // of kTune: the run it is for
  std::vector<SettingValue> settings{};    // of kTune; in this order
  recommend::Reason reason{};
};

struct Decision {
  std::vector<Step> steps{};  // at most one a pod, all of them may be carried out now
  bool settled = false;       // every pod is where it should be, as the kernel has it
  bool in_force = false;      // what was sent before is in the kernel: no resize is on its way
  // Why not, in the words of the Applied condition.
  recommend::Reason reason{};
  // When time alone may change the answer.
  std::optional<Duration> look_again{};
};

}  // namespace plimsoll::rollout
