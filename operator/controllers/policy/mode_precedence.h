// SPDX-License-Identifier: Apache-2.0
//
// Which mode a workload is in. One table, strongest first:
//
//   0  guards      a denied namespace is off, and one that is being deleted (nothing can be made in
//                  it); the ceiling caps what 1-4 ask for
//   1  workload    label plimsoll.dev/mode on the workload object
//   2  policy      mode of the MemoryPolicy in force
//   3  namespace   label plimsoll.dev/mode on the Namespace
//   4  default     the operator's --default-mode
//
// A label with any other value counts as "recommend": a typo must neither patch nor hide anything.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "operator/api/mode.h"

namespace plimsoll::policy {

// What nobody in the cluster can override.
struct Guards {
  api::Mode max_mode = api::Mode::kAutoPatch;
  std::set<std::string> denied_namespaces{};
};

enum class ModeSource {
  kDeniedNamespace,
  kEndingNamespace,
  kWorkloadLabel,
  kPolicy,
  kNamespaceLabel,
  kDefault
};

struct ModeQuestion {
  std::string ns;
  bool namespace_ends = false;
  std::optional<std::string> workload_label{};  // the label's value; absent: no label
  std::optional<api::Mode> policy_mode{};       // absent: no policy, or one without a mode
  std::string policy_name{};                    // for telling where a mode came from
  std::optional<std::string> namespace_label{};
  api::Mode default_mode = api::Mode::kRecommend;
};

struct ModeAnswer {
  api::Mode mode = api::Mode::kRecommend;
  ModeSource source = ModeSource::kDefault;
  bool ceiling_reached = false;  // more was asked for than the ceiling allows
  // A label with an unknown value, as a sentence that names the accepted ones; absent: none.
  std::optional<std::string> problem{};
};

[[nodiscard]] ModeAnswer ResolveMode(const Guards& guards, const ModeQuestion& question);

// For people: "workload label", "MemoryPolicy default", "namespace label", ...
[[nodiscard]] std::string SourceText(ModeSource source, const std::string& policy_name);

}  // namespace plimsoll::policy
