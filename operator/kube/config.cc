// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/config.h"

#include <cstdlib>
#include <string_view>

#include "operator/kube/kubeconfig_file.h"
#include "operator/kube/read_file.h"

namespace plimsoll::kube {
namespace {

std::vector<std::string> SplitPaths(std::string_view list) {
  std::vector<std::string> paths;
  while (!list.empty()) {
    const std::size_t end = list.find(':');
    if (end != 0) paths.emplace_back(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return paths;
}

std::string HomeKubeconfig(const Environment& environment) {
  const std::optional<std::string> home = environment("HOME");
  return home && !home->empty() ? *home + "/.kube/config" : std::string();
}

// Files of a KUBECONFIG list may be absent, an explicit one may not.
Result<KubeconfigFile> ReadMerged(const std::vector<std::string>& paths) {
  KubeconfigFile merged;
  std::string missing;
  bool any = false;
  for (const std::string& path : paths) {
    Result<KubeconfigFile> file = ReadKubeconfigFile(path);
    if (!file && file.error().code() == ErrorCode::kNotFound) {
      missing += (missing.empty() ? "" : ", ") + path;
      continue;
    }
    if (!file) return std::unexpected(file.error());
    any = true;
    merged.Merge(std::move(*file));
  }
  if (any) return merged;
  return Fail(ErrorCode::kNotFound,
              missing.empty()
                  ? "no kubeconfig: set KUBECONFIG or pass its path"
                  : "no kubeconfig at " + missing + ": set KUBECONFIG or pass its path");
}

template <class T>
std::string NamesOf(const std::map<std::string, T>& entries) {
  std::string names;
  for (const auto& [name, entry] : entries) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

// A file must be there now; it may change later.
Status CheckFile(const PemSource& source, const std::string& where) {
  if (source.file.empty()) return {};
  const Result<std::string> text = ReadFile(source.file);
  // Not kNotFound: the kubeconfig is there, and wrong.
  if (!text) return Fail(ErrorCode::kInvalid, where + ": " + text.error().message());
  if (text->find("-----BEGIN") == std::string::npos) {
    return Fail(ErrorCode::kInvalid, where + ": " + source.file + " holds no PEM text");
  }
  return {};
}

Status CheckCluster(const ClusterConfig& config, const std::string& at) {
  if (config.server.empty()) {
    return Fail(ErrorCode::kInvalid, at + ".server is missing: write https://HOST:PORT");
  }
  if (!config.server.starts_with("https://") && !config.server.starts_with("http://")) {
    return Fail(ErrorCode::kInvalid,
                at + ".server: \"" + config.server + "\" must begin with https:// (or http://)");
  }
  if (config.insecure_skip_tls_verify && !config.ca.empty()) {
    return Fail(ErrorCode::kInvalid,
                at + ": insecure-skip-tls-verify and certificate-authority exclude each other");
  }
  return CheckFile(config.ca, at + ".certificate-authority");
}

Status CheckUser(const ClusterConfig& config, const std::string& at) {
  if (config.client_certificate.empty() != config.client_key.empty()) {
    const bool key = config.client_key.empty();
    return Fail(ErrorCode::kInvalid, at + "." + (key ? "client-key" : "client-certificate") +
                                         " is missing beside its " +
                                         (key ? "client-certificate" : "client-key"));
  }
  if (const Status ok = CheckFile(config.client_certificate, at + ".client-certificate"); !ok) {
    return ok;
  }
  if (const Status ok = CheckFile(config.client_key, at + ".client-key"); !ok) return ok;
  if (!config.username.empty() && !config.token.empty()) {
    return Fail(ErrorCode::kInvalid, at + ": username and token exclude each other");
  }
  if (config.username.empty() != config.password.empty()) {
    return Fail(ErrorCode::kInvalid, at + (config.password.empty() ? ".password" : ".username") +
                                         " is missing or empty: username and password go together");
  }
  if (!config.token_file.empty()) {
    const Result<std::string> token = ReadFile(config.token_file);
    if (!token) return Fail(ErrorCode::kInvalid, at + ".tokenFile: " + token.error().message());
    if (token->find_first_not_of(" \t\r\n") == std::string::npos) {
      return Fail(ErrorCode::kInvalid, at + ".tokenFile: " + config.token_file + " is empty");
    }
  }
  return {};
}

// `where`: the files that were merged, for errors.
Result<ClusterConfig> Resolve(const KubeconfigFile& file, const std::string& where,
                              const std::string& wanted) {
  const std::string name = wanted.empty() ? file.current_context : wanted;
  if (name.empty()) {
    return Fail(ErrorCode::kInvalid,
                where + ": current-context is not set; set it to one of the contexts: " +
                    NamesOf(file.contexts) + " (kubectl config use-context NAME)");
  }
  const auto context = file.contexts.find(name);
  if (context == file.contexts.end()) {
    return Fail(ErrorCode::kInvalid, where + ": there is no context \"" + name +
                                         "\"; contexts: " + NamesOf(file.contexts));
  }
  const KubeconfigContext& chosen = context->second.value;
  const auto cluster = file.clusters.find(chosen.cluster);
  if (cluster == file.clusters.end()) {
    return Fail(ErrorCode::kInvalid, context->second.where + ": contexts[" + name +
                                         "].cluster: there is no cluster \"" + chosen.cluster +
                                         "\"; clusters: " + NamesOf(file.clusters));
  }
  const auto user = file.users.find(chosen.user);
  if (user == file.users.end() && !chosen.user.empty()) {
    return Fail(ErrorCode::kInvalid, context->second.where + ": contexts[" + name +
                                         "].user: there is no user \"" + chosen.user +
                                         "\"; users: " + NamesOf(file.users));
  }
  const KubeconfigCluster& c = cluster->second.value;
  const KubeconfigUser u = user == file.users.end() ? KubeconfigUser{} : user->second.value;
  ClusterConfig config{.server = c.server,
                       .tls_server_name = c.tls_server_name,
                       .insecure_skip_tls_verify = c.insecure_skip_tls_verify,
                       .ca = c.ca,
                       .proxy_url = c.proxy_url,
                       .disable_compression = c.disable_compression,
                       .client_certificate = u.client_certificate,
                       .client_key = u.client_key,
                       .token = u.token,
                       .token_file = u.token_file,
                       .username = u.username,
                       .password = u.password,
                       .exec = u.exec,
                       .impersonate = u.impersonate,
                       .default_namespace = chosen.ns.empty() ? "default" : chosen.ns,
                       .context = name};
  const std::string at = cluster->second.where + ": clusters[" + chosen.cluster + "]";
  if (const Status ok = CheckCluster(config, at); !ok) return std::unexpected(ok.error());
  if (user != file.users.end()) {
    const std::string who = user->second.where + ": users[" + chosen.user + "]";
    if (const Status ok = CheckUser(config, who); !ok) return std::unexpected(ok.error());
  }
  return config;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Result<ClusterConfig> LoadKubeconfig(const KubeconfigOptions& options) {
  std::vector<std::string> paths;
  if (!options.path.empty()) {
    paths = {options.path};
  } else if (const auto list = options.environment("KUBECONFIG"); list && !list->empty()) {
    paths = SplitPaths(*list);
  } else if (const std::string home = HomeKubeconfig(options.environment); !home.empty()) {
    paths = {home};
  }
  const Result<KubeconfigFile> merged = ReadMerged(paths);
  if (!merged) return std::unexpected(merged.error());
  std::string where;
  for (const std::string& path : paths) where += (where.empty() ? "" : ", ") + path;
  return Resolve(*merged, where, options.context);
}

Result<ClusterConfig> InClusterConfig(const Environment& environment,
                                      const std::string& service_account_folder) {
  const std::string host = environment("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = environment("KUBERNETES_SERVICE_PORT").value_or("");
  if (host.empty() || port.empty()) {
    return Fail(ErrorCode::kNotFound,
                "not running in a pod: KUBERNETES_SERVICE_HOST and _PORT are not set");
  }
  ClusterConfig config;
  const bool ipv6 = host.find(':') != std::string::npos && !host.starts_with('[');
  config.server = "https://" + (ipv6 ? "[" + host + "]" : host) + ":" + port;
  config.token_file = service_account_folder + "/token";
  config.ca.file = service_account_folder + "/ca.crt";
  const std::string at = "the pod's service account";
  const Result<std::string> token = ReadFile(config.token_file);
  if (!token) {
    return std::unexpected(
        Error(ErrorCode::kInvalid,
              at + ": " + token.error().message() + " (is automountServiceAccountToken off?)"));
  }
  if (const Status ok = CheckFile(config.ca, at); !ok) return std::unexpected(ok.error());
  if (Result<std::string> ns = ReadFile(service_account_folder + "/namespace");
      ns && !ns->empty()) {
    config.default_namespace = *ns;
  }
  return config;
}

Result<ClusterConfig> LoadConfig(const KubeconfigOptions& options) {
  const bool named =
      !options.path.empty() || !options.environment("KUBECONFIG").value_or("").empty();
  if (!named) {
    Result<ClusterConfig> config = InClusterConfig(options.environment);
    if (config || config.error().code() != ErrorCode::kNotFound) return config;
  }
  return LoadKubeconfig(options);
}

}  // namespace plimsoll::kube
