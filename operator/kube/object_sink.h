// SPDX-License-Identifier: Apache-2.0
//
// Where a reflector puts what it reads. Store<T> is the one real sink; it is an interface so that
// the state machine needs no types.
#pragma once

#include <string>
#include <string_view>

#include "advisor/base/result.h"

namespace plimsoll::kube {

enum class ChangeType { kAdded, kModified, kDeleted };

class ObjectSink {
 public:
  virtual ~ObjectSink() = default;
  // A complete list begins: objects are collected beside the present state, which stays readable.
  // Forgets an earlier list that was not finished.
  virtual void BeginReplace() = 0;
  // One object of the list, or a change to the list while it is streamed. An error leaves the
  // object's last known state in the list, if there is one.
  [[nodiscard]] virtual Status Collect(ChangeType type, std::string_view wire) = 0;
  // The list is complete: what it lacks was deleted.
  virtual void FinishReplace() = 0;
  // One watch event; gives the resource version of its object.
  [[nodiscard]] virtual Result<std::string> Apply(ChangeType type, std::string_view wire) = 0;
};

}  // namespace plimsoll::kube
