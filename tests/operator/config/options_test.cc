// SPDX-License-Identifier: Apache-2.0
#include "operator/config/options.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "operator/config/command_line.h"
#include "operator/config/flag_values.h"

namespace plimsoll::config {
namespace {

TEST_CASE("ParseOptions: without flags the documented defaults") {
  const auto parsed = ParseOptions({});
  REQUIRE(parsed);
  CHECK(parsed->options.default_mode == api::Mode::kRecommend);
  CHECK(parsed->options.max_mode == api::Mode::kAutoPatch);
  CHECK(parsed->options.denied_namespaces.contains("kube-system"));
  CHECK(parsed->options.patches_per_second == 5);
  CHECK(parsed->options.agents);
  CHECK(parsed->options.leader_election);
}

TEST_CASE("ParseOptions: lists are split, blanks dropped") {
  const auto parsed = ParseOptions({"--exclude-containers", "istio-proxy, linkerd-proxy,,"});
  REQUIRE(parsed);
  CHECK(parsed->options.exclude_containers ==
        std::set<std::string>{"istio-proxy", "linkerd-proxy"});
}

TEST_CASE("ParseOptions: the last of a flag counts, as the chart's extraArgs promise") {
  const auto parsed = ParseOptions({"--log-level=info", "--agents=true", "--max-mode=off",
                                    "--log-level", "debug", "--agents=false"});
  REQUIRE(parsed);
  CHECK(parsed->options.log_level == "debug");
  CHECK_FALSE(parsed->options.agents);
  CHECK(parsed->options.max_mode == api::Mode::kOff);
  CHECK_FALSE(ParseOptions({"--log-level=debug", "--log-level=loud"}));
}

TEST_CASE("ParseOptions: a list or name that is taken away may be written --FLAG=") {
  const auto parsed =
      ParseOptions({"--exclude-containers=", "--denied-namespaces=", "--kubeconfig=",
                    "--operator-tls-secret=", "--agent-tls-secret=", "--max-mode=off"});
  REQUIRE(parsed);
  CHECK(parsed->options.exclude_containers.empty());
  CHECK(parsed->options.denied_namespaces.empty());
  CHECK(parsed->options.kubeconfig.empty());
  CHECK(parsed->options.operator_tls_secret.empty());
  CHECK(parsed->options.max_mode == api::Mode::kOff);
}

TEST_CASE("ReadCommandLine: of a flag that collects, all are kept") {
  namespace po = boost::program_options;
  po::options_description flags;
  flags.add_options()("engine", po::value<std::vector<std::string>>()->composing())(
      "family", po::value<std::vector<std::string>>()->multitoken())("input", po::value<int>())(
      "quick", po::bool_switch());
  po::variables_map given;
  po::store(ReadCommandLine({"--engine=a", "--family", "x", "y", "--input=1", "--engine=b",
                             "--family=z", "--quick", "--input=2", "--quick"},
                            flags),
            given);
  using Words = std::vector<std::string>;
  CHECK(given["engine"].as<Words>() == Words{"a", "b"});
  CHECK(given["family"].as<Words>() == Words{"x", "y", "z"});
  CHECK(given["input"].as<int>() == 2);
  CHECK(given["quick"].as<bool>());
}

TEST_CASE("ParseOptions: bad values name the flag and what it may be") {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--max-mode=auto"}, "off, recommend, auto-patch"},
      {{"--patches-per-second=0"}, "0.1 to 1000"},
      {{"--patches-per-second=nan"}, "0.1 to 1000"},
      {{"--objective=cheap"}, "Savings, Balanced or Reliability"},
      {{"--metrics-port=70000"}, "--metrics-port is 70000; a port is 1 to 65535"},
      {{"--probe-wait=-1"}, "--probe-wait is -1; it may be 0 to 3600 seconds"},
      {{"--agent-port=0"}, "--agent-port"},
      {{"--agent-port=-1"}, "--agent-port is -1; a port is 1 to 65535"},
      {{"--leader-election", "false", "junk"}, "'junk' belongs to no flag"},
      {{"--agent-selector=a=b=c,,("}, "--agent-selector is 'a=b=c,,('; a label selector is"},
      {{"--agent-selector="}, "--agent-selector"},
      {{"--agent-namespace="}, "--agent-namespace"},
      {{"--lease-namespace=UPPER_x"}, "--lease-namespace is 'UPPER_x'; a name is"},
      {{"--lease-name=a..b"}, "--lease-name is 'a..b'"},
      {{"--denied-namespaces=,A B,"}, "--denied-namespaces is 'A B'; a name is"},
      {{"--exclude-containers=a,b_c"}, "--exclude-containers is 'b_c'"},
      {{"--operator-tls-secret=X", "--agent-tls-secret=y"}, "--operator-tls-secret is 'X'"},
      {{"--log-level=loud"}, "--log-level"},
      {{"--lease-name="}, "--lease-name"},
      {{"--agent-tls-secret=x"}, "go together"},
      {{"--metrics-address="}, "--metrics-address is empty"},
      {{"--agents="}, "--agents is empty; give it a value or leave it out"},
      {{"--metrics-port="}, "--metrics-port is empty"},
      {{"--patches-per-second", ""}, "--patches-per-second is empty"},
      {{"--log-level="}, "--log-level is ''; it may be"},
      {{"--max-mode="}, "--max-mode is ''; it may be"},
      {{"--version="}, "does not take any arguments"},
      {{"--no-such-flag="}, "--no-such-flag"},
      {{"--no-such-flag"}, "--help"}};
  for (const auto& [arguments, expected] : cases) {
    CAPTURE(arguments[0]);
    const auto parsed = ParseOptions(arguments);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code() == ErrorCode::kInvalid);
    CHECK(parsed.error().message().find(expected) != std::string::npos);
  }
}

