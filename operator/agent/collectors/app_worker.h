// SPDX-License-Identifier: Apache-2.0
//
// Talks to the apps of the node: asks each for its stats every 15 s, and passes tuning calls on.
// One thread opens connections and keeps time, gRPC's threads wait for answers. An app that floods
// or fails costs one of eight places for two seconds and is then asked less and less often, down to
// every five minutes; nobody else notices. One that does not answer in time is given more of it
// first (a node may be that slow), up to eight seconds, and then counts as failing.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "advisor/base/time.h"
#include "operator/agent/collectors/app_channel.h"
#include "operator/agent/server/report_log.h"
#include "operator/agent/tuning/tune_memory.h"
#include "operator/agent/watch/process.h"
#include "plimsoll/v1/allocator_stats.grpc.pb.h"

namespace plimsoll::agent {

struct AppWorkerOptions {
  std::string proc_root = "/proc";
  Duration every{15'000};         // between two looks at one app
  Duration longest{300'000};      // at one that keeps failing
  Duration stats_deadline{2000};  // at first; doubled after each answer that was too late
  Duration longest_stats_deadline{8000};
  // The least; an app gets at least twice its stats' deadline. A Tune stops the app's world for a
  // moment, and what is cut off half-way is not known to be done or undone.
  Duration tune_deadline{5000};
};

class AppWorker {
 public:
  // What containers there are is asked from `targets` once a second. Errors: kNotFound when
  // proc_root is no procfs.
  using Targets = std::function<std::shared_ptr<const std::vector<AppTarget>>()>;
  [[nodiscard]] static Result<std::unique_ptr<AppWorker>> Start(AppWorkerOptions options,
                                                                Targets targets, ReportLog& log);
  // Cancels what is under way.
  ~AppWorker();

  // Carries the command out unless its id is known; the result goes to the log. Returns at once.
  void Tune(v1::TuneCommand command);

 private:
  struct Call {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<v1::Allocator::Stub> stub;
    grpc::ClientContext context;
    AppTarget target;
    v1::GetStatsRequest stats_request;
    v1::AllocatorStats stats;
    bool over_tcp = false;
    std::optional<v1::TuneCommand> tune;
    v1::TuneReply tuned;
    Duration deadline{};
    Instant began{};
    Duration took{};  // once done
    grpc::Status status;
    bool done = false;  // needs mutex_
  };
  struct App {
    Instant next{};
    Duration wait{};
    Duration deadline{};  // of the next look; 0: not asked yet
    bool asking = false;
  };

  AppWorker(AppWorkerOptions options, ProcessTable processes, Targets targets, ReportLog& log);
  void Run(const std::stop_token& stop);
  void TakeDone();
  void TakeTunes();
  void AskDue(Instant now);
  // False when there is no endpoint to ask.
  [[nodiscard]] bool Ask(const AppTarget& target);
  void StartTune(v1::TuneCommand command);
  void Launch(std::unique_ptr<Call> call);
  void Settle(Call& call);
  void Again(const std::string& id, bool well);
  [[nodiscard]] Duration DeadlineOf(const std::string& id, bool tune) const;
  // True when more time may be all that this app needs.
  [[nodiscard]] bool GiveMoreTime(const Call& call);
  void SendProblem(const AppTarget& target, const std::string& problem);
  void FinishTune(v1::TuneResult result);
  // `undecided`: as in TuneResult.
  void FailTune(const v1::TuneCommand& command, const std::string& error, bool undecided);

  const AppWorkerOptions options_;
  const ProcessTable processes_;
  const Targets targets_;
  ReportLog& log_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool news_ = false;
  std::vector<v1::TuneCommand> tunes_;
  std::list<std::unique_ptr<Call>> calls_;

  // The thread's own.
  std::map<std::string, App> apps_;
  std::shared_ptr<const std::vector<AppTarget>> known_;  // never null
  TuneMemory tune_memory_;

  std::jthread thread_;
};

}  // namespace plimsoll::agent
