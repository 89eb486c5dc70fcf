// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/kubeconfig_file.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <utility>

#include "operator/kube/base64.h"
#include "operator/kube/read_file.h"

namespace plimsoll::kube {
namespace {

// One mapping of the file. Reads keys by type and remembers the first that is wrong.
class Section {
 public:
  Section(const YAML::Node& node, std::string name, const std::filesystem::path& folder,
          std::string& problem)
      : node_(node), name_(std::move(name)), folder_(folder), problem_(problem) {}

  [[nodiscard]] bool Has(const char* key) const { return Find(key).IsDefined(); }

  std::string Text(const char* key) {
    const YAML::Node value = Find(key);
    if (!value.IsDefined() || value.IsNull()) return {};
    if (!value.IsScalar()) return Refuse(key, "must be a text"), std::string();
    return value.Scalar();
  }
  bool Flag(const char* key) {
    const std::string text = Text(key);
    if (text.empty() || text == "false") return false;
    if (text != "true") Refuse(key, "must be true or false");
    return text == "true";
  }
  // A path, made relative to the file.
  std::string Path(const char* key) {
    const std::string text = Text(key);
    return text.empty() ? text : (folder_ / text).lexically_normal().string();
  }
  // `key` names a file, `key`-data holds the base64 itself and wins.
  PemSource Pem(const std::string& key) {
    PemSource source{.data = {}, .file = Path(key.c_str())};
    const std::string data_key = key + "-data";
    const std::string text = Text(data_key.c_str());
    if (text.empty()) return source;
    const Result<std::string> data = DecodeBase64(text);
    if (!data || data->find("-----BEGIN") == std::string::npos) {
      Refuse(data_key.c_str(), data ? "holds no PEM text inside its base64" : "is no base64");
      return source;
    }
    return {.data = *data, .file = {}};
  }
  std::vector<std::string> Texts(const char* key) {
    std::vector<std::string> texts;
    ForEach(key, [&](const YAML::Node& item) {
      if (!item.IsScalar()) return Refuse(key, "must be a list of texts");
      texts.push_back(item.Scalar());
    });
    return texts;
  }
  template <class Visit>
  void ForEach(const char* key, Visit visit) {
    const YAML::Node list = Find(key);
    if (!list.IsDefined() || list.IsNull()) return;
    if (!list.IsSequence()) return Refuse(key, "must be a list");
    for (const YAML::Node& item : list) visit(item);
  }
  [[nodiscard]] Section Child(const char* key) const {
    return {Find(key), name_ + "." + key, folder_, problem_};
  }
  [[nodiscard]] Section Item(const YAML::Node& item, const char* key) const {
    return {item, name_ + "." + key, folder_, problem_};
  }
  [[nodiscard]] bool IsMap() const { return node_.IsDefined() && node_.IsMap(); }
  [[nodiscard]] const YAML::Node& node() const { return node_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::string& problem() const { return problem_; }
  void Refuse(const char* key, std::string_view what) {
    if (problem_.empty()) problem_ = name_ + "." + key + " " + std::string(what);
  }

 private:
  // Reading by operator[] on a non-const node would insert the key.
  [[nodiscard]] YAML::Node Find(const char* key) const {
    if (!IsMap()) return YAML::Node(YAML::NodeType::Undefined);
    return std::as_const(node_)[key];
  }

  const YAML::Node node_;
  const std::string name_;
  const std::filesystem::path& folder_;
  std::string& problem_;
};

KubeconfigCluster ReadCluster(Section in) {
  return {.server = in.Text("server"),
          .tls_server_name = in.Text("tls-server-name"),
          .insecure_skip_tls_verify = in.Flag("insecure-skip-tls-verify"),
          .ca = in.Pem("certificate-authority"),
          .proxy_url = in.Text("proxy-url"),
          .disable_compression = in.Flag("disable-compression")};
}

ExecPlugin ReadExec(Section in) {
  ExecPlugin exec{.command = in.Text("command"),
                  .args = in.Texts("args"),
                  .env = {},
                  .api_version = in.Text("apiVersion"),
                  .install_hint = in.Text("installHint"),
                  .provide_cluster_info = in.Flag("provideClusterInfo")};
  in.ForEach("env", [&](const YAML::Node& item) {
    Section variable = in.Item(item, "env");
    exec.env.emplace_back(variable.Text("name"), variable.Text("value"));
    if (exec.env.back().first.empty()) variable.Refuse("name", "is missing");
  });
  if (exec.command.empty()) in.Refuse("command", "is missing: name the credential program");
  // With a slash it is a path, relative to the file; without, it is looked up in PATH.
  if (exec.command.find('/') != std::string::npos) exec.command = in.Path("command");
  if (exec.api_version != "client.authentication.k8s.io/v1" &&
      exec.api_version != "client.authentication.k8s.io/v1beta1") {
    in.Refuse("apiVersion", "must be client.authentication.k8s.io/v1 or …/v1beta1");
  }
  if (in.Text("interactiveMode") == "Always") {
    in.Refuse("interactiveMode", "is Always, but there is no terminal here");
  }
  return exec;
}

Impersonation ReadImpersonation(Section& in) {
  Impersonation as{.user = in.Text("as"),
                   .uid = in.Text("as-uid"),
                   .groups = in.Texts("as-groups"),
                   .extra = {}};
  if (in.Has("as-user-extra")) {
    Section extra = in.Child("as-user-extra");
    if (!extra.IsMap()) in.Refuse("as-user-extra", "must be a map of lists");
    if (extra.IsMap()) {
      for (const auto& entry : extra.node()) {
        const std::string key = entry.first.as<std::string>();
        as.extra[key] = extra.Texts(key.c_str());
      }
    }
  }
  // A header of each name is all that cpprestsdk sends: the others would be lost without a word.
  if (as.groups.size() > 1) {
    in.Refuse("as-groups", "names several groups, of which only one can be sent: leave one");
  }
  for (const auto& [key, values] : as.extra) {
    if (values.size() > 1) {
      in.Refuse("as-user-extra",
                "has several values for " + key + ", of which only one can be sent: leave one");
    }
  }
  if (as.user.empty() && (!as.uid.empty() || !as.groups.empty() || !as.extra.empty())) {
    in.Refuse("as", "is missing, but as-uid, as-groups or as-user-extra is set");
  }
  return as;
}

KubeconfigUser ReadUser(Section in) {
  KubeconfigUser user{.client_certificate = in.Pem("client-certificate"),
                      .client_key = in.Pem("client-key"),
                      .token = in.Text("token"),
                      .token_file = in.Path("tokenFile"),
                      .username = in.Text("username"),
                      .password = in.Text("password"),
                      .exec = {},
                      .impersonate = ReadImpersonation(in)};
  if (in.Has("exec")) {
    Section exec = in.Child("exec");
    if (!exec.IsMap()) in.Refuse("exec", "must be a map");
    if (exec.IsMap()) user.exec = ReadExec(std::move(exec));
  }
  if (in.Has("auth-provider")) {
    in.Refuse("auth-provider", "is no longer supported by Kubernetes: use exec");
  }
  return user;
}

KubeconfigContext ReadContext(Section in) {
  return {.cluster = in.Text("cluster"), .user = in.Text("user"), .ns = in.Text("namespace")};
}

// A list of {name, <kind>: {...}}.
template <class T, class Read>
void ReadEntries(Section& root, const char* list, const char* kind, const std::string& file,
                 std::map<std::string, Sourced<T>>& out, Read read) {
  root.ForEach(list, [&](const YAML::Node& item) {
    Section entry = root.Item(item, list);
    const std::string name = entry.Text("name");
    if (name.empty()) return entry.Refuse("name", "is missing");
    Section named(item, std::string(list) + "[" + name + "]", root.folder(), root.problem());
    if (named.Has(kind) && !named.Child(kind).IsMap() && !named.Child(kind).node().IsNull()) {
      return named.Refuse(kind, "must be a map");
    }
    out.try_emplace(name, Sourced<T>{read(named.Child(kind)), file});
  });
}

template <class Map>
void TakeOver(Map& mine, Map& theirs) {
  mine.merge(theirs);  // std::map::merge keeps what is there
}

}  // namespace

void KubeconfigFile::Merge(KubeconfigFile other) {
  TakeOver(clusters, other.clusters);
  TakeOver(users, other.users);
  TakeOver(contexts, other.contexts);
  if (current_context.empty()) current_context = std::move(other.current_context);
}

Result<KubeconfigFile> ReadKubeconfigFile(const std::string& path) {
  const Result<std::string> text = ReadFile(path);
  if (!text) return std::unexpected(text.error());
  return ParseKubeconfig(*text, path);
}

Result<KubeconfigFile> ParseKubeconfig(const std::string& text, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  std::string problem;
  KubeconfigFile file;
  try {
    const YAML::Node node = YAML::Load(text);
    Section root(node, "kubeconfig", folder, problem);
    if (!node.IsNull() && !root.IsMap())
      return Fail(
          ErrorCode::kInvalid,
          path +
              ": is no map of keys; a kubeconfig has apiVersion, kind, clusters, users, contexts");
    for (const auto& [key, value] : {std::pair("apiVersion", "v1"), std::pair("kind", "Config")}) {
      const std::string given = root.Text(key);
      if (!given.empty() && given != value) {
        root.Refuse(key, "is " + given + "; a kubeconfig has " + value);
      }
    }
    ReadEntries(root, "clusters", "cluster", path, file.clusters, ReadCluster);
    ReadEntries(root, "users", "user", path, file.users, ReadUser);
    ReadEntries(root, "contexts", "context", path, file.contexts, ReadContext);
    file.current_context = root.Text("current-context");
  } catch (const YAML::Exception& error) {
    return Fail(ErrorCode::kInvalid, path + ": is no YAML: " + error.what());
  }
  if (!problem.empty()) return Fail(ErrorCode::kInvalid, path + ": " + problem);
  return file;
}

}  // namespace plimsoll::kube
