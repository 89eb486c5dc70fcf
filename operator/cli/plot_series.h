// SPDX-License-Identifier: Apache-2.0
//
// Demand, limit, request and OOM kills over time at a bounded number of points: when they are full,
// pairs merge, by maximum or sum, and each point from then on covers twice the time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "advisor/replay/outcome.h"

namespace plimsoll::cli {

struct PlotPoint : replay::TimelinePoint {
  std::int64_t kills = 0;
};

class PlotSeries {
 public:
  static constexpr std::size_t kMaxPoints = 800;

  void Add(const PlotPoint& point) {
    if (filled_ == 0)
      points_.push_back(point);
    else
      Fold(points_.back(), point);
    if (++filled_ < stride_) return;
    filled_ = 0;
    if (points_.size() >= kMaxPoints) Halve();
  }
  [[nodiscard]] const std::vector<PlotPoint>& points() const { return points_; }
  [[nodiscard]] std::size_t minutes_per_point() const { return stride_; }

 private:
  static void Fold(PlotPoint& into, const PlotPoint& point) {
    into.peak = std::max(into.peak, point.peak);
    into.demand = std::max(into.demand, point.demand);
    into.limit = std::max(into.limit, point.limit);
    into.request = std::max(into.request, point.request);
    into.kills += point.kills;
  }
  void Halve() {
    for (std::size_t i = 0; i + 1 < points_.size(); i += 2) {
      Fold(points_[i], points_[i + 1]);
      points_[i / 2] = points_[i];
    }
    points_.resize(points_.size() / 2);
    stride_ *= 2;
  }

  std::vector<PlotPoint> points_;
  std::size_t stride_ = 1;
  std::size_t filled_ = 0;
};

}  // namespace plimsoll::cli
