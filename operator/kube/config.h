// SPDX-License-Identifier: Apache-2.0
//
// Where the cluster is and who we are there: from kubeconfig files (every key kubectl reads) or
// from the service account of a pod. Only says where credentials lie; credentials.h reads them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advisor/base/result.h"

namespace plimsoll::kube {

// PEM text given in place, or a file that is read again when it changes. Neither: unset.
struct PemSource {
  std::string data = {};
  std::string file = {};
  [[nodiscard]] bool empty() const { return data.empty() && file.empty(); }
};

// A program that prints an ExecCredential (users[].user.exec).
struct ExecPlugin {
  std::string command = {};  // absolute, relative to the kubeconfig, or looked up in PATH
  std::vector<std::string> args = {};
  std::vector<std::pair<std::string, std::string>> env = {};
  std::string api_version = {};   // client.authentication.k8s.io/v1 or v1beta1
  std::string install_hint = {};  // shown when the command is not there
  bool provide_cluster_info = false;
};

// Headers that ask the server to treat us as somebody else.
struct Impersonation {
  std::string user = {};
  std::string uid = {};
  std::vector<std::string> groups = {};
  std::map<std::string, std::vector<std::string>> extra = {};
};

struct ClusterConfig {
  std::string server = {};           // "https://10.96.0.1:443", may carry a path prefix
  std::string tls_server_name = {};  // name to expect in the certificate instead of the URL's host
  bool insecure_skip_tls_verify = false;
  PemSource ca = {};  // unset: the system's roots
  std::string proxy_url = {};
  bool disable_compression = false;

  PemSource client_certificate = {};
  PemSource client_key = {};
  std::string token = {};
  std::string token_file = {};  // wins over token; read again every minute and on 401
  std::string username = {};
  std::string password = {};
  std::optional<ExecPlugin> exec = {};
  Impersonation impersonate = {};

  std::string default_namespace = "default";
  std::string context = {};  // the kubeconfig context it came from; "" in a cluster
};

// Reads an environment variable; nullopt when it is not set. Tests pass their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] Environment ProcessEnvironment();

struct KubeconfigOptions {
  std::string path = {};     // --kubeconfig; when set, KUBECONFIG and ~/.kube/config are not read
  std::string context = {};  // --context; "" = current-context
  Environment environment = ProcessEnvironment();
};

// Merges the files of `path`, else KUBECONFIG (a ':' list, the first file that sets a value wins),
// else ~/.kube/config. Errors name file, entry and key, and what to write there.
// kNotFound when there is no file at all.
[[nodiscard]] Result<ClusterConfig> LoadKubeconfig(const KubeconfigOptions& options);

// The pod's own service account. kNotFound when not running in a pod.
[[nodiscard]] Result<ClusterConfig> InClusterConfig(
    const Environment& environment = ProcessEnvironment(),
    const std::string& service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount");

// What every program wants: an explicit path or KUBECONFIG if given, else in-cluster, else
// ~/.kube/config.
[[nodiscard]] Result<ClusterConfig> LoadConfig(const KubeconfigOptions& options);

}  // namespace plimsoll::kube
