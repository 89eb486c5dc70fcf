// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/collectors/app_worker.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "operator/agent/base/now.h"
#include "operator/agent/collectors/stats_check.h"

namespace plimsoll::agent {
namespace {

constexpr std::ptrdiff_t kMostCalls = 8;
constexpr std::size_t kMostTunesWaiting = 64;
constexpr Duration kLook(1000);

v1::TuneResult Failed(const v1::TuneCommand& command, const std::string& error, bool undecided) {
  v1::TuneResult result;
  result.set_id(command.id());
  result.set_container_id(command.container_id());
  result.set_error(error);
  result.set_undecided(undecided);
  return result;
}

// Nobody said no: the settings may be in force, or may be taken next time.
bool IsUndecided(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return true;
    default:
      return false;
  }
}

int SecondsOf(Duration duration) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

Result<std::unique_ptr<AppWorker>> AppWorker::Start(AppWorkerOptions options, Targets targets,
                                                    ReportLog& log) {
  Result<ProcessTable> processes = ProcessTable::Open(options.proc_root);
  if (!processes) return std::unexpected(processes.error());
  std::unique_ptr<AppWorker> worker(
      new AppWorker(std::move(options), *std::move(processes), std::move(targets), log));
  worker->thread_ = std::jthread([raw = worker.get()](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "apps");
    raw->Run(stop);
  });
  return worker;
}

AppWorker::AppWorker(AppWorkerOptions options, ProcessTable processes, Targets targets,
                     ReportLog& log)
    : options_(std::move(options)),
      processes_(std::move(processes)),
      targets_(std::move(targets)),
      log_(log),
      known_(std::make_shared<const std::vector<AppTarget>>()) {}

AppWorker::~AppWorker() {
  thread_.request_stop();
  thread_.join();
  std::unique_lock lock(mutex_);
  for (const std::unique_ptr<Call>& call : calls_) call->context.TryCancel();
  wake_.wait(lock, [this] {
    return std::ranges::all_of(calls_, [](const auto& call) { return call->done; });
  });
}

void AppWorker::Tune(v1::TuneCommand command) {
  {
    const std::lock_guard lock(mutex_);
    if (tunes_.size() < kMostTunesWaiting) {
      tunes_.push_back(std::move(command));
      news_ = true;
      wake_.notify_all();
      return;
    }
  }
  // Not remembered: the same id may be sent again.
  v1::Report report;
  *report.mutable_tune_result() =
      Failed(command, "too many tuning commands at once on this node: send it again later", true);
  log_.Append(std::move(report));
}

void AppWorker::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kLook, [this] { return news_; });
      news_ = false;
    }
    if (stop.stop_requested()) return;
    TakeDone();
    known_ = targets_();
    TakeTunes();
    AskDue(Now());
  }
}

void AppWorker::TakeDone() {
  std::list<std::unique_ptr<Call>> done;
  {
    const std::lock_guard lock(mutex_);
    for (auto call = calls_.begin(); call != calls_.end();) {
      const auto next = std::next(call);
      if ((*call)->done) done.splice(done.end(), calls_, call);
      call = next;
    }
  }
  for (const std::unique_ptr<Call>& call : done) Settle(*call);
}

void AppWorker::TakeTunes() {
  std::vector<v1::TuneCommand> tunes;
  {
    const std::lock_guard lock(mutex_);
    tunes.swap(tunes_);
  }
  for (v1::TuneCommand& command : tunes) {
    switch (tune_memory_.Begin(command.id())) {
      case TuneMemory::Standing::kNew:
        StartTune(std::move(command));
        break;
      case TuneMemory::Standing::kUnderWay:
        break;  // its result is on the way
      case TuneMemory::Standing::kDone: {
        v1::Report report;
        *report.mutable_tune_result() = tune_memory_.ResultOf(command.id());
        log_.Append(std::move(report));
        break;
      }
    }
  }
}

void AppWorker::AskDue(Instant now) {
  std::erase_if(apps_, [this](const auto& app) {
    return !app.second.asking && std::ranges::none_of(*known_, [&](const AppTarget& target) {
      return target.spec.container_id() == app.first;
    });
  });
  // Tunes do not count: those that hang must not keep others from being asked.
  auto under_way = std::ranges::count_if(apps_, [](const auto& app) { return app.second.asking; });
  for (const AppTarget& target : *known_) {
    if (target.spec.no_stats()) continue;
    App& app = apps_[target.spec.container_id()];
    if (app.asking || app.next > now) continue;
    if (under_way >= kMostCalls) break;
    app.next = now + options_.every;
    app.asking = Ask(target);
    if (app.asking) ++under_way;
  }
}

bool AppWorker::Ask(const AppTarget& target) {
  Result<std::shared_ptr<grpc::Channel>> channel = SocketChannel(processes_, target);
  // No SDK behind a socket: perhaps one behind a port; most apps have neither, which is no problem.
  const bool absent = !channel && (channel.error().code() == ErrorCode::kNotFound ||
                                   channel.error().code() == ErrorCode::kGone);
  const bool over_tcp = absent && target.spec.stats_port() != 0;
  if (over_tcp) channel = TcpChannel(target);
  if (!channel) {
    if (!absent || over_tcp || !target.spec.stats_socket().empty()) {
      SendProblem(target, channel.error().message());
      Again(target.spec.container_id(), false);
    }
    return false;
  }
  auto call = std::make_unique<Call>();
  call->channel = *std::move(channel);
  call->target = target;
  call->over_tcp = over_tcp;
  Launch(std::move(call));
  return true;
}

