// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/classify.h"

#include <doctest/doctest.h>

namespace plimsoll::agent {
namespace {

using namespace plimsoll::literals;

TEST_CASE("Classify: the level that was hit and the fate of PID 1 decide") {
  CHECK(Classify({.level = OomLevel::kContainer, .container_died = true}) == v1::Oom::CONTAINER);
  CHECK(Classify({.level = OomLevel::kContainer, .container_died = false}) == v1::Oom::CHILD);
  CHECK(Classify({.level = OomLevel::kNode, .container_limit = 64_MiB}) == v1::Oom::NODE);
}

TEST_CASE("Classify: a pod's limit that is the container's in all but name") {
  KillEvidence evidence{.level = OomLevel::kPod,
                        .container_limit = 64_MiB,
                        .container_peak = 63_MiB,
                        .pod_limit = 64_MiB};
  CHECK(Classify(evidence) == v1::Oom::CONTAINER);
  evidence.container_died = false;
  CHECK(Classify(evidence) == v1::Oom::CHILD);
  evidence.container_peak.reset();
  CHECK(Classify(evidence) == v1::Oom::CHILD);
  evidence.container_peak =
      40_MiB;  // something else in the pod filled it: tmpfs, another container
  CHECK(Classify(evidence) == v1::Oom::POD_SLICE);
}

TEST_CASE("Classify: a pod left behind below its container's limit") {
  KillEvidence evidence{.level = OomLevel::kPod,
                        .container_limit = 160_MiB,
                        .container_peak = 64_MiB,
                        .pod_limit = 64_MiB};
  CHECK(Classify(evidence) == v1::Oom::POD_SLICE);
  evidence.container_limit.reset();  // unlimited
  CHECK(Classify(evidence) == v1::Oom::POD_SLICE);
  evidence.container_known = false;
  CHECK(Classify(evidence) == v1::Oom::CONTAINER);
}

}  // namespace
}  // namespace plimsoll::agent
