// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/objects/pod.h"

#include <algorithm>
#include <string_view>

namespace plimsoll::kube {
namespace {

template <class List, class Matches>
auto FindIn(const List& list, Matches matches) -> const typename List::value_type* {
  const auto it = std::find_if(list.begin(), list.end(), matches);
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

const Container* Pod::FindContainer(std::string_view name) const {
  return FindIn(containers, [&](const Container& container) { return container.name == name; });
}

const ContainerStatus* Pod::FindStatus(std::string_view name) const {
  return FindIn(statuses, [&](const ContainerStatus& status) { return status.name == name; });
}

const PodCondition* Pod::FindCondition(std::string_view type) const {
  return FindIn(conditions, [&](const PodCondition& condition) { return condition.type == type; });
}

}  // namespace plimsoll::kube
