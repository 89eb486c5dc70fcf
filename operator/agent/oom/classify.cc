// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/classify.h"

#include <algorithm>

namespace plimsoll::agent {
namespace {

using namespace plimsoll::literals;

bool ReachedItsOwnLimit(const KillEvidence& evidence) {
  if (!evidence.container_known) return true;
  if (!evidence.container_limit) return false;
  const Bytes limit = *evidence.container_limit;
  if (evidence.pod_limit && *evidence.pod_limit < limit) return false;
  // Nothing known of its peak: equal limits mean that it is alone in its pod.
  if (!evidence.container_peak) return evidence.pod_limit == limit;
  const Bytes slack = std::max(limit * Ratio(0.05), 2_MiB);
  return *evidence.container_peak >= limit - slack;
}

}  // namespace

std::optional<LimitsSeen::Limit> LimitAtPodKill(const LimitsSeen& seen, Bytes pod) {
  const bool resized = seen.pod_before && *seen.pod_before != pod;
  if (!resized) return seen.before ? seen.before : seen.after;
  if (seen.before && *seen.before && *seen.before == *seen.pod_before) return pod;
  for (const std::optional<LimitsSeen::Limit>& limit : {seen.after, seen.before}) {
    if (limit && *limit && **limit <= pod) return limit;
  }
  return std::nullopt;
}

v1::Oom::Kind Classify(const KillEvidence& evidence) {
  switch (evidence.level) {
    case OomLevel::kNode:
      return v1::Oom::NODE;
    case OomLevel::kPod:
      if (!ReachedItsOwnLimit(evidence)) return v1::Oom::POD_SLICE;
      break;
    case OomLevel::kContainer:
      break;
  }
  return evidence.container_died ? v1::Oom::CONTAINER : v1::Oom::CHILD;
}

}  // namespace plimsoll::agent
