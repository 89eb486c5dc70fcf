// SPDX-License-Identifier: Apache-2.0
//
// The names users type and other programs match: API group, kinds, plurals, labels, annotations and
// field managers. Each is written once, here; the CRDs of /crds carry the same and a test compares.
#pragma once

#include <string_view>

#include "operator/kube/object_key.h"

namespace plimsoll::api {

inline constexpr std::string_view kGroup = "plimsoll.dev";
inline constexpr std::string_view kVersion = "v1alpha1";

inline constexpr kube::Resource kMemoryPolicies{kGroup, kVersion, "memorypolicies", "MemoryPolicy",
                                                true};
inline constexpr kube::Resource kMemoryRecommendations{kGroup, kVersion, "memoryrecommendations",
                                                       "MemoryRecommendation", true};
inline constexpr kube::Resource kMemoryCheckpoints{kGroup, kVersion, "memorycheckpoints",
                                                   "MemoryCheckpoint", true};

// On a Namespace or a workload: "off", "recommend" or "auto-patch".
inline constexpr std::string_view kModeLabel = "plimsoll.dev/mode";
// On a workload: the name of the MemoryPolicy of its namespace to use, whatever its targets say.
inline constexpr std::string_view kPolicyAnnotation = "plimsoll.dev/policy";
// On a workload: container names, comma separated, that get no advice and no patch.
inline constexpr std::string_view kExcludeContainersAnnotation = "plimsoll.dev/exclude-containers";
// On a pod (in the workload's pod template): where its apps' own statistics are, if not on the
// default socket; as operator/fleet/stats_endpoint.h says.
inline constexpr std::string_view kStatsSocketAnnotation = "plimsoll.dev/stats-socket";
inline constexpr std::string_view kStatsPortAnnotation = "plimsoll.dev/stats-port";

// Who owns which fields in server-side apply. Workloads and spec by the first, our status by the
// second, so that neither apply drops what the other set.
inline constexpr std::string_view kFieldManager = "plimsoll-operator";
inline constexpr std::string_view kStatusFieldManager = "plimsoll-status";

}  // namespace plimsoll::api
