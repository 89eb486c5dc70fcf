// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/control_plane.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "operator/kube/run_program.h"
#include "operator/kube/transport.h"

namespace plimsoll::testing {
namespace {

using Json = nlohmann::json;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  REQUIRE_MESSAGE(value != nullptr, name << " is not set: run tests/run cluster");
  return value;
}

void Run(const std::string& command, const std::vector<std::string>& args) {
  const auto output = kube::RunProgram(command, args, {}, std::chrono::minutes(3));
  REQUIRE_MESSAGE(output, output.error().message());
  REQUIRE_MESSAGE(output->exit_code == 0, output->err);
}

}  // namespace

ControlPlane::ControlPlane()
    : folder_(Environment("PLIMSOLL_CONTROL_PLANE")),
      script_(Environment("PLIMSOLL_CONTROL_PLANE_SCRIPT")) {}

kube::ClusterConfig ControlPlane::Config() const {
  const auto config = kube::LoadKubeconfig({.path = kubeconfig()});
  REQUIRE_MESSAGE(config, config.error().message());
  return *config;
}

std::unique_ptr<kube::Client> ControlPlane::MakeClient(kube::ClientOptions options) const {
  auto client = kube::Client::Create(Config(), std::move(options));
  REQUIRE_MESSAGE(client, client.error().message());
  return std::move(*client);
}

pid_t ControlPlane::Pid(const std::string& program) const {
  std::ifstream file(folder_ + "/run/" + program + ".pid");
  pid_t pid = 0;
  file >> pid;
  REQUIRE(pid > 1);
  return pid;
}

void ControlPlane::Signal(const std::string& program, int signal) const {
  REQUIRE(kill(Pid(program), signal) == 0);
}

void ControlPlane::Restart(const std::string& flags) const {
  std::vector<std::string> args{"start", folder_};
  if (!flags.empty()) args.insert(args.end(), {"--", flags});
  Run(script_, args);
}

void ControlPlane::CompactHistory() const {
  std::ifstream file(folder_ + "/run/ports");
  int port = 0;
  file >> port;
  // etcd speaks JSON on its client port. A key of our own moves the revision on, so that whoever
  // stands at an earlier one is too late.
  const auto output = kube::RunProgram(
      "python3",
      {"-c",
       "import json,sys,urllib.request as u\n"
       "def post(p,b):\n"
       " return json.load(u.urlopen(sys.argv[1]+p,json.dumps(b).encode()))\n"
       "r=post('/v3/kv/put',{'key':'a3ViZS10ZXN0','value':'eA=='})['header']['revision']\n"
       "post('/v3/kv/compaction',{'revision':r,'physical':True})\n",
       "http://127.0.0.1:" + std::to_string(port + 1)},
      {}, std::chrono::seconds(120));
  REQUIRE(output);
  REQUIRE_MESSAGE(output->exit_code == 0, output->err);
}

Json MakePod(const std::string& name, const std::string& node) {
  Json pod{{"apiVersion", "v1"},
           {"kind", "Pod"},
           {"metadata", {{"name", name}, {"labels", {{"app", "probe"}}}}},
           {"spec",
            {{"containers",
              {{{"name", "app"},
                {"image", "registry.test/app:1"},
                {"resources",
                 {{"requests", {{"memory", "64Mi"}, {"cpu", "10m"}}},
                  {"limits", {{"memory", "128Mi"}}}}}}}},
             {"terminationGracePeriodSeconds", 0}}}};
  if (!node.empty()) pod["spec"]["nodeName"] = node;
  return pod;
}

TestNamespace::TestNamespace(const ControlPlane& cluster, const std::string& prefix)
    : client_(cluster.MakeClient()), name_(prefix + "-" + std::to_string(getpid())) {
  const auto made = client_->Create(
      kube::kNamespaces, "",
      {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name_}}}});
  REQUIRE_MESSAGE(made, made.error().message());
  constexpr kube::Resource kServiceAccounts{"", "v1", "serviceaccounts", "ServiceAccount", true};
  const auto account = client_->Create(
      kServiceAccounts, name_,
      {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", "default"}}}});
  REQUIRE_MESSAGE(account, account.error().message());
}

TestNamespace::~TestNamespace() {
  if (const auto pods = client_->List(kube::kPods, {.ns = name_})) {
    for (const Json& pod : (*pods)["items"]) {
      (void)client_->Delete(kube::kPods,
                            {name_, pod["metadata"]["name"].get_ref<const std::string&>()});
    }
  }
  (void)client_->Delete(kube::kNamespaces, {"", name_});
}

void TestNamespace::CreatePod(const std::string& name, const std::string& node) {
  const auto made = client_->Create(kube::kPods, name_, MakePod(name, node));
  REQUIRE_MESSAGE(made, made.error().message());
}

}  // namespace plimsoll::testing
