// SPDX-License-Identifier: Apache-2.0
//
// Certificates as the operator issues them, and a directory of them as the agent's secret is
// mounted:
// `..data` is a link that is swapped, so that all files change at once.
#pragma once

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "operator/controllers/certificates/x509.h"

namespace plimsoll::agent::testing {

inline certificates::Validity NowForADay() {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  return {now - std::chrono::hours(1), now + std::chrono::hours(24)};
}

inline certificates::KeyPair Authority(const std::string& name) {
  return certificates::MakeAuthority(name, NowForADay()).value();
}

inline certificates::KeyPair Leaf(const certificates::KeyPair& authority, const std::string& name,
                                  certificates::Usage usage) {
  return certificates::Issue(authority, name, usage, NowForADay()).value();
}

class TlsDirectory {
 public:
  TlsDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "plimsoll-tls-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    for (const char* file : {"tls.crt", "tls.key", "ca.crt"}) {
      std::filesystem::create_symlink(std::string("..data/") + file, path_ + "/" + file);
    }
  }
  ~TlsDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TlsDirectory(const TlsDirectory&) = delete;
  TlsDirectory& operator=(const TlsDirectory&) = delete;

  void Put(const certificates::KeyPair& server, const std::string& authority) {
    const std::string version = "..v" + std::to_string(++version_);
    std::filesystem::create_directory(path_ + "/" + version);
    std::ofstream(path_ + "/" + version + "/tls.crt") << server.certificate;
    std::ofstream(path_ + "/" + version + "/tls.key") << server.key;
    std::ofstream(path_ + "/" + version + "/ca.crt") << authority;
    std::filesystem::create_symlink(version, path_ + "/..next");
    std::filesystem::rename(path_ + "/..next", path_ + "/..data");
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  int version_ = 0;
};

}  // namespace plimsoll::agent::testing
