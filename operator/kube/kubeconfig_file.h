// SPDX-License-Identifier: Apache-2.0
//
// One kubeconfig file as plain values: YAML is read once, here, and travels no further.
#pragma once

#include <map>
#include <string>

#include "advisor/base/result.h"
#include "operator/kube/config.h"

namespace plimsoll::kube {

struct KubeconfigCluster {
  std::string server;
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  PemSource ca;
  std::string proxy_url;
  bool disable_compression = false;
};

struct KubeconfigUser {
  PemSource client_certificate;
  PemSource client_key;
  std::string token;
  std::string token_file;
  std::string username;
  std::string password;
  std::optional<ExecPlugin> exec;
  Impersonation impersonate;
};

struct KubeconfigContext {
  std::string cluster;
  std::string user;
  std::string ns;
};

// Entries by name. `where` of an entry is the file it came from, for messages.
template <class T>
struct Sourced {
  T value;
  std::string where;
};

struct KubeconfigFile {
  std::map<std::string, Sourced<KubeconfigCluster>> clusters;
  std::map<std::string, Sourced<KubeconfigUser>> users;
  std::map<std::string, Sourced<KubeconfigContext>> contexts;
  std::string current_context;

  // Takes over what this file does not have: the first file that sets a value wins.
  void Merge(KubeconfigFile other);
};

// Relative paths in the file become relative to the file's folder. kInvalid names file, entry and
// key; kNotFound when the file is not there.
[[nodiscard]] Result<KubeconfigFile> ReadKubeconfigFile(const std::string& path);
// The same of a text that was read from `path`.
[[nodiscard]] Result<KubeconfigFile> ParseKubeconfig(const std::string& text,
                                                     const std::string& path);

}  // namespace plimsoll::kube