void AppWorker::StartTune(v1::TuneCommand command) {
  const auto target = std::ranges::find_if(*known_, [&](const AppTarget& candidate) {
    return candidate.spec.container_id() == command.container_id();
  });
  if (target == known_->end()) {
    return FailTune(command, "this container is not watched on this node", true);
  }
  Result<std::shared_ptr<grpc::Channel>> channel = SocketChannel(processes_, *target);
  if (!channel) {
    const bool tcp_only =
        channel.error().code() == ErrorCode::kNotFound && target->spec.stats_port() != 0;
    return FailTune(command,
                    channel.error().message() +
                        (tcp_only ? ", and nothing is set over TCP: serve a socket for that" : ""),
                    channel.error().code() == ErrorCode::kGone);
  }
  auto call = std::make_unique<Call>();
  call->channel = *std::move(channel);
  call->target = *target;
  call->tune = std::move(command);
  Launch(std::move(call));
}

void AppWorker::Launch(std::unique_ptr<Call> owned) {
  Call* call = owned.get();
  call->stub = v1::Allocator::NewStub(call->channel);
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(owned));
  }
  call->deadline = DeadlineOf(call->target.spec.container_id(), call->tune.has_value());
  call->began = Now();
  call->context.set_deadline(std::chrono::system_clock::now() + call->deadline);
  const auto finished = [this, call](grpc::Status status) {
    // Notified with the lock held: the destructor waits for this and then takes everything away.
    const std::lock_guard lock(mutex_);
    call->took = Now() - call->began;
    call->status = std::move(status);
    call->done = true;
    news_ = true;
    wake_.notify_all();
  };
  if (call->tune) {
    call->stub->async()->Tune(&call->context, &call->tune->request(), &call->tuned, finished);
  } else {
    call->stub->async()->GetStats(&call->context, &call->stats_request, &call->stats, finished);
  }
}

void AppWorker::Settle(Call& call) {
  if (call.tune) {
    if (!call.status.ok()) {
      return FailTune(*call.tune, Problem(call.status, SecondsOf(call.deadline)),
                      IsUndecided(call.status.error_code()));
    }
    if (const auto complaint = Complaint(call.tuned)) {
      return FailTune(*call.tune, "the app's answer makes no sense: " + *complaint, false);
    }
    v1::TuneResult result;
    result.set_id(call.tune->id());
    result.set_container_id(call.tune->container_id());
    result.mutable_knobs()->Swap(call.tuned.mutable_knobs());
    FinishTune(std::move(result));
    return;
  }
  const std::string& id = call.target.spec.container_id();
  if (const auto app = apps_.find(id); app != apps_.end()) app->second.asking = false;
  std::optional<std::string> problem;
  if (!call.status.ok()) {
    problem = Problem(call.status, SecondsOf(call.deadline));
  } else if (const auto complaint = Complaint(call.stats)) {
    problem = "the endpoint's answer is left out: " + *complaint;
  }
  Again(id, GiveMoreTime(call) || !problem);
  if (problem) return SendProblem(call.target, *problem);
  v1::Report report;
  report.mutable_runtime()->set_pod_uid(call.target.spec.pod_uid());
  report.mutable_runtime()->set_container_id(id);
  // Whatever the app says: nothing is set where anybody could be answering.
  if (call.over_tcp) call.stats.set_accepts_tuning(false);
  report.mutable_runtime()->set_read_only(call.over_tcp);
  report.mutable_runtime()->mutable_stats()->Swap(&call.stats);
  log_.Append(std::move(report));
}

Duration AppWorker::DeadlineOf(const std::string& id, bool tune) const {
  const auto app = apps_.find(id);
  const bool known = app != apps_.end() && app->second.deadline > Duration(0);
  const Duration stats = known ? app->second.deadline : options_.stats_deadline;
  return tune ? std::max(options_.tune_deadline, 2 * stats) : stats;
}

// An answer in 0.9 s: four times that, 3.6 s, is the next deadline. One that came too late doubles
// it until it is as long as it gets.
bool AppWorker::GiveMoreTime(const Call& call) {
  Duration& deadline = apps_[call.target.spec.container_id()].deadline;
  const Duration longest = std::max(options_.stats_deadline, options_.longest_stats_deadline);
  const bool late = call.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (call.status.ok()) deadline = std::clamp(4 * call.took, options_.stats_deadline, longest);
  if (!late || call.deadline >= longest) return false;
  deadline = std::min(2 * call.deadline, longest);
  return true;
}

void AppWorker::Again(const std::string& id, bool well) {
  App& app = apps_[id];
  app.wait =
      well ? options_.every : std::min(options_.longest, std::max(app.wait, options_.every) * 2);
  app.next = Now() + app.wait;
}

void AppWorker::SendProblem(const AppTarget& target, const std::string& problem) {
  v1::Report report;
  report.mutable_runtime()->set_pod_uid(target.spec.pod_uid());
  report.mutable_runtime()->set_container_id(target.spec.container_id());
  report.mutable_runtime()->set_problem(problem);
  log_.Append(std::move(report));
}

void AppWorker::FinishTune(v1::TuneResult result) {
  tune_memory_.Finish(result);
  v1::Report report;
  *report.mutable_tune_result() = std::move(result);
  log_.Append(std::move(report));
}

void AppWorker::FailTune(const v1::TuneCommand& command, const std::string& error, bool undecided) {
  FinishTune(Failed(command, error, undecided));
}

}  // namespace plimsoll::agent
