// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/exec_plugin.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "operator/kube/base64.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/read_file.h"
#include "operator/kube/rfc3339.h"
#include "operator/kube/run_program.h"

namespace plimsoll::kube {
namespace {

using Json = nlohmann::json;

// KUBERNETES_EXEC_INFO: what the program may know about the cluster. The authority is always told
// in place: a file's name means nothing to a program that is told of data.
Result<std::string> ExecInfo(const ExecPlugin& plugin, const ClusterConfig& cluster) {
  Json spec{{"interactive", false}};
  if (plugin.provide_cluster_info) {
    Json about{{"server", cluster.server}};
    if (!cluster.tls_server_name.empty()) about["tls-server-name"] = cluster.tls_server_name;
    if (cluster.insecure_skip_tls_verify) about["insecure-skip-tls-verify"] = true;
    const Result<std::string> ca =
        cluster.ca.file.empty() ? Result<std::string>(cluster.ca.data) : ReadFile(cluster.ca.file);
    if (!ca) return std::unexpected(ca.error().Context("certificate-authority"));
    if (!ca->empty()) about["certificate-authority-data"] = EncodeBase64(*ca);
    if (!cluster.proxy_url.empty()) about["proxy-url"] = cluster.proxy_url;
    spec["cluster"] = std::move(about);
  }
  return Json{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", spec}}
      .dump();
}

std::string TextAt(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace

Result<ExecCredential> ParseExecCredential(std::string_view output,
                                           const std::string& api_version) {
  const Result<Json> json = ParseJson(output);
  if (!json) return std::unexpected(json.error().Context("the program's output"));
  if (!json->is_object() || TextAt(*json, "kind") != "ExecCredential") {
    return Fail(ErrorCode::kInvalid, "the program's output is no ExecCredential");
  }
  if (TextAt(*json, "apiVersion") != api_version) {
    return Fail(ErrorCode::kInvalid, "the program answered in " + TextAt(*json, "apiVersion") +
                                         " instead of " + api_version);
  }
  const auto status = json->find("status");
  if (status == json->end() || !status->is_object()) {
    return Fail(ErrorCode::kInvalid, "the program's output has no status");
  }
  ExecCredential credential{.token = TextAt(*status, "token"),
                            .certificate_pem = TextAt(*status, "clientCertificateData"),
                            .key_pem = TextAt(*status, "clientKeyData"),
                            .expires = std::nullopt};
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return Fail(ErrorCode::kInvalid,
                "the program gave only one of status.clientCertificateData and clientKeyData");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return Fail(ErrorCode::kInvalid, "the program gave neither status.token nor a certificate");
  }
  if (const std::string text = TextAt(*status, "expirationTimestamp"); !text.empty()) {
    const Result<TimePoint> expires = ParseRfc3339(text);
    if (!expires) return std::unexpected(expires.error().Context("status.expirationTimestamp"));
    credential.expires = *expires;
  }
  return credential;
}

Result<ExecCredential> RunExecPlugin(const ExecPlugin& plugin, const ClusterConfig& cluster,
                                     Duration timeout, std::stop_token stop) {
  std::vector<std::pair<std::string, std::string>> environment = plugin.env;
  const Result<std::string> info = ExecInfo(plugin, cluster);
  if (!info) return std::unexpected(info.error());
  environment.emplace_back("KUBERNETES_EXEC_INFO", *info);
  const Result<ProgramOutput> output =
      RunProgram(plugin.command, plugin.args, environment, timeout, std::move(stop));
  if (!output) {
    if (output.error().code() == ErrorCode::kCanceled) return std::unexpected(output.error());
    const bool absent = output.error().code() == ErrorCode::kNotFound;
    const std::string hint =
        absent && !plugin.install_hint.empty() ? " (" + plugin.install_hint + ")" : "";
    return Fail(ErrorCode::kForbidden, output.error().message() + hint);
  }
  if (output->exit_code != 0) {
    return Fail(ErrorCode::kForbidden, plugin.command + " failed with exit code " +
                                           std::to_string(output->exit_code) + ": " +
                                           output->err.substr(0, 1024));
  }
  return ParseExecCredential(output->out, plugin.api_version);
}

}  // namespace plimsoll::kube
