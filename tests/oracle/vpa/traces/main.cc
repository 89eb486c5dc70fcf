// SPDX-License-Identifier: Apache-2.0
//
// vpa-traces: writes traces with our port's answers, for the oracle beside this folder to check
// against VPA's own code. First the golden ones (every bucket edge, windows, OOM, spikes of each
// age), then COUNT random ones from SEED.
//   vpa-traces COUNT SEED | vpa-oracle
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "advisor/replay/baselines/vpa.h"

namespace plimsoll::replay {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 1440 * kMinute;
constexpr std::int64_t kStart = 1'790'000'000'000;
constexpr std::int64_t kMiB = 1 << 20;

// Prints every order as it carries it out on the port.
class Writer {
 public:
  Writer(int floor_mib, std::size_t pods, std::size_t label_sets)
      : floor_(Bytes(floor_mib * kMiB)), pods_(pods), aggregates_(label_sets) {
    std::printf("new %d %zu %zu\n", floor_mib, pods, label_sets);
  }
  void Use(std::size_t pod, std::int64_t ms, std::int64_t bytes) {
    std::printf("use %zu %lld %lld\n", pod, Wide(ms), Wide(bytes));
    pods_[pod].AddUsage(Aggregate(pod), At(ms), Bytes(bytes));
  }
  void Oom(std::size_t pod, std::int64_t ms, std::int64_t request) {
    std::printf("oom %zu %lld %lld\n", pod, Wide(ms), Wide(request));
    pods_[pod].AddOom(Aggregate(pod), At(ms), Bytes(request));
  }
  VpaRecommendation Want() {
    VpaAggregate merged;
    for (const auto& aggregate : aggregates_) merged.Merge(aggregate);
    const auto answer = merged.Recommend(floor_);
    std::printf("want %lld %lld %lld\n", Wide(answer.lower.count()), Wide(answer.target.count()),
                Wide(answer.upper.count()));
    return answer;
  }
  static void Act(const VpaRecommendation& answer, std::int64_t request, std::int64_t age_ms,
                  bool quick) {
    VpaPod pod;
    if (request > 0) pod.request = Bytes(request);
    pod.age = Duration(age_ms);
    pod.quick_oom = quick;
    std::printf("act %lld %lld %d %d\n", Wide(request), Wide(age_ms), quick,
                VpaShouldUpdate(answer, pod));
  }

 private:
  static long long Wide(std::int64_t value) { return value; }
  static TimePoint At(std::int64_t ms) { return TimePoint(Duration(ms)); }
  VpaAggregate& Aggregate(std::size_t pod) { return aggregates_[pod % aggregates_.size()]; }

  Bytes floor_;
  std::vector<VpaContainer> pods_;
  std::vector<VpaAggregate> aggregates_;
};

void EveryBucketEdge() {
  for (int bucket = 0; bucket < VpaHistogram::kBuckets; ++bucket) {
    const auto edge = static_cast<std::int64_t>(VpaHistogram::BucketStart(bucket));
    for (const std::int64_t bytes : {edge - 1, edge, edge + 1}) {
      Writer trace(0, 1, 1);
      trace.Use(0, kStart, bytes);
      trace.Use(0, kStart + kMinute, bytes);
      trace.Want();
    }
  }
}

void SpikeOnEachDay() {
  for (std::int64_t spike = 0; spike < 8; ++spike) {
    Writer trace(250, 1, 1);
    for (std::int64_t minute = 0; minute < 8 * 1440; minute += 5) {
      const bool high = minute == spike * 1440 + 600;
      trace.Use(0, kStart + minute * kMinute, (high ? 2048 : 500) * kMiB);
    }
    trace.Want();
  }
}

void TiesOfTenReplicas() {
  Writer trace(0, 10, 1);
  for (std::int64_t day = 0; day < 3; ++day) {
    for (std::size_t pod = 0; pod < 10; ++pod) {
      trace.Use(pod, kStart + day * kDay, pod < 5 ? 100 * kMiB : 300 * kMiB);
    }
    trace.Want();
  }
}

void NothingYet() {
  Writer trace(250, 1, 1);
  trace.Want();
  trace.Oom(0, kStart, 64 * kMiB);
  trace.Want();
}

// Usage that wanders and jumps, OOMs, gaps of up to 200 days, samples out of order and negative.
void RandomTrace(std::mt19937_64& random) {
  const auto below = [&random](std::uint64_t limit) {
    return static_cast<std::int64_t>(random() % limit);
  };
  const auto label_sets = static_cast<std::size_t>(1 + below(2));
  const auto pods = label_sets * static_cast<std::size_t>(1 + below(4));
  Writer trace(below(2) == 0 ? 250 : 0, pods, label_sets);
  std::int64_t time = kStart + below(1'000'000'000);
  double level =
      std::exp2(20 + static_cast<double>(below(20)) + static_cast<double>(below(100)) / 100);
  const std::int64_t steps = 20 + below(400);
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto pod = static_cast<std::size_t>(below(pods));
    const auto dice = below(1000);
    level *= 1 + (static_cast<double>(below(2001)) - 1000) / 10000;
    if (dice < 5) level *= 3;
    if (dice >= 5 && dice < 10) level /= 3;
    time += dice == 11  ? below(200) * kDay
            : dice < 60 ? below(30) * 3'600'000
                        : below(20 * kMinute);
    const auto bytes = static_cast<std::int64_t>(level);
    if (dice >= 60 && dice < 80) {
      trace.Oom(pod, time - below(2) * below(3 * kDay), bytes);
    } else {
      trace.Use(pod, dice >= 80 && dice < 100 ? time - below(kDay) : time,
                dice == 12 ? -bytes : bytes);
    }
    if (below(40) != 0) continue;
    const auto answer = trace.Want();
    const auto target = answer.target.count();
    for (const std::int64_t request :
         {std::int64_t{0}, target, target * 9 / 10, target * 11 / 10, answer.lower.count(),
          answer.upper.count(), below(2'000'000'000)}) {
      Writer::Act(answer, request, below(2) * 12 * 3'600'000 + below(3) - 1, below(3) == 0);
    }
  }
  trace.Want();
}

}  // namespace
}  // namespace plimsoll::replay

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: vpa-traces COUNT SEED\n");
    return 2;
  }
  using namespace plimsoll::replay;
  EveryBucketEdge();
  SpikeOnEachDay();
  TiesOfTenReplicas();
  NothingYet();
  std::mt19937_64 random(std::strtoull(argv[2], nullptr, 10));
  for (long i = std::strtol(argv[1], nullptr, 10); i > 0; --i) RandomTrace(random);
  return 0;
}
