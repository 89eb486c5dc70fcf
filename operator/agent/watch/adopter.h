// SPDX-License-Identifier: Apache-2.0
//
// Takes containers under watch: those that are wanted and whose cgroup is not there yet are looked
// for again, less and less often. Of one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"
#include "operator/agent/cgroup/hierarchy.h"
#include "operator/agent/cgroup/locator.h"
#include "operator/agent/watch/container_watch.h"

namespace plimsoll::agent {

class Adopter {
 public:
  // `hierarchy` must outlive it.
  explicit Adopter(const Hierarchy& hierarchy) : hierarchy_(hierarchy) {}

  // Replaces the containers that are wanted and not under watch yet; due at once.
  void Want(std::map<std::string, v1::Container> wanted, Instant now);
  // When to look next; absent: nobody is missing.
  [[nodiscard]] std::optional<Instant> NextDue() const;
  // Looks for all that are missing and gives those that can be watched from now on. Our own
  // container and those that cannot be opened are not among them; the latter are looked for again.
  [[nodiscard]] std::vector<std::unique_ptr<ContainerWatch>> Look(Instant now, TimePoint wall);
  // Lets go of the pods none of whose containers is under watch any more.
  void ForgetPods();

 private:
  [[nodiscard]] std::unique_ptr<ContainerWatch> Open(const v1::Container& spec,
                                                     const ContainerPlace& place, TimePoint wall);

  const Hierarchy& hierarchy_;
  std::map<std::string, v1::Container> missing_;         // by container id
  std::map<std::string, std::weak_ptr<PodWatch>> pods_;  // by cgroup path
  Instant next_{};
  Duration backoff_{};
};

}  // namespace plimsoll::agent
