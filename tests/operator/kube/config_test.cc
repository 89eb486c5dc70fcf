// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/config.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "operator/kube/base64.h"

namespace plimsoll::kube {
namespace {

namespace fs = std::filesystem;

class TempFolder {
 public:
  TempFolder() : path_(fs::temp_directory_path() / ("kube-config-" + std::to_string(getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~TempFolder() { fs::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& text) const {
    const fs::path file = path_ / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

const std::string kPem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

// A kubeconfig of one of each, with lines for the cluster, the user and the context.
std::string Kubeconfig(const std::string& cluster, const std::string& user,
                       const std::string& context = "{cluster: c, user: u}") {
  return "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
         "clusters: [{name: c, cluster: " +
         cluster +
         "}]\n"
         "users: [{name: u, user: " +
         user +
         "}]\n"
         "contexts: [{name: x, context: " +
         context + "}]\n";
}

Environment Variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto it = values.find(name);
    return it == values.end() ? std::nullopt : std::optional(it->second);
  };
}

std::string ErrorOf(const TempFolder& folder, const std::string& text) {
  const auto config = LoadKubeconfig({.path = folder.Write("broken", text)});
  REQUIRE_FALSE(config);
  CHECK(config.error().code() == ErrorCode::kInvalid);
  CHECK(config.error().message().find(folder.path()) != std::string::npos);  // names the file
  return config.error().message();
}

TEST_CASE("Kubeconfig: every key is read, and paths are relative to the file") {
  const TempFolder folder;
  folder.Write("pki/ca.crt", kPem);
  folder.Write("pki/me.crt", kPem);
  folder.Write("pki/me.key", kPem);
  folder.Write("token", "secret");
  const std::string path = folder.Write(
      "config",
      Kubeconfig("{server: 'https://a:1/p', tls-server-name: kubernetes, certificate-authority: "
                 "pki/ca.crt, proxy-url: 'http://proxy:3128', disable-compression: true}",
                 "{client-certificate: pki/me.crt, client-key: pki/me.key, token: t, tokenFile: "
                 "token, as: root, as-uid: '7', as-groups: [g], as-user-extra: {k: [v]}}",
                 "{cluster: c, user: u, namespace: shop}"));

  const auto config = LoadKubeconfig({.path = path});

  REQUIRE_MESSAGE(config, config.error().message());
  CHECK(config->server == "https://a:1/p");
  CHECK(config->tls_server_name == "kubernetes");
  CHECK(config->ca.file == folder.path() + "/pki/ca.crt");
  CHECK(config->proxy_url == "http://proxy:3128");
  CHECK(config->disable_compression);
  CHECK(config->client_key.file == folder.path() + "/pki/me.key");
  CHECK(config->token_file == folder.path() + "/token");
  CHECK(config->impersonate.user == "root");
  CHECK(config->impersonate.groups == std::vector<std::string>{"g"});
  CHECK(config->impersonate.extra.at("k") == std::vector<std::string>{"v"});
  CHECK(config->default_namespace == "shop");
  CHECK(config->context == "x");
}

TEST_CASE("Kubeconfig: data in place wins over a file") {
  const TempFolder folder;
  const std::string path =
      folder.Write("config", Kubeconfig("{server: 'https://a', certificate-authority: absent, "
                                        "certificate-authority-data: " +
                                            EncodeBase64(kPem) + "}",
                                        "{token: t}"));
  const auto config = LoadKubeconfig({.path = path});
  REQUIRE_MESSAGE(config, config.error().message());
  CHECK(config->ca.data == kPem);
  CHECK(config->ca.file.empty());
}

TEST_CASE("Kubeconfig: of several files the first that sets a value wins") {
  const TempFolder folder;
  const std::string first =
      folder.Write("one", Kubeconfig("{server: 'https://one'}", "{token: one}"));
  const std::string second =
      folder.Write("two",
                   "current-context: y\n"
                   "clusters: [{name: c, cluster: {server: 'https://two'}}, {name: d, cluster: "
                   "{server: 'https://d'}}]\n"
                   "contexts: [{name: y, context: {cluster: d, user: u}}]\n");
  const Environment environment =
      Variables({{"KUBECONFIG", first + ":" + folder.path() + "/absent:" + second}});

  CHECK(LoadKubeconfig({.environment = environment})->server == "https://one");
  const auto other = LoadKubeconfig({.context = "y", .environment = environment});
  REQUIRE(other);
  CHECK(other->server == "https://d");
  CHECK(other->token == "one");
}

TEST_CASE("Kubeconfig: each broken key is named with its remedy") {
  const TempFolder folder;
  const std::string good = "{server: 'https://a'}";
  struct Case {
    std::string text;
    std::string says;
  };
  const Case cases[] = {
      {"{", "is no YAML"},
      {"[1, 2]", "is no map"},
      {"clusters: 7\n", "clusters must be a list"},
      {"clusters: [{cluster: {}}]\n", "clusters.name is missing"},
      {Kubeconfig("7", "{}"), "clusters[c].cluster must be a map"},
      {Kubeconfig("{}", "{}"), "clusters[c].server is missing"},
      {Kubeconfig("{server: [1]}", "{}"), "clusters[c].cluster.server must be a text"},
      {Kubeconfig("{server: 'ftp://a'}", "{}"), "must begin with https://"},
      {Kubeconfig("{server: 'https://a', insecure-skip-tls-verify: maybe}", "{}"),
       "insecure-skip-tls-verify must be true or false"},
      {Kubeconfig("{server: 'https://a', insecure-skip-tls-verify: true, "
                  "certificate-authority-data: " +
                      EncodeBase64(kPem) + "}",
                  "{}"),
       "exclude each other"},
      {Kubeconfig("{server: 'https://a', certificate-authority: absent}", "{}"),
       "certificate-authority: "},
      {Kubeconfig("{server: 'https://a', certificate-authority-data: '%%%'}", "{}"),
       "certificate-authority-data is no base64"},
      {Kubeconfig("{server: 'https://a', certificate-authority-data: aGVsbG8=}", "{}"),
       "certificate-authority-data holds no PEM text"},
      {Kubeconfig(good, "{client-certificate-data: " + EncodeBase64(kPem) + "}"),
       "client-key is missing"},
      {Kubeconfig(good, "{client-key-data: " + EncodeBase64(kPem) + "}"),
       "client-certificate is missing"},
      {Kubeconfig(good, "{tokenFile: absent}"), "tokenFile: "},
      {Kubeconfig(good, "{token: t, username: u}"), "username and token exclude each other"},
      {Kubeconfig(good, "{username: u}"), "users[u].password is missing or empty"},
      {Kubeconfig(good, "{password: p}"), "users[u].username is missing or empty"},
      {Kubeconfig(good, "{tokenFile: " + folder.Write("blank", " \n") + "}"),
       "users[u].tokenFile: " + folder.path() + "/blank is empty"},
      {"apiVersion: v9\n", "kubeconfig.apiVersion is v9; a kubeconfig has v1"},
      {"kind: Pod\n", "kubeconfig.kind is Pod; a kubeconfig has Config"},
      {Kubeconfig(good, "{as-groups: [g]}"), "users[u].user.as is missing"},
      {Kubeconfig(good, "{as: a, as-groups: {}}"), "as-groups must be a list"},
      {Kubeconfig(good, "{as: a, as-groups: [g, h]}"), "as-groups names several groups"},
      {Kubeconfig(good, "{as: a, as-user-extra: {k: [v, w]}}"),
       "as-user-extra has several values for k"},
      {Kubeconfig(good, "{as: a, as-user-extra: [1]}"), "as-user-extra must be a map of lists"},
      {Kubeconfig(good, "{auth-provider: {name: gcp}}"), "use exec"},
      {Kubeconfig(good, "{exec: true}"), "exec must be a map"},
      {Kubeconfig(good, "{exec: {apiVersion: client.authentication.k8s.io/v1}}"),
       "exec.command is missing"},
      {Kubeconfig(good, "{exec: {command: x, apiVersion: v0}}"), "exec.apiVersion must be"},
      {Kubeconfig(good,
                  "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, "
                  "interactiveMode: Always}}"),
       "there is no terminal"},
      {Kubeconfig(good,
                  "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, "
                  "env: [{value: 1}]}}"),
       "env.name is missing"},
      {Kubeconfig(good, "{}", "{cluster: z, user: u}"), "there is no cluster \"z\"; clusters: c"},
      {Kubeconfig(good, "{}", "{cluster: c, user: z}"), "there is no user \"z\"; users: u"},
  };
  for (const Case& broken : cases) {
    CAPTURE(broken.text);
    const std::string message = ErrorOf(folder, broken.text);
    CAPTURE(message);
    CHECK(message.find(broken.says) != std::string::npos);
  }
}

TEST_CASE("Kubeconfig: no file, no context, an unknown context") {
  const TempFolder folder;
  const auto absent = LoadKubeconfig({.path = folder.path() + "/absent"});
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code() == ErrorCode::kNotFound);
  CHECK(LoadKubeconfig({.environment = Variables({})}).error().code() == ErrorCode::kNotFound);

  const std::string path = folder.Write("config", Kubeconfig("{server: 'https://a'}", "{}"));
  const auto unknown = LoadKubeconfig({.path = path, .context = "y"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message() == path + ": there is no context \"y\"; contexts: x");

  std::string text = Kubeconfig("{server: 'https://a'}", "{}");
  text.erase(text.find("current-context: x\n"), std::string("current-context: x\n").size());
  const std::string none = folder.Write("none", text);
  CHECK(LoadKubeconfig({.path = none}).error().message() ==
        none +
            ": current-context is not set; set it to one of the contexts: x "
            "(kubectl config use-context NAME)");
}

TEST_CASE("Kubeconfig: a file of a hundred megabytes is refused before it is parsed") {
  const TempFolder folder;
  const std::string path = folder.Write("big", "");
  fs::resize_file(path, 100u << 20);
  const auto config = LoadKubeconfig({.path = path});
  REQUIRE_FALSE(config);
  CHECK(config.error().message().find("is larger than") != std::string::npos);
}

TEST_CASE("In-cluster config: the service account's files, also with an IPv6 address") {
  const TempFolder folder;
  folder.Write("token", "t");
  folder.Write("ca.crt", kPem);
  folder.Write("namespace", "plimsoll-system");
  const Environment environment =
      Variables({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}});

  const auto config = InClusterConfig(environment, folder.path());

  REQUIRE_MESSAGE(config, config.error().message());
  CHECK(config->server == "https://[fd00::1]:443");
  CHECK(config->default_namespace == "plimsoll-system");
  CHECK(InClusterConfig(Variables({}), folder.path()).error().code() == ErrorCode::kNotFound);
  const auto no_token = InClusterConfig(environment, folder.path() + "/absent");
  REQUIRE_FALSE(no_token);
  CHECK(no_token.error().message().find("automountServiceAccountToken") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kube
