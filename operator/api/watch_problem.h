// SPDX-License-Identifier: Apache-2.0
//
// What to tell when a kind cannot be read.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "advisor/base/result.h"
#include "operator/kube/informer.h"
#include "operator/kube/object_key.h"

namespace plimsoll::api {

// The error's message; where the API server does not know a kind of ours, with the remedy: its
// definition is missing.
[[nodiscard]] std::string WatchProblem(const kube::Resource& resource, const Error& error);

// Why the informer's first list is not complete yet, after the kind's plural; empty when it is.
template <class T>
[[nodiscard]] std::string SyncProblem(const kube::Informer<T>& informer) {
  if (informer.HasSynced()) return {};
  const std::optional<Error> error = informer.last_error();
  return std::string(informer.resource().plural) + ": " +
         (error ? WatchProblem(informer.resource(), *error) : std::string("not read yet"));
}
// Of several: the first that is not empty.
[[nodiscard]] std::string FirstProblem(std::initializer_list<std::string> problems);

}  // namespace plimsoll::api
