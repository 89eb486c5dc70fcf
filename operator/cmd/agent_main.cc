// SPDX-License-Identifier: Apache-2.0
//
// plimsoll-agent: flags and wiring. Runs on every node, needs no right in the Kubernetes API.
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "operator/agent/base/json_log.h"
#include "operator/agent/node_agent.h"
#include "operator/cmd/give_back.h"
#include "operator/config/command_line.h"
#include "operator/config/flag_values.h"

namespace {

namespace po = boost::program_options;
using plimsoll::agent::AgentOptions;
using plimsoll::agent::NodeAgent;

std::string HostName() {
  char name[256] = {};
  ::gethostname(name, sizeof(name) - 1);
  return name;
}

struct Flags {
  AgentOptions agent;
  std::string access, log_level;
  bool insecure = false;
};

po::options_description Describe(Flags& flags) {
  auto& server = flags.agent.server;
  auto& watcher = flags.agent.watcher;
  po::options_description all("plimsoll-agent reads the memory of a node's containers");
  auto add = all.add_options();
  add("help", "this text");
  add("version", "the version");
  add("listen", po::value(&server.listen_address)->default_value("[::]:9478"),
      "address:port of the operator's stream");
  add("health-listen", po::value(&server.health_address)->default_value(""),
      "address:port for the kubelet's gRPC probes, without TLS; empty: none");
  add("tls-dir", po::value(&server.tls_dir)->default_value(""),
      "directory with tls.crt, tls.key and ca.crt; read again when they change");
  add("insecure", po::bool_switch(&flags.insecure),
      "serve without TLS to anybody who can connect; only for tests");
  add("node-name", po::value(&flags.agent.node_name)->default_value(HostName()),
      "this node's name in Kubernetes");
  add("cgroup-root", po::value(&watcher.cgroup_root)->default_value("/sys/fs/cgroup"),
      "where the host's cgroups are mounted, v1 or v2");
  add("proc-root", po::value(&watcher.proc_root)->default_value("/proc"),
      "where the host's procfs is mounted");
  add("kernel-log", po::value(&watcher.kernel_log)->default_value("/dev/kmsg"),
      "the kernel's log; where it may not be opened, syslog(2) is asked");
  add("state-dir", po::value(&watcher.state_dir)->default_value(""),
      "directory that outlives the process: what is written there lets a restart lose and double "
      "no "
      "OOM event; empty: a restart reports anew what counters and the kernel's log still show");
  add("access", po::value(&flags.access)->default_value("process"),
      "process: look at processes, the kernel log and the apps' sockets (host PID namespace); "
      "cgroup: at cgroups only");
  add("log-level", po::value(&flags.log_level)->default_value("info"),
      "debug, info, warn or error");
  return all;
}

std::optional<std::string> Complaint(const Flags& flags) {
  if (flags.access != "process" && flags.access != "cgroup") {
    return "--access must be process or cgroup, not '" + flags.access + "'";
  }
  if (flags.insecure == !flags.agent.server.tls_dir.empty()) {
    return flags.insecure ? "--insecure and --tls-dir exclude each other"
                          : "--tls-dir is missing (or, on a test machine, --insecure)";
  }
  const auto& server = flags.agent.server;
  const auto& watcher = flags.agent.watcher;
  for (const auto& [flag, value] : {std::pair{"--node-name", &flags.agent.node_name},
                                    {"--cgroup-root", &watcher.cgroup_root},
                                    {"--proc-root", &watcher.proc_root},
                                    {"--kernel-log", &watcher.kernel_log}}) {
    if (value->empty()) return std::string(flag) + " is empty; give it a value or leave it out";
  }
  if (const auto ok = plimsoll::config::CheckEndpoint("--listen", server.listen_address); !ok) {
    return ok.error().message();
  }
  if (server.health_address.empty()) return std::nullopt;
  if (const auto ok = plimsoll::config::CheckEndpoint("--health-listen", server.health_address);
      !ok) {
    return ok.error().message();
  }
  return std::nullopt;
}

int Run(Flags flags) {
  // Blocked before any thread starts, so that only the wait below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  flags.agent.version = PLIMSOLL_VERSION;
  flags.agent.watcher.look_at_processes = flags.access == "process";
  auto agent = NodeAgent::Start(std::move(flags.agent));
  if (!agent) {
    spdlog::error("{}", agent.error().message());
    return 1;
  }
  spdlog::info("agent {} instance {} serves on port {}", PLIMSOLL_VERSION, (*agent)->instance(),
               (*agent)->port());
  const timespec between{2, 0};
  int signal = -1;
  for (int round = 0; signal < 0; ++round) {
    (*agent)->ReportHealth();
    // By then an operator has usually connected: what only the start needed is let go of.
    if (round == 5 || round % 900 == 899) plimsoll::cmd::GiveBackStartMemory();
    signal = sigtimedwait(&signals, nullptr, &between);
  }
  spdlog::info("signal {}: stopping", signal);
  agent->reset();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  const po::options_description description = Describe(flags);
  std::vector<std::string> words;
  try {
    po::variables_map given;
    const auto parsed = plimsoll::config::ReadCommandLine({argv + 1, argv + argc}, description);
    po::store(parsed, given);
    if (given.contains("help")) {
      std::cout << description << "\n";
      return 0;
    }
    if (given.contains("version")) {
      std::cout << PLIMSOLL_VERSION << "\n";
      return 0;
    }
    po::notify(given);
    words = po::collect_unrecognized(parsed.options, po::include_positional);
  } catch (const po::error& error) {
    std::cerr << "plimsoll-agent: " << error.what() << "; --help lists the flags\n";
    return 2;
  }
  if (const auto none = plimsoll::config::CheckNoWords(words); !none) {
    std::cerr << "plimsoll-agent: " << none.error().message() << "\n";
    return 2;
  }
  if (const auto complaint = Complaint(flags)) {
    std::cerr << "plimsoll-agent: " << *complaint << "\n";
    return 2;
  }
  if (const auto logging = plimsoll::agent::LogAsJson(flags.log_level); !logging) {
    std::cerr << "plimsoll-agent: " << logging.error().message() << "\n";
    return 2;
  }
  return Run(std::move(flags));
}
