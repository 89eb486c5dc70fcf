// SPDX-License-Identifier: Apache-2.0
//
// Watches 110 containers on real cgroups with the real agent: 55 pods of two containers, each
// growing and shrinking a little, one operator that takes everything in over mutual TLS. First all
// at 1 Hz, which the goal is for; then the same with every fifth at 85 % of its limit, looked at
// ten times a second and told of at once at each growth. Measures the agent's process whole: CPU of
// all its threads as the scheduler counts it, and the largest resident set. Usage: agent_bench
// SETTLE_SECONDS MEASURE_SECONDS
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/real_cgroup.h"
#include "tests/operator/agent/support/tls_files.h"

namespace plimsoll::kernel_test {
namespace {

constexpr int kPods = 55;
constexpr double kCpuGoal = 0.5;   // percent of a core
constexpr double kRssGoal = 16.0;  // MiB

// Nanoseconds on a CPU, of all threads, those that have ended left out (the agent ends none).
double CpuSeconds(pid_t pid) {
  double nanos = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream file(task.path() / "schedstat");
    double one = 0;
    file >> one;
    nanos += one;
  }
  return nanos / 1e9;
}

double StatusMib(pid_t pid, const std::string& key) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; file >> word;) {
    double kib = 0;
    if (word == key + ":" && file >> kib) return kib / 1024;
  }
  return -1;
}

struct Cost {
  double seconds = 0, cpu_percent = 0, rss_mib = 0;
};

Cost Measure(const AgentProcess& agent, OperatorStream& stream, int settle_seconds,
             int measure_seconds) {
  std::this_thread::sleep_for(std::chrono::seconds(settle_seconds));
  const auto start = std::chrono::steady_clock::now();
  const double cpu_before = CpuSeconds(agent.pid());
  Cost cost;
  for (int second = 0; second < measure_seconds; ++second) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    if (second % 15 == 14) stream.AckAll();
    cost.rss_mib = std::max(cost.rss_mib, StatusMib(agent.pid(), "VmRSS"));
  }
  cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  cost.cpu_percent = 100 * (CpuSeconds(agent.pid()) - cpu_before) / cost.seconds;
  return cost;
}

// Of 48 MiB: a tenth at rest, 85 % near the limit; 4 MiB more come and go at 1 MiB/s.
std::unique_ptr<Load> Breathing(const KubeTree::Container& container, bool near) {
  return std::make_unique<Load>(container,
                                std::vector<std::string>{"breathe", "4", near ? "40" : "5"});
}

int Run(int settle_seconds, int measure_seconds) {
  namespace at = agent::testing;
  using certificates::Usage;
  const certificates::KeyPair authority = at::Authority("bench");
  const certificates::KeyPair client = at::Leaf(authority, "operator", Usage::kClient);
  at::TlsDirectory tls;
  tls.Put(at::Leaf(authority, "agent.bench", Usage::kServer), authority.certificate);
  Wire wire;
  wire.credentials = grpc::SslCredentials({authority.certificate, client.key, client.certificate});
  wire.server_name = "agent.bench";
  wire.flags = {"--tls-dir", tls.path()};

  KubeTree tree;
  std::vector<KubeTree::Container> containers;
  std::vector<std::unique_ptr<Load>> loads;
  for (int i = 0; i < kPods; ++i) {
    const KubeTree::Pod pod = tree.AddPod(96);
    for (int j = 0; j < 2; ++j) {
      containers.push_back(tree.AddContainer(pod, 48));
      loads.push_back(Breathing(containers.back(), false));
    }
  }
  const AgentProcess agent(tree, "", {}, wire);
  OperatorStream stream(agent.address(), wire);
  stream.Watch(containers);
  if (!stream.Until([&] {
        const auto statuses = stream.Statuses();
        return !statuses.empty() && statuses.back().containers_watched() == containers.size();
      })) {
    std::fprintf(stderr, "the agent does not watch all containers\n");
    return 1;
  }
  const Cost calm = Measure(agent, stream, settle_seconds, measure_seconds);
  std::size_t digests = 0;
  for (const auto& container : containers) digests += stream.Digests(container.id, false).size();
  for (std::size_t i = 0; i < loads.size(); i += 5) {
    loads[i].reset();
    loads[i] = Breathing(containers[i], true);
  }
  const Cost near = Measure(agent, stream, settle_seconds, measure_seconds);
  std::size_t urgent = 0;
  for (const auto& container : containers) urgent += stream.Digests(container.id, true).size();

  std::printf("at 1 Hz: %zu containers, %.0f s, %zu digests: CPU %.3f %% of a core, %.1f MiB\n",
              containers.size(), calm.seconds, digests, calm.cpu_percent, calm.rss_mib);
  std::printf("every fifth at 10 Hz: %.0f s, %zu urgent readings: CPU %.3f %%, %.1f MiB\n",
              near.seconds, urgent, near.cpu_percent, near.rss_mib);
  std::printf(
      "resident at the end: anonymous %.1f MiB, file %.1f MiB; at the start at most %.1f MiB\n",
      StatusMib(agent.pid(), "RssAnon"), StatusMib(agent.pid(), "RssFile"),
      StatusMib(agent.pid(), "VmHWM"));
  // The baseline is the budget; the ratio is that of the worse of the two.
  const double rss = std::max(calm.rss_mib, near.rss_mib);
  const double ratio = std::max(calm.cpu_percent / kCpuGoal, rss / kRssGoal);
  std::printf("agent value=%.3f%%,%.1fMiB baseline=%.1f%%,%.0fMiB ratio=%.2f goal=1.00 %s\n",
              calm.cpu_percent, rss, kCpuGoal, kRssGoal, ratio, ratio <= 1 ? "ok" : "short");
  // A digest each 15 s, one window being cut at each end.
  const std::size_t windows = static_cast<std::size_t>(calm.seconds / 15);
  return digests + containers.size() >= containers.size() * windows ? 0 : 1;
}

}  // namespace
}  // namespace plimsoll::kernel_test

int main(int argc, char** argv) {
  const int settle = argc == 3 ? std::atoi(argv[1]) : 0;
  const int measure = argc == 3 ? std::atoi(argv[2]) : 0;
  if (settle <= 0 || measure <= 0) {
    std::fprintf(stderr, "usage: agent_bench SETTLE_SECONDS MEASURE_SECONDS\n");
    return 2;
  }
  return plimsoll::kernel_test::Run(settle, measure);
}
