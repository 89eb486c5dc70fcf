// SPDX-License-Identifier: Apache-2.0
//
// The operator's flags. Each may also come from the environment: --max-mode from PLIMSOLL_MAX_MODE;
// a flag wins. Read once, checked as a whole, handed on as values.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/model/policy.h"
#include "operator/api/mode.h"

namespace plimsoll::config {

struct Options {
  std::string probe;   // a URL to ask instead of being an operator; empty: none
  int probe_wait = 0;  // seconds to go on asking for

  std::string kubeconfig;  // empty: KUBECONFIG, the pod's service account, ~/.kube/config
  std::string log_level;

  api::Mode default_mode = api::Mode::kRecommend;
  api::Mode max_mode = api::Mode::kAutoPatch;
  std::set<std::string> denied_namespaces;
  model::Objective objective = model::Objective::kBalanced;
  std::set<std::string> exclude_containers;

  // Routine resizes a second in the whole cluster, above 0 to 1000; answers to kills have ten times
  // that to themselves.
  double patches_per_second = 5;

  bool agents = true;
  std::string agent_namespace;
  std::string agent_selector;
  std::uint16_t agent_port = 0;
  std::string operator_tls_secret;
  std::string agent_tls_secret;

  bool leader_election = true;
  std::string lease_name;
  std::string lease_namespace;

  std::string metrics_address;
  std::uint16_t metrics_port = 0;
};

struct Parsed {
  Options options;
  std::string text;  // of --help or --version; then nothing is to be run
};

// Errors: kInvalid naming the flag, what it may be, and the remedy.
[[nodiscard]] Result<Parsed> ParseOptions(const std::vector<std::string>& arguments);

}  // namespace plimsoll::config
