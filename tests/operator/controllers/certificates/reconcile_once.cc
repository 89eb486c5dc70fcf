// SPDX-License-Identifier: Apache-2.0
//
// One pass of the certificate controller against the API server that KUBECONFIG names; tests/chart
// runs it with the operator's own rights. Prints what was changed, one line each, and "identity"
// when there is one to dial with.
//   reconcile_once NAMESPACE OPERATOR_SECRET AGENT_SECRET lead|follow
#include <iostream>
#include <string_view>

#include "operator/controllers/certificates/certificate_controller.h"
#include "operator/kube/client.h"
#include "operator/kube/config.h"

namespace {

int Refuse(const plimsoll::Error& error) {
  std::cerr << error.message() << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace plimsoll;
  if (argc != 5) return 2;
  Result<kube::ClusterConfig> config = kube::LoadConfig({});
  if (!config) return Refuse(config.error());
  const auto client = kube::Client::Create(*std::move(config));
  if (!client) return Refuse(client.error());
  certificates::CertificateController controller(
      **client, {.ns = argv[1], .operator_secret = argv[2], .agent_secret = argv[3]});

  const auto changes =
      controller.Reconcile(std::string_view(argv[4]) == "lead", (*client)->clock().Now());
  if (!changes) return Refuse(changes.error());
  for (const std::string& change : *changes) std::cout << change << "\n";
  if (controller.identity()) std::cout << "identity\n";
  return 0;
}
