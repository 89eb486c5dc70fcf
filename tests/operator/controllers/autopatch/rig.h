// SPDX-License-Identifier: Apache-2.0
//
// Discovery, fleet, Autopatch and Guard wired as the operator wires them, on a scripted node and a
// clock that a test moves. The advice comes from the test, all else by informers, clients and
// digests.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "operator/controllers/autopatch/autopatch.h"
#include "operator/controllers/autopatch/guard.h"
#include "operator/controllers/discovery/discovery.h"
#include "tests/operator/controllers/autopatch/scripted_node.h"
#include "tests/operator/controllers/parts.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_clock.h"

namespace plimsoll::testing {

using namespace std::chrono_literals;
using namespace plimsoll::literals;

class Rig {
 public:
  // An API server of Kubernetes 1.`minor_version`.
  explicit Rig(int minor_version = 36, double patches_per_second = 1000);
  ~Rig();

  // Both in one pod order: informers have seen what the server has. With `ask`, also what it can
  // do.
  void Start(bool ask = true);
  // What the server can do is asked for, as the operator does at its start and now and then.
  void AskServer() { REQUIRE(server_.Ask()); }
  // The advice for "app" and the mode auto-patch.
  void Advise(std::optional<Bytes> request, std::optional<Bytes> limit, bool may_shrink = false);
  void Advise(fleet::Advice advice);
  // Apps leave every Tune from now on without an answer, until they are made to give this one.
  void LeaveTunes() { leaves_tunes_ = true; }
  void AnswerTunes(const Status& answer);
  // Nothing is looked at or sent any more.
  void Stop();
  // A kill at the container's own limit, as its agent tells it.
  void Kill(const std::string& pod);
  // An urgent reading with this hard memory.
  void Urgent(const std::string& pod, Bytes hard);

  // Every running container's agent reports, then time passes and what follows of it happens.
  void Tick(Duration by = 1s);
  // What is due now happens, however long the machine takes for it, and the informers have seen it.
  void Settle();
  // Settles, and ticks until it holds; false when it does not within so much scripted time.
  [[nodiscard]] bool Until(const std::function<bool()>& holds, Duration within = 2min,
                           Duration step = 1s);
  // Ticks for so long whatever happens.
  void Pass(Duration time, Duration step = 1s);

  // Whether users are told so; events are sent by a thread of their own.
  [[nodiscard]] bool Told(const std::string& reason, const std::string& part) const {
    return Eventually([&] { return node.events().Has(reason, part); });
  }
  [[nodiscard]] fleet::Carried carried() const;
  [[nodiscard]] bool Settled() const { return carried().settled; }
  [[nodiscard]] std::string reason() const { return carried().reason.code; }
  // Resizes asked for, without those that met a pod changed meanwhile (409) and were asked again.
  [[nodiscard]] std::size_t patches() const;

  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::atomic<bool> leads{true};  // what the fence says
  controllers::Heartbeats heartbeats{*clock};
  ScriptedNode node{*clock};
  fleet::Fleet fleet;
  std::vector<std::vector<rollout::SettingValue>> tuned;  // by call
  std::function<void(fleet::Change)> on_change;  // before Start; on whichever thread changed it
  std::function<Status()> tune_answer = [] { return Status{}; };  // kRetryable: not sent
  std::function<Status()> on_store = [] { return Status{}; };     // before a cut is sent
  const model::WorkloadKey key{"shop", "StatefulSet", "web"};

 private:
  [[nodiscard]] bool Seen() const;
  [[nodiscard]] bool Quiet() const;
  [[nodiscard]] bool Pauses() const;

  std::unique_ptr<kube::Client> reader_ = MakeClient(node.url(), clock);
  std::unique_ptr<kube::Client> writer_ = MakeClient(node.url(), clock, FenceOf(leads));
  std::unique_ptr<kube::Client> raiser_ = MakeClient(node.url(), clock, FenceOf(leads), 0);
  Log log_;
  std::atomic<bool> leaves_tunes_{false};
  std::mutex mutex_;
  std::vector<std::function<void(const Status&)>> left_;  // needs mutex_
  autopatch::PatchPace pace_;
  kube::EventRecorder events_;
  autopatch::ServerAbility server_{*reader_};
  discovery::Discovery discovery_;

 public:
  autopatch::Autopatch autopatch;
  autopatch::Guard guard;

 private:
  std::jthread discoverer_;
  std::jthread patcher_;
};

}  // namespace plimsoll::testing
