// SPDX-License-Identifier: Apache-2.0
#include "operator/config/options.h"

#include <boost/program_options.hpp>
#include <cstdlib>
#include <sstream>

#include "operator/api/objective.h"
#include "operator/config/command_line.h"
#include "operator/config/flag_values.h"

namespace plimsoll::config {
namespace {

namespace po = boost::program_options;

// As typed; checked afterwards, so that every message can name flag and remedy.
struct Raw {
  std::string default_mode;
  std::string max_mode;
  std::string denied_namespaces;
  std::string objective;
  std::string exclude_containers;
  std::int64_t agent_port = 0;
  std::int64_t metrics_port = 0;
};

po::options_description Describe(Options& options, Raw& raw) {
  po::options_description all("plimsoll-operator sizes the memory of a cluster's containers");
  auto add = all.add_options();
  add("help", "this text");
  add("version", "the version");
  add("probe", po::value(&options.probe)->default_value(""),
      "ask this URL of a running operator (http://HOST:PORT/readyz), print the answer and end: 0 "
      "when "
      "it is 200, else 1; for helm test");
  add("probe-wait", po::value(&options.probe_wait)->default_value(0),
      "with --probe: seconds, 0 to 3600, to go on asking each second until the answer is 200");
  add("kubeconfig", po::value(&options.kubeconfig)->default_value(""),
      "file that tells the cluster; empty: KUBECONFIG, the pod's service account, ~/.kube/config");
  add("log-level", po::value(&options.log_level)->default_value("info"),
      "debug, info, warn or error");
  add("default-mode", po::value(&raw.default_mode)->default_value("recommend"),
      "of workloads that no label or policy speaks for: off, recommend or auto-patch");
  add("max-mode", po::value(&raw.max_mode)->default_value("auto-patch"),
      "ceiling that no label or policy passes: off, recommend or auto-patch");
  add("denied-namespaces",
      po::value(&raw.denied_namespaces)->default_value("kube-system,kube-public,kube-node-lease"),
      "comma-separated namespaces where the mode is off whatever anybody says");
  add("objective", po::value(&raw.objective)->default_value("Balanced"),
      "where no policy says otherwise: Savings, Balanced or Reliability");
  add("exclude-containers", po::value(&raw.exclude_containers)->default_value(""),
      "comma-separated container names that get no advice in any namespace");
  add("patches-per-second", po::value(&options.patches_per_second)->default_value(5),
      "routine resizes a second in the whole cluster, 0.1 to 1000, with a burst of twice that; "
      "answers to OOM kills and raises before them have ten times that to themselves");
  add("agents", po::value(&options.agents)->default_value(true),
      "true: read the nodes' agents; false: nothing is measured");
  add("agent-namespace", po::value(&options.agent_namespace)->default_value("plimsoll"),
      "namespace of the agents' pods");
  add("agent-selector",
      po::value(&options.agent_selector)->default_value("app.kubernetes.io/component=agent"),
      "label selector of the agents' pods");
  add("agent-port", po::value(&raw.agent_port)->default_value(9478),
      "port of the agents' stream, 1 to 65535");
  add("operator-tls-secret", po::value(&options.operator_tls_secret)->default_value(""),
      "Secret in --agent-namespace with the authority and our certificate towards the agents; the "
      "operator fills and renews it. Empty: no TLS, for tests only");
  add("agent-tls-secret", po::value(&options.agent_tls_secret)->default_value(""),
      "Secret in --agent-namespace with the agents' certificate; filled and renewed likewise");
  add("leader-election", po::value(&options.leader_election)->default_value(true),
      "false: act without a lease; only when there is one replica");
  add("lease-name", po::value(&options.lease_name)->default_value("plimsoll-leader"),
      "name of the Lease that replicas compete for");
  add("lease-namespace", po::value(&options.lease_namespace)->default_value("plimsoll"),
      "namespace of that Lease");
  add("metrics-address", po::value(&options.metrics_address)->default_value("::"),
      "address to serve /metrics, /healthz, /readyz and /agentz on; :: is every address of IPv4 "
      "and IPv6");
  add("metrics-port", po::value(&raw.metrics_port)->default_value(8080), "its port, 1 to 65535");
  return all;
}

std::set<std::string> SplitList(const std::string& text) {
  std::set<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) {
    const auto first = name.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    names.insert(name.substr(first, name.find_last_not_of(" \t") - first + 1));
  }
  return names;
}

Result<api::Mode> ModeFlag(const char* flag, const std::string& text) {
  if (const auto mode = api::ParseModeLabel(text)) return *mode;
  return Fail(ErrorCode::kInvalid, std::string(flag) + " is '" + text + "'; it may be one of " +
                                       std::string(api::kModeLabelValues));
}

Result<std::uint16_t> PortFlag(const char* flag, std::int64_t port) {
  if (port >= 1 && port <= 65535) return static_cast<std::uint16_t>(port);
  return Fail(ErrorCode::kInvalid,
              std::string(flag) + " is " + std::to_string(port) + "; a port is 1 to 65535");
}

Status CheckEach(const char* flag, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    if (Status ok = CheckLabel(flag, name); !ok) return ok;
  }
  return {};
}

