// SPDX-License-Identifier: Apache-2.0
//
// What to tell when one of our own kinds cannot be read.
#pragma once

#include <string>

#include "advisor/base/result.h"
#include "operator/kube/object_key.h"

namespace plimsoll::api {

// The error's message; where the API server does not know the kind, with the remedy: its definition
// is missing.
[[nodiscard]] std::string WatchProblem(const kube::Resource& resource, const Error& error);

}  // namespace plimsoll::api
