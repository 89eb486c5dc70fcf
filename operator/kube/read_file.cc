// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/read_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace plimsoll::kube {

Result<std::string> ReadFile(const std::string& path, std::size_t max_size) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int code = errno;
    return Fail(code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kForbidden,
                path + ": " + std::strerror(code));
  }
  std::string text(max_size + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Fail(ErrorCode::kInvalid, path + ": cannot be read (is it a folder?)");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_size) {
    return Fail(ErrorCode::kInvalid,
                path + ": is larger than " + std::to_string(max_size) + " bytes");
  }
  return text;
}

}  // namespace plimsoll::kube
