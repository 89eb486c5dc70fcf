// SPDX-License-Identifier: Apache-2.0
//
// Which containers were sent a Tune whose answer is waited for; each is sent one at a time.
// Thread-safe.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "advisor/model/container_key.h"
#include "operator/fleet/key_hash.h"

namespace plimsoll::autopatch {

class TunesUnderWay {
 public:
  using Place = std::pair<std::string, std::string>;  // pod UID, container

  // False when one is under way already.
  [[nodiscard]] bool Begin(const model::WorkloadKey& key, const Place& place) {
    const std::lock_guard lock(mutex_);
    return places_[key].insert(place).second;
  }
  // What the answer changes must be stored by then: from now on there may be another.
  void End(const model::WorkloadKey& key, const Place& place) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    found->second.erase(place);
    if (found->second.empty()) places_.erase(found);
  }
  [[nodiscard]] std::set<Place> Of(const model::WorkloadKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    return found == places_.end() ? std::set<Place>() : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<model::WorkloadKey, std::set<Place>, fleet::KeyHash> places_;
};

}  // namespace plimsoll::autopatch
