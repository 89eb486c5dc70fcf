// SPDX-License-Identifier: Apache-2.0
//
// A file of this process with a text, gone with the value.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace plimsoll::cli {

class ScratchFile {
 public:
  explicit ScratchFile(const std::string& text) { std::ofstream(path_) << text; }
  ~ScratchFile() { std::filesystem::remove(path_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = std::filesystem::temp_directory_path() /
                      ("plimsoll-scratch-" + std::to_string(::getpid()) + ".yaml");
};

// A MemoryPolicy with this list of containers, in YAML's flow style.
inline std::string PolicyText(const std::string& containers, const std::string& more = "") {
  return "apiVersion: plimsoll.dev/v1alpha1\nkind: MemoryPolicy\n"
         "metadata: {name: p, namespace: n}\nspec:\n  targetSelector: {}\n  containers: " +
         containers + "\n" + more;
}

}  // namespace plimsoll::cli
