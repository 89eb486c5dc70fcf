// SPDX-License-Identifier: Apache-2.0
//
// The real control plane a test runs against: started by the rung (tests/cluster/controlplane), its
// folder named by PLIMSOLL_CONTROL_PLANE. Gives clients, a namespace of the test's own, and the
// process ids to stop and kill.
#pragma once

#include <doctest/doctest.h>
#include <sys/types.h>

#include <memory>
#include <string>

#include "operator/kube/client.h"
#include "operator/kube/resources.h"

namespace plimsoll::testing {

class ControlPlane {
 public:
  ControlPlane();

  [[nodiscard]] std::string kubeconfig() const { return folder_ + "/admin.kubeconfig"; }
  [[nodiscard]] kube::ClusterConfig Config() const;
  [[nodiscard]] std::unique_ptr<kube::Client> MakeClient(kube::ClientOptions options = {}) const;

  [[nodiscard]] pid_t Pid(const std::string& program) const;
  // kill(2) of "kube-apiserver" or "etcd".
  void Signal(const std::string& program, int signal) const;
  // Starts what does not run, waits until it serves. `flags` are kube-apiserver's.
  void Restart(const std::string& flags = "") const;
  // Moves etcd's revision on and makes it forget all history before it.
  void CompactHistory() const;

 private:
  std::string folder_;
  std::string script_;
};

// A namespace with a service account, deleted with its pods at the end.
class TestNamespace {
 public:
  TestNamespace(const ControlPlane& cluster, const std::string& prefix);
  ~TestNamespace();
  TestNamespace(const TestNamespace&) = delete;
  TestNamespace& operator=(const TestNamespace&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  void CreatePod(const std::string& name, const std::string& node = "");

 private:
  std::unique_ptr<kube::Client> client_;
  std::string name_;
};

// A pod with one container of 64Mi requested and 128Mi limit.
[[nodiscard]] nlohmann::json MakePod(const std::string& name, const std::string& node);

}  // namespace plimsoll::testing
