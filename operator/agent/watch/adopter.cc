// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/adopter.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace plimsoll::agent {
namespace {

constexpr Duration kFirstBackoff(250);
constexpr Duration kLongestBackoff(30'000);

bool IsOurselves(const MemoryGroup& group) {
  const Result<std::vector<int>> pids = group.Processes();
  return pids && std::ranges::find(*pids, static_cast<int>(::getpid())) != pids->end();
}

}  // namespace

void Adopter::Want(std::map<std::string, v1::Container> wanted, Instant now) {
  missing_ = std::move(wanted);
  backoff_ = kFirstBackoff;
  next_ = now;
}

std::optional<Instant> Adopter::NextDue() const {
  if (missing_.empty()) return std::nullopt;
  return next_;
}

std::vector<std::unique_ptr<ContainerWatch>> Adopter::Look(Instant now, TimePoint wall) {
  next_ = now + backoff_;
  backoff_ = std::min(backoff_ * 2, kLongestBackoff);
  std::vector<std::unique_ptr<ContainerWatch>> adopted;
  const Result<ContainerPlaces> places = FindContainers(hierarchy_);
  if (!places) {
    spdlog::warn("looking for containers: {}", places.error().message());
    return adopted;
  }
  std::erase_if(missing_, [&](const auto& missing) {
    const auto place = places->find(missing.first);
    if (place == places->end()) return false;
    std::unique_ptr<ContainerWatch> watch = Open(missing.second, place->second, wall);
    if (!watch) return false;
    if (!IsOurselves(watch->group())) adopted.push_back(std::move(watch));
    return true;
  });
  return adopted;
}

std::unique_ptr<ContainerWatch> Adopter::Open(const v1::Container& spec,
                                              const ContainerPlace& place, TimePoint wall) {
  std::shared_ptr<PodWatch> pod = pods_[place.pod].lock();
  if (!pod) {
    Result<std::shared_ptr<PodWatch>> opened = PodWatch::Open(hierarchy_, place.pod, wall);
    if (!opened) return nullptr;
    pod = *std::move(opened);
    pods_[place.pod] = pod;
  }
  auto watch = ContainerWatch::Open(hierarchy_, spec, place, std::move(pod), wall);
  if (watch) return *std::move(watch);
  spdlog::warn("container {}: {}", spec.container_id(), watch.error().message());
  return nullptr;
}

void Adopter::ForgetPods() {
  std::erase_if(pods_, [](const auto& pod) { return pod.second.expired(); });
}

}  // namespace plimsoll::agent
