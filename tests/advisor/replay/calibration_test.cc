// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/calibration.h"

#include <doctest/doctest.h>

#include "advisor/replay/engines.h"
#include "advisor/replay/families.h"

namespace plimsoll::replay {
namespace {

// Says the same limit and confidence whatever it sees.
class Fixed : public Engine {
 public:
  Fixed(double limit, double stated_slack) {
    advice_.limit = Bytes::FromDouble(limit);
    advice_.stated_slack = Ratio(stated_slack);
  }
  void Observe(std::string_view, const model::MemoryDigest&) override {}
  void Observe(std::string_view, const model::RuntimeStats&) override {}
  void Observe(std::string_view, const model::OomEvent&, const Resources&) override {}
  void ObserveRelease(TimePoint, std::string_view) override {}
  void Poll(std::string_view, TimePoint, Bytes) override {}
  recommend::Recommendation Advise(const Situation&) override {
    advice_.confidence = Ratio(0.75);
    return advice_;
  }
  std::optional<Resources> Act(const Situation&) override { return std::nullopt; }
  Duration Cadence() const override { return std::chrono::minutes(1); }

 private:
  recommend::Recommendation advice_;
};

Workload Flat() { return Generate(**FindFamily("flat"), 1, 12); }

double ShareKept(double of_base, double stated_slack) {
  const Workload workload = Flat();
  Fixed engine(of_base * workload.traits.base, stated_slack);
  const auto promises = Promises(workload, engine);
  CHECK(promises.size() == 9);  // hours 1, 3, 6, 12 and midnights 1 to 5 have seven days ahead
  double kept = 0;
  for (const auto& promise : promises) {
    CHECK(promise.confidence == 0.75);
    kept += promise.kept ? 1 : 0;
  }
  return kept / static_cast<double>(promises.size());
}

TEST_CASE("Promises: kept by a limit above the demand of a week, with no more slack than stated") {
  CHECK(ShareKept(0.8, 0.5) == 0);  // demand goes above it
  CHECK(ShareKept(1.6, 0.5) == 1);
  CHECK(ShareKept(3.0, 0.5) == 0);  // more than twice the highest
  CHECK(ShareKept(3.0, 0.7) == 1);
}

TEST_CASE("Reliability: ten bins of their own, empty ones left out") {
  const std::vector<Promise> promises = {
      {.confidence = 0.95, .kept = true},  {.confidence = 0.91, .kept = true},
      {.confidence = 0.93, .kept = false}, {.confidence = 1.0, .kept = true},
      {.confidence = 0.25, .kept = false}, {.confidence = 0.0, .kept = false}};
  const auto bins = Reliability(promises);
  REQUIRE(bins.size() == 3);
  CHECK(bins[0].promises == 1);
  CHECK(bins[1].from == doctest::Approx(0.2));
  CHECK(bins[1].share_kept == 0);
  CHECK(bins[2].promises == 4);
  CHECK(bins[2].share_kept == 0.75);
  CHECK(bins[2].mean_confidence == doctest::Approx(0.9475));
  CHECK(ShareCalibrated(promises, 0.05) == doctest::Approx(1.0 / 6));
  CHECK(ShareCalibrated(promises, 0.26) == doctest::Approx(1.0));
  CHECK(ShareCalibrated({}, 0.05) == 0);
}

TEST_CASE("Promises: the engine keeps what it says, on seeds that its weights were not fitted on") {
  std::vector<Promise> all;
  for (const auto& family : Families()) {
    if (family.infeasible) continue;
    for (const std::uint64_t seed : {2000, 2001}) {
      const auto engine = MakeEngine("lease");
      const auto promises = Promises(Generate(family, seed, 42), **engine);
      all.insert(all.end(), promises.begin(), promises.end());
    }
  }
  double confidence = 0;
  double kept = 0;
  for (const auto& promise : all) {
    confidence += promise.confidence;
    kept += promise.kept ? 1 : 0;
  }
  const auto count = static_cast<double>(all.size());
  CHECK(confidence / count == doctest::Approx(kept / count).epsilon(0.05));
  CHECK(ShareCalibrated(all, 0.1) > 0.85);
}

}  // namespace
}  // namespace plimsoll::replay
