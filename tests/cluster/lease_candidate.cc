// SPDX-License-Identifier: Apache-2.0
//
// One candidate of a leader election, as a process that a test can kill.
// Usage: lease_candidate KUBECONFIG NAMESPACE LEASE IDENTITY; prints "leading" when it leads.
#include <cstdio>

#include "operator/kube/leader_elector.h"
#include "operator/kube/transport.h"

int main(int argc, char** argv) {
  using namespace plimsoll::kube;
  if (argc != 5) return 2;
  InitializeHttpStack();
  const auto config = LoadKubeconfig({.path = argv[1]});
  if (!config) return std::fprintf(stderr, "%s\n", config.error().message().c_str()), 1;
  auto client = Client::Create(*config);
  if (!client) return std::fprintf(stderr, "%s\n", client.error().message().c_str()), 1;
  auto elector =
      LeaderElector::Create(std::move(*client), {.ns = argv[2],
                                                 .name = argv[3],
                                                 .identity = argv[4],
                                                 .lease_duration = std::chrono::seconds(12),
                                                 .renew_deadline = std::chrono::seconds(10),
                                                 .retry_period = std::chrono::seconds(1),
                                                 .on_leading = [] {
                                                   std::puts("leading");
                                                   std::fflush(stdout);
                                                 }});
  if (!elector) return std::fprintf(stderr, "%s\n", elector.error().message().c_str()), 1;
  return (*elector)->Run({}) ? 0 : 3;
}
