// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/stats_endpoint.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "operator/api/names.h"
#include "tests/operator/fleet/pods.h"

namespace plimsoll::fleet {
namespace {

using Annotations = std::vector<std::pair<std::string, std::string>>;

// Containers "app" and "proxy", in this order.
kube::Pod Annotated(const Annotations& annotations) {
  kube::Pod pod = APod("a", 64_MiB, 128_MiB);
  kube::Container proxy = pod.containers.front();
  proxy.name = "proxy";
  pod.containers = {pod.containers.front(), proxy};
  std::vector<kube::KeyValue> all;
  for (const auto& [key, value] : annotations) all.push_back({key, value});
  pod.meta.annotations = kube::Labels(std::move(all));
  return pod;
}
kube::Pod WithSocket(const std::string& value) {
  return Annotated({{std::string(api::kStatsSocketAnnotation), value}});
}
kube::Pod WithPort(const std::string& value) {
  return Annotated({{std::string(api::kStatsPortAnnotation), value}});
}

TEST_CASE("StatsEndpointOf: without annotations the default socket, and no port") {
  const StatsEndpoint app = StatsEndpointOf(Annotated({}), "app");
  CHECK(app.socket.empty());
  CHECK(app.port == 0);
  CHECK(app.problem.empty());
}

TEST_CASE("StatsEndpointOf: a bare value is of the container that kubectl takes, and of no other") {
  CHECK(StatsEndpointOf(WithSocket("/run/a=b.sock"), "app").socket == "/run/a=b.sock");
  CHECK(StatsEndpointOf(WithSocket("/run/a.sock"), "proxy").socket.empty());
  CHECK(StatsEndpointOf(WithPort("9477"), "app").port == 9477);
  CHECK(StatsEndpointOf(WithPort(" 9477 "), "proxy").port == 0);

  const std::string key(api::kStatsSocketAnnotation);
  const kube::Pod named =
      Annotated({{"kubectl.kubernetes.io/default-container", "proxy"}, {key, "/run/a.sock"}});
  CHECK(StatsEndpointOf(named, "proxy").socket == "/run/a.sock");
  CHECK(StatsEndpointOf(named, "app").socket.empty());
  const kube::Pod nobody =
      Annotated({{"kubectl.kubernetes.io/default-container", "gone"}, {key, "/run/a.sock"}});
  CHECK(StatsEndpointOf(nobody, "app").socket == "/run/a.sock");
}

TEST_CASE("StatsEndpointOf: containers are named one by one") {
  const kube::Pod pod = Annotated(
      {{std::string(api::kStatsPortAnnotation), "proxy=15000"},
       {std::string(api::kStatsSocketAnnotation), "app=/run/a.sock, proxy = /run/p.sock"}});
  CHECK(StatsEndpointOf(pod, "app").socket == "/run/a.sock");
  CHECK(StatsEndpointOf(pod, "app").port == 0);
  CHECK(StatsEndpointOf(pod, "proxy").socket == "/run/p.sock");
  CHECK(StatsEndpointOf(pod, "proxy").port == 15000);
}

TEST_CASE("StatsEndpointOf: what cannot be meant is told with the remedy, and nothing is read") {
  const std::string longest = "/" + std::string(106, 'x');
  CHECK(StatsEndpointOf(WithSocket(longest), "app").socket == longest);
  CHECK(StatsEndpointOf(WithSocket("/run/..a/b"), "app").socket == "/run/..a/b");
  for (const std::string& value :
       {std::string("run/app.sock"), std::string(), std::string("/"), longest + "x",
        std::string("/run/../host.sock"), std::string("/run/.."), std::string("/run/a\nb"),
        std::string("/run/a\0b", 8), std::string("/run/\xc3\xa9"), std::string("app=")}) {
    CAPTURE(value);
    const StatsEndpoint bad = StatsEndpointOf(WithSocket(value), "app");
    CHECK(bad.socket.empty());
    CHECK(bad.problem.starts_with("annotation plimsoll.dev/stats-socket: "));
    CHECK(bad.problem.find("such as /run/app/stats.sock; correct it") != std::string::npos);
    CHECK(StatsEndpointOf(WithSocket(value), "proxy").problem.empty());
  }
  const StatsEndpoint flood = StatsEndpointOf(WithSocket(std::string(5000, ',')), "app");
  CHECK(flood.problem.find("longer than 4096 bytes") != std::string::npos);
  CHECK(StatsEndpointOf(WithPort("1"), "app").port == 1);
  CHECK(StatsEndpointOf(WithPort("65535"), "app").port == 65535);
  for (const char* value : {"0", "65536", "-1", "http", "", "9477x", "+1", "0x1", "9477/tcp"}) {
    CAPTURE(value);
    const StatsEndpoint bad = StatsEndpointOf(WithPort(value), "app");
    CHECK(bad.port == 0);
    CHECK(bad.problem.starts_with("annotation plimsoll.dev/stats-port: "));
    CHECK(bad.problem.find("such as \"9477\"") != std::string::npos);
  }
}

TEST_CASE(
    "StatsEndpointOf: a bad entry spoils its own container, an unknown name the default one") {
  const kube::Pod own = WithSocket("app=/run/a.sock,proxy=nowhere");
  CHECK(StatsEndpointOf(own, "app").socket == "/run/a.sock");
  CHECK(StatsEndpointOf(own, "proxy").problem.find("\"nowhere\"") != std::string::npos);

  const kube::Pod unknown = WithSocket("ap=/run/a.sock,proxy=/run/p.sock");
  CHECK(StatsEndpointOf(unknown, "app").problem.find("\"ap\" is no container of this pod") !=
        std::string::npos);
  CHECK(StatsEndpointOf(unknown, "proxy").socket == "/run/p.sock");

  CHECK(StatsEndpointOf(WithPort("1,app=2"), "app").problem.find("given twice") !=
        std::string::npos);
  // A value of any size and bytes makes a message of a line.
  const StatsEndpoint odd = StatsEndpointOf(WithSocket(std::string(100'000, '\x01')), "app");
  CHECK(odd.problem.size() < 400);
  CHECK(odd.problem.find('\x01') == std::string::npos);
}

TEST_CASE("Fleet: the agent is told where statistics are") {
  Fleet fleet;
  kube::Pod pod = Annotated({{std::string(api::kStatsPortAnnotation), "9477"},
                             {std::string(api::kStatsSocketAnnotation), "/run/a.sock"}});
  fleet.PutPod(kShopWeb, kWebIdentity, Shared(pod));
  REQUIRE(fleet.WatchedOn("n1").size() == 1);
  CHECK(fleet.WatchedOn("n1")[0].stats.socket == "/run/a.sock");
  CHECK(fleet.WatchedOn("n1")[0].stats.port == 9477);

  fleet.PutPod(kShopWeb, kWebIdentity, Shared(WithPort("many")));
  CHECK(fleet.WatchedOn("n1")[0].stats.socket.empty());
  CHECK(fleet.WatchedOn("n1")[0].stats.port == 0);
  CHECK_FALSE(fleet.WatchedOn("n1")[0].stats.problem.empty());
}

}  // namespace
}  // namespace plimsoll::fleet
