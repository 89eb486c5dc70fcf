// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/reconcile_stats.h"

namespace plimsoll::controllers {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

prometheus::Histogram::BucketBoundaries ReconcileBuckets() {
  return {0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
          0.7,   0.8,  0.9,   1,    1.25, 1.5,  1.75, 2,    2.5, 3,    3.5, 4,    4.5, 5,
          6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60};
}

prometheus::Histogram::BucketBoundaries QueueBuckets() {
  return {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000};
}

double SecondsSince(SteadyTime began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

ReconcileStats::ReconcileStats()
    : reconciled_(ReconcileBuckets()), worked_(QueueBuckets()), queued_(QueueBuckets()) {}

void ReconcileStats::Begin() { began_ = std::chrono::steady_clock::now(); }

void ReconcileStats::End(bool good) {
  const double seconds = SecondsSince(began_);
  began_ = SteadyTime{};
  reconciled_.Observe(seconds);
  worked_.Observe(seconds);
  ++(good ? good_ : failed_);
}

kube::WorkQueueOptions ReconcileStats::QueueOptions() {
  return {.waited = [this](Duration waited) {
    queued_.Observe(std::chrono::duration<double>(waited).count());
  }};
}

double ReconcileStats::Unfinished() const {
  const SteadyTime began = began_;
  return began == SteadyTime{} ? 0 : SecondsSince(began);
}

}  // namespace plimsoll::controllers
