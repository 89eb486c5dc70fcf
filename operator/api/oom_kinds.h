// SPDX-License-Identifier: Apache-2.0
//
// How the kinds of a kill are spelled wherever users meet them.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "advisor/model/oom_event.h"

namespace plimsoll::api {

inline constexpr std::array<std::pair<std::string_view, model::OomKind>, 6> kOomKinds = {{
    {"ContainerOom", model::OomKind::kContainerOom},
    {"ChildOom", model::OomKind::kChildOom},
    {"PodSliceOom", model::OomKind::kPodSliceOom},
    {"NodeOom", model::OomKind::kNodeOom},
    {"Evicted", model::OomKind::kEvicted},
    {"RuntimeOom", model::OomKind::kRuntimeOom},
}};

}  // namespace plimsoll::api