TEST_CASE(
    "ParseOptions: what Kubernetes tells of a Service is no flag, what a person sets is one") {
  setenv("PLIMSOLL_METRICS_PORT", "tcp://10.0.0.1:8080", 1);
  const auto service = ParseOptions({});
  setenv("PLIMSOLL_METRICS_PORT", "9090", 1);
  const auto person = ParseOptions({});
  setenv("PLIMSOLL_METRICS_PORT", "http", 1);
  const auto mistaken = ParseOptions({});
  unsetenv("PLIMSOLL_METRICS_PORT");

  REQUIRE(service);
  CHECK(service->options.metrics_port == 8080);
  REQUIRE(person);
  CHECK(person->options.metrics_port == 9090);
  CHECK_FALSE(mistaken);
}

TEST_CASE("ParseOptions: the environment fills in, a flag wins, other variables are passed over") {
  setenv("PLIMSOLL_MAX_MODE", "recommend", 1);
  setenv("PLIMSOLL_OPERATOR_METRICS_PORT_8080_TCP", "tcp://10.0.0.1:8080", 1);
  const auto from_environment = ParseOptions({});
  const auto flag_wins = ParseOptions({"--max-mode=off"});
  unsetenv("PLIMSOLL_MAX_MODE");
  unsetenv("PLIMSOLL_OPERATOR_METRICS_PORT_8080_TCP");

  REQUIRE(from_environment);
  CHECK(from_environment->options.max_mode == api::Mode::kRecommend);
  REQUIRE(flag_wins);
  CHECK(flag_wins->options.max_mode == api::Mode::kOff);
}

TEST_CASE("CheckSelector: what kubectl takes is taken") {
  for (const char* selector :
       {"app=agent", "app.kubernetes.io/component=agent,app.kubernetes.io/instance=p", "a", "!a",
        "a==b,c!=d", "a in (b, c),d notin (e)", "a=", "A_b.c=D"}) {
    CAPTURE(selector);
    CHECK(CheckSelector("--s", selector));
  }
  for (const std::string& selector :
       {std::string(), std::string("a=b,"), std::string("a=b=c"), std::string("a in b"),
        std::string("-a"), std::string("a=b c"), std::string(1025, 'a')}) {
    CAPTURE(selector);
    CHECK_FALSE(CheckSelector("--s", selector));
  }
}

TEST_CASE("CheckEndpoint: a port is a port, an IPv6 address stands in brackets") {
  for (const char* endpoint :
       {"127.0.0.1:0", "[::]:9478", "localhost:65535", "unix-abstract:a-1"}) {
    CAPTURE(endpoint);
    CHECK(CheckEndpoint("--listen", endpoint));
  }
  for (const char* endpoint : {"127.0.0.1:99999", "127.0.0.1:-1", "127.0.0.1:", "127.0.0.1", ":80",
                               "::1:80", "", "a:8o"}) {
    CAPTURE(endpoint);
    const Status checked = CheckEndpoint("--listen", endpoint);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().message().starts_with("--listen is '" + std::string(endpoint) + "'"));
  }
}

TEST_CASE("ParseOptions: --help lists every flag and runs nothing") {
  const auto parsed = ParseOptions({"--help"});
  REQUIRE(parsed);
  CHECK(parsed->text.find("--agent-selector") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::config
