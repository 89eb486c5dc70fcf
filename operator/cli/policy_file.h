// SPDX-License-Identifier: Apache-2.0
//
// A MemoryPolicy from a file, as the cluster would take it: the same reader, the same checks, and
// for each container what the operator would resolve. Its targets are not asked: it is for every
// container of the run.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <set>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/model/policy.h"
#include "operator/api/memory_policy.h"

namespace plimsoll::cli {

class PolicyFile {
 public:
  PolicyFile(std::string path, api::MemoryPolicySpec spec);

  // Of the container `name`, which is "web" or "shop/web": an entry's name is what stands behind
  // the last '/'. To be asked once for each container.
  [[nodiscard]] model::Policy For(std::string_view name);

  // What a reader of the run's numbers should know, a line each: that the mode is not played, which
  // containers are left alone, and which entries are for containers that were not there.
  void WriteNotes(std::ostream& err) const;

 private:
  std::string path_;
  api::MemoryPolicySpec spec_;
  std::set<std::string, std::less<>> unused_;  // names of entries
  std::int64_t left_alone_ = 0;                // containers
  std::string first_left_alone_;
};

// Errors name file, line, field and remedy.
[[nodiscard]] Result<PolicyFile> ReadPolicy(const std::string& path);

}  // namespace plimsoll::cli
