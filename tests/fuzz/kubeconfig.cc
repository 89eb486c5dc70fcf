// SPDX-License-Identifier: Apache-2.0
//
// Any text is a kubeconfig or a refusal that names the file.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "operator/kube/exec_plugin.h"
#include "operator/kube/kubeconfig_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::kube;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = ParseKubeconfig(text, "/etc/kubeconfig");
  if (!file && !file.error().message().starts_with("/etc/kubeconfig")) std::abort();
  (void)ParseExecCredential(text, "client.authentication.k8s.io/v1");
  return 0;
}
