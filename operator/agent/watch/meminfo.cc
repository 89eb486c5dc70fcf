// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/meminfo.h"

#include <fcntl.h>

#include <charconv>
#include <string_view>

#include "operator/agent/base/small_file.h"

namespace plimsoll::agent {
namespace {

// "MemTotal:       24683768 kB"
Result<Bytes> KibibytesOf(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  const std::size_t digits = at == std::string_view::npos
                                 ? std::string_view::npos
                                 : text.find_first_not_of(" \t", at + key.size());
  std::int64_t count = 0;
  if (digits == std::string_view::npos ||
      std::from_chars(text.data() + digits, text.data() + text.size(), count).ec != std::errc() ||
      count < 0 || count > (std::int64_t{1} << 50)) {
    return Fail(ErrorCode::kInvalid, "no sound " + std::string(key) + " in meminfo");
  }
  return Bytes(count * 1024);
}

}  // namespace

Result<MemInfo> ReadMemInfo(const std::string& proc) {
  const Result<std::string> text = ReadSmallAt(AT_FDCWD, (proc + "/meminfo").c_str());
  if (!text) return std::unexpected(text.error());
  const Result<Bytes> total = KibibytesOf(*text, "MemTotal:");
  if (!total) return std::unexpected(total.error());
  const Result<Bytes> available = KibibytesOf(*text, "MemAvailable:");
  if (!available) return std::unexpected(available.error());
  return MemInfo{*total, *available};
}

}  // namespace plimsoll::agent
