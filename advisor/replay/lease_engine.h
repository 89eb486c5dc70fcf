// SPDX-License-Identifier: Apache-2.0
//
// Plimsoll's own engine for one container, with the product's rules of patching behind it.
#pragma once

#include "advisor/history/container_history.h"
#include "advisor/replay/autopatch.h"
#include "advisor/replay/engine.h"

namespace plimsoll::replay {

class LeaseEngine final : public Engine {
 public:
  void Poll(std::string_view, TimePoint, Bytes) override {}
  void Observe(std::string_view pod, const model::MemoryDigest& digest) override;
  void Observe(std::string_view pod, const model::RuntimeStats& stats) override;
  void Observe(std::string_view pod, const model::OomEvent& event,
               const Resources& in_force) override;
  void ObserveRelease(TimePoint time, std::string_view release) override;
  [[nodiscard]] recommend::Recommendation Advise(const Situation& situation) override;
  [[nodiscard]] std::optional<Resources> Act(const Situation& situation) override;
  [[nodiscard]] Duration Cadence() const override { return std::chrono::minutes(5); }

 private:
  [[nodiscard]] Bytes PeakOfLastHour(TimePoint now) const;

  history::ContainerHistory history_;
  Autopatch autopatch_;
};

}  // namespace plimsoll::replay
