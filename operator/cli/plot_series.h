// SPDX-License-Identifier: Apache-2.0
//
// Demand, limit and request over time at a bounded number of points: when they are full, pairs
// merge by maximum and each point from then on covers twice the time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "advisor/replay/outcome.h"

namespace plimsoll::cli {

class PlotSeries {
 public:
  static constexpr std::size_t kMaxPoints = 800;

  void Add(const replay::TimelinePoint& point) {
    if (filled_ == 0)
      points_.push_back(point);
    else
      Fold(points_.back(), point);
    if (++filled_ < stride_) return;
    filled_ = 0;
    if (points_.size() >= kMaxPoints) Halve();
  }
  [[nodiscard]] const std::vector<replay::TimelinePoint>& points() const { return points_; }
  [[nodiscard]] std::size_t minutes_per_point() const { return stride_; }

 private:
  static void Fold(replay::TimelinePoint& into, const replay::TimelinePoint& point) {
    into.peak = std::max(into.peak, point.peak);
    into.demand = std::max(into.demand, point.demand);
    into.limit = std::max(into.limit, point.limit);
    into.request = std::max(into.request, point.request);
  }
  void Halve() {
    for (std::size_t i = 0; i + 1 < points_.size(); i += 2) {
      Fold(points_[i], points_[i + 1]);
      points_[i / 2] = points_[i];
    }
    points_.resize(points_.size() / 2);
    stride_ *= 2;
  }

  std::vector<replay::TimelinePoint> points_;
  std::size_t stride_ = 1;
  std::size_t filled_ = 0;
};

}  // namespace plimsoll::cli
