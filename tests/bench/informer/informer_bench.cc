// SPDX-License-Identifier: Apache-2.0
//
// Our side of the informer benchmark: one informer on pods, and what the whole process uses.
// Usage: informer_bench KUBECONFIG [stream|pages]; answers "mark" and "settle" lines as the
// baseline.
#include <malloc.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "operator/kube/informer.h"
#include "operator/kube/transport.h"

namespace {

using namespace plimsoll::kube;

long RssKib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  InitializeHttpStack();
  const auto config = LoadKubeconfig({.path = argv[1]});
  if (!config) return std::fprintf(stderr, "%s\n", config.error().message().c_str()), 1;
  const auto client = Client::Create(*config, {.user_agent = "informer-bench"});
  if (!client) return std::fprintf(stderr, "%s\n", client.error().message().c_str()), 1;

  const bool pages = argc > 2 && std::string(argv[2]) == "pages";
  Informer<Pod> pods(
      **client, PodCodec({.keep_annotation = [](std::string_view) { return false; }}),
      {.reflector = {.initial_list = pages ? InitialList::kPages : InitialList::kStream},
       .on_error = [](const plimsoll::Error& error) {
         std::fprintf(stderr, "%s\n", error.message().c_str());
       }});
  std::atomic<long> events = 0;
  pods.AddHandler({.on_change = [&](const auto& old, const auto& now, bool) {
    if (old && now) ++events;
  }});
  const auto started = std::chrono::steady_clock::now();
  const auto report = [&](const char* what) {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    std::printf("%s objects=%zu events=%ld cpu=%.3f rss_kib=%ld wall=%.3f\n", what, pods.size(),
                events.load(), CpuSeconds(), RssKib(), wall.count());
    std::fflush(stdout);
  };
  pods.Start();
  if (!pods.WaitForSync(std::chrono::minutes(2))) return 1;
  report("synced");
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "settle") ::malloc_trim(0);  // as the operator does after its start
    report(line.c_str());
  }
}
