// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/tuning/tune_memory.h"

namespace plimsoll::agent {

TuneMemory::Standing TuneMemory::Begin(const std::string& id) {
  const auto [entry, fresh] = entries_.try_emplace(id);
  if (fresh) return Standing::kNew;
  return entry->second ? Standing::kDone : Standing::kUnderWay;
}

void TuneMemory::Finish(const v1::TuneResult& result) {
  entries_.insert_or_assign(result.id(), result);
  done_.push_back(result.id());
  if (done_.size() <= kMost) return;
  entries_.erase(done_.front());
  done_.pop_front();
}

}  // namespace plimsoll::agent
