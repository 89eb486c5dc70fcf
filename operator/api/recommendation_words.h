// SPDX-License-Identifier: Apache-2.0
//
// How the enumerations of a MemoryRecommendation are spelled in its JSON; the schema lists the
// same. Private to this folder's .cc files.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "advisor/model/runtime_stats.h"
#include "advisor/recommend/recommendation.h"
#include "operator/api/memory_recommendation.h"
#include "operator/api/mode.h"
#include "operator/api/oom_kinds.h"

namespace plimsoll::api {

template <class Enum, std::size_t kSize>
using Words = std::array<std::pair<std::string_view, Enum>, kSize>;

inline constexpr Words<Mode, 3> kModeFields = {{
    {"Off", Mode::kOff},
    {"Recommend", Mode::kRecommend},
    {"AutoPatch", Mode::kAutoPatch},
}};
inline constexpr Words<recommend::Verdict, 4> kVerdicts = {{
    {"InsufficientData", recommend::Verdict::kInsufficientData},
    {"UnderProvisioned", recommend::Verdict::kUnderProvisioned},
    {"RightSized", recommend::Verdict::kRightSized},
    {"OverProvisioned", recommend::Verdict::kOverProvisioned},
}};
inline constexpr Words<Severity, 4> kSeverities = {{
    {"None", Severity::kNone},
    {"Low", Severity::kLow},
    {"Medium", Severity::kMedium},
    {"Critical", Severity::kCritical},
}};
inline constexpr Words<KillSource, 2> kKillSources = {{
    {"Kernel", KillSource::kKernel},
    {"PodStatus", KillSource::kPodStatus},
}};
inline constexpr Words<model::RuntimeKind, 7> kRuntimeKinds = {{
    {"Unknown", model::RuntimeKind::kUnknown},
    {"Go", model::RuntimeKind::kGo},
    {"JVM", model::RuntimeKind::kJvm},
    {"V8", model::RuntimeKind::kV8},
    {"DotNet", model::RuntimeKind::kDotnet},
    {"CPython", model::RuntimeKind::kCpython},
    {"Native", model::RuntimeKind::kNative},
}};
inline constexpr Words<recommend::Delivery, 3> kDeliveries = {{
    {"Live", recommend::Delivery::kLive},
    {"Env", recommend::Delivery::kEnv},
    {"Advice", recommend::Delivery::kAdvice},
}};
inline constexpr Words<PatchMethod, 3> kPatchMethods = {{
    {"InPlace", PatchMethod::kInPlace},
    {"Rollout", PatchMethod::kRollout},
    {"Admission", PatchMethod::kAdmission},
}};
inline constexpr Words<PatchResult, 4> kPatchResults = {{
    {"InProgress", PatchResult::kInProgress},
    {"Applied", PatchResult::kApplied},
    {"Failed", PatchResult::kFailed},
    {"RolledBack", PatchResult::kRolledBack},
}};

}  // namespace plimsoll::api