// The names of what is looked for in the cluster, as far as it is looked for.
Status CheckNames(const Options& options) {
  if (Status ok = CheckEach("--denied-namespaces", options.denied_namespaces); !ok) return ok;
  if (Status ok = CheckEach("--exclude-containers", options.exclude_containers); !ok) return ok;
  if (options.agents) {
    if (Status ok = CheckLabel("--agent-namespace", options.agent_namespace); !ok) return ok;
    if (Status ok = CheckSelector("--agent-selector", options.agent_selector); !ok) return ok;
  }
  if (!options.operator_tls_secret.empty()) {
    if (Status ok = CheckObjectName("--operator-tls-secret", options.operator_tls_secret); !ok) {
      return ok;
    }
    if (Status ok = CheckObjectName("--agent-tls-secret", options.agent_tls_secret); !ok) return ok;
  }
  if (!options.leader_election) return {};
  if (Status ok = CheckLabel("--lease-namespace", options.lease_namespace); !ok) return ok;
  return CheckObjectName("--lease-name", options.lease_name);
}

Status Check(Options& options, const Raw& raw) {
  const auto default_mode = ModeFlag("--default-mode", raw.default_mode);
  if (!default_mode) return std::unexpected(default_mode.error());
  const auto max_mode = ModeFlag("--max-mode", raw.max_mode);
  if (!max_mode) return std::unexpected(max_mode.error());
  const auto objective = api::ObjectiveFlag(raw.objective);
  if (!objective) return std::unexpected(objective.error());
  const auto agent_port = PortFlag("--agent-port", raw.agent_port);
  if (!agent_port) return std::unexpected(agent_port.error());
  const auto metrics_port = PortFlag("--metrics-port", raw.metrics_port);
  if (!metrics_port) return std::unexpected(metrics_port.error());
  if (!(options.patches_per_second >= 0.1 && options.patches_per_second <= 1000)) {
    std::ostringstream text;
    text << "--patches-per-second is " << options.patches_per_second
         << "; it may be 0.1 to 1000 (to stop patching, set --max-mode=recommend)";
    return Fail(ErrorCode::kInvalid, text.str());
  }
  if (options.probe_wait < 0 || options.probe_wait > 3600) {
    return Fail(ErrorCode::kInvalid, "--probe-wait is " + std::to_string(options.probe_wait) +
                                         "; it may be 0 to 3600 seconds");
  }
  options.default_mode = *default_mode;
  options.max_mode = *max_mode;
  options.objective = *objective;
  options.agent_port = *agent_port;
  options.metrics_port = *metrics_port;
  options.denied_namespaces = SplitList(raw.denied_namespaces);
  options.exclude_containers = SplitList(raw.exclude_containers);

  if (options.metrics_address.empty()) {
    return Fail(ErrorCode::kInvalid,
                "--metrics-address is empty; name an address, as :: for every one");
  }
  static const std::set<std::string> kLevels{"debug", "info", "warn", "error"};
  if (!kLevels.contains(options.log_level)) {
    return Fail(ErrorCode::kInvalid,
                "--log-level is '" + options.log_level + "'; it may be debug, info, warn or error");
  }
  if (options.leader_election && (options.lease_name.empty() || options.lease_namespace.empty())) {
    return Fail(ErrorCode::kInvalid,
                "--leader-election needs --lease-name and --lease-namespace; name a Lease, or give "
                "--leader-election=false where there is one replica");
  }
  if (options.operator_tls_secret.empty() != options.agent_tls_secret.empty()) {
    return Fail(ErrorCode::kInvalid,
                "--operator-tls-secret and --agent-tls-secret go together: give both or neither");
  }
  return CheckNames(options);
}

// Kubernetes tells every container the Services of its namespace: one named plimsoll-metrics comes
// as PLIMSOLL_METRICS_PORT=tcp://10.96.0.42:8080, which is not meant for --metrics-port.
bool IsServiceLink(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || !name.ends_with("_PORT")) return false;
  const std::string_view text(value);
  return text.starts_with("tcp://") || text.starts_with("udp://") || text.starts_with("sctp://");
}

}  // namespace

Result<Parsed> ParseOptions(const std::vector<std::string>& arguments) {
  Parsed parsed;
  Raw raw;
  const po::options_description description = Describe(parsed.options, raw);
  try {
    po::variables_map given;
    const auto read = ReadCommandLine(arguments, description);
    po::store(read, given);
    if (given.contains("help")) {
      std::ostringstream text;
      text << description << "\nEach flag may be set in the environment: --max-mode as "
           << "PLIMSOLL_MAX_MODE; a flag wins.\n";
      parsed.text = text.str();
      return parsed;
    }
    if (given.contains("version")) {
      parsed.text = std::string(PLIMSOLL_VERSION) + "\n";
      return parsed;
    }
    const Status no_words =
        CheckNoWords(po::collect_unrecognized(read.options, po::include_positional));
    if (!no_words) return std::unexpected(no_words.error());
    const auto flag_of = [&](std::string name) -> std::string {
      constexpr std::string_view kPrefix = "PLIMSOLL_";
      if (!name.starts_with(kPrefix) || IsServiceLink(name)) return {};
      name.erase(0, kPrefix.size());
      for (char& c : name) c = c == '_' ? '-' : static_cast<char>(std::tolower(c));
      return description.find_nothrow(name, false) != nullptr ? name : std::string();
    };
    po::store(po::parse_environment(description, flag_of), given);
    po::notify(given);
  } catch (const po::error& error) {
    return Fail(ErrorCode::kInvalid, std::string(error.what()) + "; --help lists the flags");
  }
  if (const Status checked = Check(parsed.options, raw); !checked) {
    return std::unexpected(checked.error());
  }
  return parsed;
}

}  // namespace plimsoll::config
