// SPDX-License-Identifier: Apache-2.0
#include "operator/base/trim.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace plimsoll {
namespace {

struct Mapping {
  std::uintptr_t from = 0, to = 0;
  bool read_only_file = false;
  bool untouched = false;  // no page of it was ever written: dropping loses nothing
};

std::vector<Mapping> ReadMappings() {
  std::vector<Mapping> mappings;
  std::ifstream smaps("/proc/self/smaps");
  for (std::string line; std::getline(smaps, line);) {
    std::uintptr_t from = 0, to = 0;
    char permissions[5] = {};
    int path_at = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %n", &from, &to,
                    permissions, &path_at) == 3) {
      const std::string mode = permissions;
      const bool file = path_at > 0 && static_cast<std::size_t>(path_at) < line.size() &&
                        line[static_cast<std::size_t>(path_at)] == '/';
      mappings.push_back({from, to, file && (mode == "r-xp" || mode == "r--p"), false});
    } else if (line.starts_with("Anonymous:") && !mappings.empty()) {
      // Relocated pages are copies of our own, also where they are read-only by now.
      mappings.back().untouched = line.find(" 0 kB") != std::string::npos;
    }
  }
  return mappings;
}

}  // namespace

void TrimResidentMemory() {
  for (const Mapping& mapping : ReadMappings()) {
    if (!mapping.read_only_file || !mapping.untouched) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): an address of our own mapping
    ::madvise(reinterpret_cast<void*>(mapping.from), mapping.to - mapping.from, MADV_DONTNEED);
  }
  ::malloc_trim(0);
}

}  // namespace plimsoll
