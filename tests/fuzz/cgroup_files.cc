// SPDX-License-Identifier: Apache-2.0
//
// What the kernel's files could hold if they were not the kernel's: every parser gives a value or
// an error, and no value is beyond what a node can have.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "operator/agent/cgroup/kube_path.h"
#include "operator/agent/cgroup/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ParseCount(text);
  if (const auto bytes = ParseBytes(text); bytes && bytes->count() < 0) std::abort();
  if (const auto limit = ParseLimit(text); limit && *limit && (*limit)->count() < 0) std::abort();
  (void)KeyedFile::Parse(text);
  (void)ParsePressure(text);
  if (const auto path = ParseKubePath(text); path && path->pod_uid.empty()) std::abort();
  return 0;
}
