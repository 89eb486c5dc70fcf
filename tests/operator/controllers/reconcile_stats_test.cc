// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/reconcile_stats.h"

#include <doctest/doctest.h>

#include <thread>

namespace plimsoll::controllers {
namespace {

using namespace std::chrono_literals;

std::uint64_t CountOf(const prometheus::Histogram& histogram) {
  return histogram.Collect().histogram.sample_count;
}

TEST_CASE("ReconcileStats: a key in work is told of until it ends, and then by how it ended") {
  ReconcileStats stats;
  CHECK(stats.Unfinished() == 0);
  stats.Begin();
  std::this_thread::sleep_for(2ms);
  CHECK(stats.Unfinished() >= 0.002);
  stats.End(false);
  CHECK(stats.Unfinished() == 0);
  stats.Begin();
  stats.End(true);

  CHECK(stats.good() == 1);
  CHECK(stats.failed() == 1);
  CHECK(CountOf(stats.reconciled()) == 2);
  CHECK(CountOf(stats.worked()) == 2);
  CHECK(stats.reconciled().Collect().histogram.sample_sum >= 0.002);
}

TEST_CASE("ReconcileStats: of its queue it learns how long keys waited") {
  ReconcileStats stats;
  const kube::WorkQueueOptions options = stats.QueueOptions();
  options.waited(1500ms);
  const auto queued = stats.queued().Collect().histogram;
  CHECK(queued.sample_count == 1);
  CHECK(queued.sample_sum == 1.5);
}

}  // namespace
}  // namespace plimsoll::controllers
