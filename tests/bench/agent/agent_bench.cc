// SPDX-License-Identifier: Apache-2.0
//
// Watches 110 containers on real cgroups with the real agent for a minute: 55 pods of two
// containers, a fifth of them near their limit, each growing and shrinking a little, one operator
// that takes everything in over mutual TLS. Measures the agent's process whole: CPU of all its
// threads as the scheduler counts it, and the largest resident set. Usage: agent_bench
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
      // Of 48 MiB: a tenth in most, 85 % in every fifth.
      const bool near = containers.size() % 5 == 0;
      loads.push_back(std::make_unique<Load>(
          containers.back(), std::vector<std::string>{"breathe", "4", near ? "40" : "5"}));
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
  std::this_thread::sleep_for(std::chrono::seconds(settle_seconds));
  const auto start = std::chrono::steady_clock::now();
  const double cpu_before = CpuSeconds(agent.pid());
  double rss = 0;
  for (int second = 0; second < measure_seconds; ++second) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    if (second % 15 == 14) stream.AckAll();
    rss = std::max(rss, StatusMib(agent.pid(), "VmRSS"));
  }
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double cpu = 100 * (CpuSeconds(agent.pid()) - cpu_before) / wall;
  std::size_t digests = 0, urgent = 0;
  for (const KubeTree::Container& container : containers) {
    digests += stream.Digests(container.id, false).size();
    urgent += stream.Digests(container.id, true).size();
  }
  std::printf("%zu containers, %.0f s: %zu digests, %zu urgent readings\n", containers.size(), wall,
              digests, urgent);
  std::printf("CPU %.3f %% of a core; resident %.1f MiB (anonymous %.1f, file %.1f)\n", cpu, rss,
              StatusMib(agent.pid(), "RssAnon"), StatusMib(agent.pid(), "RssFile"));
  // The baseline is the budget; the ratio is that of the worse of the two.
  const double ratio = std::max(cpu / kCpuGoal, rss / kRssGoal);
  std::printf("agent value=%.3f%%,%.1fMiB baseline=%.1f%%,%.0fMiB ratio=%.2f goal=1.00 %s\n", cpu,
              rss, kCpuGoal, kRssGoal, ratio, ratio <= 1 ? "ok" : "short");
  // A digest each 15 s, one window being cut at each end.
  return digests + containers.size() >= containers.size() * static_cast<std::size_t>(wall / 15) ? 0
                                                                                                : 1;
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
