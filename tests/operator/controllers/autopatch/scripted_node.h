// SPDX-License-Identifier: Apache-2.0
//
// Pods of a StatefulSet "web" on one scripted node: an API server that takes resizes as Kubernetes
// does, a kubelet that carries them out, defers or refuses them as a test wants, and a kernel whose
// limits only that kubelet changes. It scripts what a real node does rarely; that auto-patch works
// on a real one is shown by tests/node.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/units.h"
#include "advisor/model/memory_digest.h"
#include "k8s/core.pb.h"
#include "operator/kube/clock.h"
#include "tests/support/event_log.h"
#include "tests/support/fake_api_server.h"

namespace plimsoll::testing {

// What became of a resize request at the API server.
struct SeenPatch {
  std::string pod;
  std::optional<Bytes> request{};  // as written, absent: not touched
  std::optional<Bytes> limit{};
  int answer = 200;
};

// How the kubelet takes a resize.
enum class Kubelet {
  kObeys,
  kSaysSoOnly,        // the pod's status follows, the kernel does not
  kLeavesPodBehind,   // the container's cgroup follows, the pod's does not (k8s#138760)
  kDefersRequests,    // no room: a larger request waits, and everything beside it
  kFindsInfeasible,   // a larger request never fits
  kCannotLowerBelow,  // a limit below usage stays in progress
};

class ScriptedNode {
 public:
  explicit ScriptedNode(const kube::Clock& clock);

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] const FakeApiServer& server() const { return server_; }

  // A running pod of one container "app" of these; Guaranteed when both are the same.
  void AddPod(const std::string& name, Bytes request, Bytes limit,
              const std::string& owner = "web");
  // A pod of the same name and another UID takes its place, as with a StatefulSet.
  void Replace(const std::string& name, Bytes request, Bytes limit);
  void Remove(const std::string& name);
  // The container ends and starts anew, its limits as the pod object has them.
  void Restart(const std::string& name, int exit_code, const std::string& reason);
  // In back-off after an end / running again.
  void SetRunning(const std::string& name, bool running);
  void SetUsage(const std::string& name, Bytes usage);
  void SetKubelet(Kubelet kubelet);
  // The API server's Kubernetes 1.`minor_version`, and whether it serves pods/resize.
  void SetServer(int minor_version, bool serves_resize = true);
  // Whether asking what it serves is answered with 503.
  void SetDiscoveryDown(bool down);
  // What waits is looked at again, as after the node got room.
  void LookAgain();
  // A user asks for another request or limit, as with kubectl.
  void AskFor(const std::string& name, Bytes request);
  void AskForLimit(const std::string& name, Bytes limit);
  // The next resizes are answered so instead of taken: status and text. With status 0 it is taken,
  // and the connection ends before the answer.
  void AnswerNext(int status, const std::string& text);
  // Called once, while the next resize is being taken and before it is answered.
  void OnNextPatch(std::function<void()> then);
  // Called once, when the next resize whose answer will be lost has been taken.
  void OnNextLoss(std::function<void()> then);

  // What the agent would report now.
  [[nodiscard]] model::MemoryDigest Digest(const std::string& name) const;
  [[nodiscard]] std::string ContainerId(const std::string& name) const;
  [[nodiscard]] std::string Uid(const std::string& name) const;
  [[nodiscard]] Bytes KernelLimit(const std::string& name) const;
  [[nodiscard]] Bytes SpecLimit(const std::string& name) const;
  [[nodiscard]] Bytes SpecRequest(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> Running() const;
  [[nodiscard]] std::vector<SeenPatch> Patches() const;
  [[nodiscard]] std::vector<SeenPatch> PatchesOf(const std::string& name) const;
  // How often somebody asked what the server serves.
  [[nodiscard]] int Asked() const;
  [[nodiscard]] const EventLog& events() const { return events_; }

 private:
  struct Held {
    k8s::Pod object;
    Bytes container_limit{};
    Bytes pod_limit{};
    Bytes usage{};
    TimePoint run_started{};
    int runs = 0;
  };

  bool Answer(const HttpRequest& request, HttpResponder& out);
  bool Resize(const std::string& name, const HttpRequest& request, HttpResponder& out);
  void Carry(Held& held);
  void StartRun(Held& held);
  void Show(const Held& held);
  [[nodiscard]] const Held& At(const std::string& name) const { return pods_.at(name); }

  const kube::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Held> pods_;
  Kubelet kubelet_ = Kubelet::kObeys;
  std::deque<std::pair<int, std::string>> answers_;
  std::function<void()> on_patch_;
  std::function<void()> on_loss_;
  std::vector<SeenPatch> patches_;
  int uids_ = 0;
  int minor_version_ = 36;
  bool serves_resize_ = true;
  bool discovery_down_ = false;
  int asked_ = 0;
  EventLog events_;
  FakeApiServer server_;  // last: its threads use the rest
};

}  // namespace plimsoll::testing
