// SPDX-License-Identifier: Apache-2.0
//
// advisor-bench COUNT: our side of the comparison with VPA's own code (tests/oracle/vpa/vpabench),
// on one core, in CPU time: COUNT workloads' containers of ten replicas each with 60 days of
// history. Prints "pass NS" per container, "ingest NS" per digest, "memory BYTES" per container.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "advisor/history/container_history.h"
#include "advisor/recommend/recommend.h"

namespace plimsoll {
namespace {

constexpr int kReplicas = 10;
constexpr int kDays = 60;
constexpr int kDistinct = 64;  // histories that are really lived; the others are copies of these
constexpr int kPasses = 3;
constexpr TimePoint kStart{Duration(1'790'035'200'000)};

double ProcessorNs() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

std::size_t HeapInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

model::MemoryDigest Digest(TimePoint end, std::int64_t seed) {
  model::MemoryDigest digest;
  digest.window_start = end - std::chrono::seconds(15);
  digest.window_end = end;
  digest.samples = 15;
  digest.hard_peak = Bytes((100 << 20) + seed * 7919 % (50 << 20));
  digest.hard_mean = digest.hard_peak - Bytes(1 << 20);
  digest.soft_mean = Bytes(20 << 20);
  digest.usage = digest.hard_peak + Bytes(20 << 20);
  digest.limit = Bytes(256 << 20);
  digest.rise = Bytes(1 << 20);
  digest.container_start = kStart;
  return digest;
}

std::vector<std::string> Pods() {
  std::vector<std::string> pods;
  for (int i = 0; i < kReplicas; ++i)
    pods.push_back("0f5dc3b2-6d41-4f0b-9a3e-00000000000" + std::to_string(i));
  return pods;
}

// One hour of each replica a digest: what the rings keep is the hour's peak.
history::ContainerHistory Lived(int which, const std::vector<std::string>& pods) {
  history::ContainerHistory history;
  for (int hour = 1; hour <= kDays * 24; ++hour) {
    for (int pod = 0; pod < kReplicas; ++pod) {
      const std::int64_t seed = which * 104729LL + hour * 31LL + pod;
      history.Observe(pods[static_cast<std::size_t>(pod)],
                      Digest(kStart + std::chrono::hours(hour), seed));
    }
  }
  return history;
}

int Run(int count) {
  const auto pods = Pods();
  std::vector<history::ContainerHistory> distinct;
  for (int i = 0; i < kDistinct; ++i) distinct.push_back(Lived(i, pods));

  const std::size_t before = HeapInUse();
  std::vector<std::unique_ptr<history::ContainerHistory>> all;
  all.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    all.push_back(std::make_unique<history::ContainerHistory>(
        distinct[static_cast<std::size_t>(i % kDistinct)]));
  }
  const std::size_t held = HeapInUse() - before;

  recommend::Question question;
  question.now = kStart + std::chrono::hours(kDays * 24);
  question.current = {Bytes(200 << 20), Bytes(256 << 20)};
  std::int64_t sum = 0;
  double begin = ProcessorNs();
  for (int pass = 0; pass < kPasses; ++pass) {
    for (const auto& history : all)
      sum += recommend::RecommendNumbers(*history, question).limit->count();
  }
  const double pass_ns = (ProcessorNs() - begin) / kPasses / count;

  std::int64_t taken = 0;
  begin = ProcessorNs();
  for (int tick = 1; tick <= kPasses; ++tick) {
    const TimePoint end = question.now + std::chrono::seconds(15 * tick);
    std::int64_t seed = tick;
    for (const auto& history : all) {
      for (const auto& pod : pods)
        taken += history->Observe(pod, Digest(end, ++seed)) == history::Intake::kTaken;
    }
  }
  const double ingest_ns = (ProcessorNs() - begin) / kPasses / count / kReplicas;
  if (sum <= 0 || taken != static_cast<std::int64_t>(kPasses) * count * kReplicas) {
    std::fprintf(stderr, "advisor-bench: advice or intake is missing\n");
    return 1;
  }
  std::printf("pass %.1f\ningest %.1f\nmemory %.1f\n", pass_ns, ingest_ns,
              static_cast<double>(held) / count);
  return 0;
}

}  // namespace
}  // namespace plimsoll

int main(int argc, char** argv) {
  const int count = argc == 2 ? std::atoi(argv[1]) : 0;
  if (count <= 0) {
    std::fprintf(stderr, "usage: advisor-bench COUNT\n");
    return 2;
  }
  return plimsoll::Run(count);
}
