// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "advisor/rollout/next_steps.h"
#include "advisor/rollout/unanswered.h"
#include "operator/api/reasons.h"
#include "operator/controllers/autopatch/pod_now.h"
#include "operator/controllers/autopatch/report.h"
#include "operator/controllers/autopatch/resize_patch.h"
#include "operator/kube/quantity.h"
#include "operator/kube/resources.h"

namespace plimsoll::autopatch {
namespace {

constexpr int kWorkers = 2;
// An idle connection is closed by one side or the other; a raise must not wait for a handshake.
constexpr Duration kKeepWarm = std::chrono::seconds(5);
// A patch is in the cgroup after 0.1 s (v1) to 0.5 s (v2): until then readings still show the old
// limit, and must not be answered twice.
constexpr Duration kActuation = std::chrono::milliseconds(500);
constexpr std::size_t kMaxCases = 10'000;
// How often one raise is sent when the pod changes under it; the kubelet writes its status often,
// twice within the milliseconds between our look and our patch hardly ever.
constexpr int kMaxTries = 5;

}  // namespace

Guard::Guard(kube::Client& client, fleet::Fleet& fleet, kube::EventRecorder& events,
             PatchPace& pace, const Log& log, std::function<bool()> active,
             controllers::Heartbeats& heartbeats)
    : client_(client),
      fleet_(fleet),
      events_(events),
      pace_(pace),
      log_(log),
      active_(std::move(active)) {
  for (int i = 0; i < kWorkers; ++i) {
    workers_.emplace_back(
        [this, &heartbeats](std::stop_token stop) { Run(stop, heartbeats.Start("guard")); });
  }
}

Guard::~Guard() {
  for (std::jthread& worker : workers_) worker.request_stop();
  for (std::jthread& worker : workers_) worker.join();
}

Bytes Guard::PromisedLocked(const std::string& node) {
  Promise& promise = promises_[node];
  const auto state = fleet_.Node(node);
  const auto report = state ? state->last_report : std::nullopt;
  if (promise.report != report) promise = {.report = report, .promised = Bytes(0)};
  return promise.promised;
}

void Guard::OnUrgent(const std::string& container_id, const model::MemoryDigest& digest) {
  if (!active_()) return;
  const Instant arrived = client_.clock().Monotonic();
  std::optional<fleet::UrgentCase> urgent = fleet_.Urgent(container_id);
  if (!urgent || !digest.limit) return;
  {
    const std::lock_guard lock(mutex_);
    if (cases_.size() >= kMaxCases && !cases_.contains(container_id)) {
      std::erase_if(cases_, [&](const auto& entry) {
        return !entry.second.in_flight && arrived - entry.second.asked_at > std::chrono::minutes(5);
      });
    }
    Case& held = cases_[container_id];
    const bool on_its_way = held.asked > *digest.limit && arrived - held.asked_at < kActuation;
    if (held.in_flight || on_its_way) return;

    rollout::UrgentBounds bounds{.max_allowed = urgent->max_allowed,
                                 .node_available = urgent->node_available,
                                 .leak_suspected = urgent->leak_suspected,
                                 .expected = urgent->expected};
    if (bounds.node_available) {
      bounds.node_available =
          std::max(Bytes(0), *bounds.node_available - PromisedLocked(urgent->ref.node));
    }
    rollout::UrgentAnswer answer = rollout::AnswerUrgent({.time = digest.window_end,
                                                          .hard = digest.hard_peak,
                                                          .limit = digest.limit,
                                                          .rise = digest.rise,
                                                          .rate = digest.rate},
                                                         bounds, held.history);
    // A larger limit is asked for already and the node has not followed: never ask for less. What
    // can be done is to take back what holds it up.
    if (answer.limit && urgent->asked > answer.limit) {
      if (urgent->waiting.empty()) return;
      answer.limit = urgent->asked;
    }
    // Only a wanted raise takes a turn; without one the next reading, 0.1 s later, asks again.
    if (answer.limit && !pace_.Take(/*urgent=*/true, arrived)) {
      answer = {.limit = std::nullopt,
                .reason = {"RaiseRateExceeded", "too many raises in the whole cluster at once"}};
    }
    if (!answer.limit) {
      if (answer.reason.code == "NotNearLimit") return;
      ++counters_.refused;
      if (arrived - held.told < std::chrono::minutes(1) && held.told != Instant{}) return;
      held.told = arrived;
      log_.Warn("limit not raised before the kill", {{"pod", urgent->ref.pod_name},
                                                     {"container", urgent->ref.key.container},
                                                     {"reason", answer.reason.code},
                                                     {"message", answer.reason.message}});
      return;
    }
    held.history = rollout::Counted(held.history, digest.window_end);
    held.in_flight = true;
    held.asked = *answer.limit;
    held.asked_at = arrived;
    promises_[urgent->ref.node].promised += *answer.limit - *digest.limit;
    jobs_.push_back({.container_id = container_id,
                     .urgent = *std::move(urgent),
                     .from = *digest.limit,
                     .to = *answer.limit,
                     .reason = answer.reason,
                     .arrived = arrived});
  }
  changed_.notify_one();
}

void Guard::Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    pulse.Tick();
    if (!changed_.wait_for(lock, stop, kKeepWarm, [this] { return !jobs_.empty(); })) {
      if (stop.stop_requested() || !active_()) continue;
      lock.unlock();
      (void)client_.GetPath("/version", stop);
      lock.lock();
      continue;
    }
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    Carry(std::move(job));
    lock.lock();
  }
}

// What a job is in rollout's words: what is taken back, if anything, then the raise.
std::vector<rollout::Step> Guard::StepsOf(const Job& job) {
  const fleet::ContainerRef& ref = job.urgent.ref;
  std::vector<rollout::Step> steps;
  if (!job.urgent.waiting.empty()) {
    rollout::Step& taken_back = steps.emplace_back();
    taken_back.intent = rollout::Intent::kRevert;
    taken_back.reason = {std::string(api::reason::kResizeDeferred),
                         "the node of pod " + ref.pod_name +
                             " had no room for the request; it was taken back so that the limit "
                             "could be raised"};
    for (const fleet::WaitingRequest& waiting : job.urgent.waiting) {
      taken_back.resizes.push_back({.container = waiting.container, .request = waiting.given});
    }
  }
  rollout::Step& raise = steps.emplace_back();
  raise.intent = rollout::Intent::kGrow;
  raise.urgent = true;
  raise.before_kill = true;
  raise.reason = job.reason;
  raise.resizes = {{.container = ref.key.container, .limit = job.to, .from_limit = job.from}};
  if (job.urgent.guaranteed) {
    raise.resizes.front().request = job.to;
    raise.resizes.front().from_request = job.from;
  }
  for (rollout::Step& step : steps) {
    step.kind = rollout::StepKind::kResize;
    step.pod_uid = ref.pod_uid;
    step.pod_name = ref.pod_name;
  }
  return steps;
}

// The raise; and beside it, taken back, requests of ours that the node has not given: they would
// hold the limit back (a pod's resize is carried out as a whole).
Status Guard::Send(const Job& job, const rollout::ContainerResize& raise) {
  const fleet::ContainerRef& ref = job.urgent.ref;
  std::vector<KindedResize> resizes{{raise, ref.kind}};
  for (const fleet::WaitingRequest& waiting : job.urgent.waiting) {
    if (waiting.container == raise.container) {
      resizes.front().resize.request = waiting.given;
    } else {
      resizes.push_back({{.container = waiting.container, .request = waiting.given}, waiting.kind});
    }
  }
  nlohmann::json patch = ResizePatch(resizes);
  // Another pod may have taken the name (StatefulSet), or auto-patch may have raised this one
  // further since the case was made: a raise must not take that away.
  patch["metadata"]["uid"] = ref.pod_uid;
  patch["metadata"]["resourceVersion"] = job.urgent.resource_version;
  const auto answer = client_.Patch(kube::kPods, {ref.key.workload.ns, ref.pod_name},
                                    kube::PatchType::kStrategic, patch, ResizeOptions());
  if (!answer) return std::unexpected(answer.error());
  return {};
}

// The informer may be behind what changed the pod, and waiting for it would cost the time that a
// raise has: the server is asked.
Result<Guard::Job> Guard::TakenAnew(Job job) {
  const fleet::ContainerRef& ref = job.urgent.ref;
  const auto object = client_.Get(kube::kPods, {ref.key.workload.ns, ref.pod_name});
  if (!object) return std::unexpected(object.error());
  const auto pod = PodNowFrom(*object);
  if (!pod) return std::unexpected(pod.error());
  const auto container = pod->containers.find(ref.key.container);
  if (pod->uid != ref.pod_uid || container == pod->containers.end() || !container->second.limit) {
    return Fail(ErrorCode::kNotFound, "the pod of that limit is gone");
  }
  // What the node has given meanwhile holds nothing up; what somebody else asks for is not ours.
  std::erase_if(job.urgent.waiting, [&](const fleet::WaitingRequest& waiting) {
    const auto now = pod->containers.find(waiting.container);
    return now == pod->containers.end() || now->second.request != waiting.asked ||
           now->second.given != waiting.given;
  });
  const Bytes asked = *container->second.limit;
  if (asked >= job.to && job.urgent.waiting.empty()) {
    return Fail(ErrorCode::kConflict,
                "the pod asks for " + kube::FormatBytes(asked) + " by now, which is as much");
  }
  job.to = std::max(job.to, asked);
  job.urgent.resource_version = pod->resource_version;
  return job;
}

void Guard::Carry(Job job) {
  std::vector<rollout::Step> steps = StepsOf(job);
  TimePoint sent = NoteSending(job, steps);
  Status answer = Send(job, steps.back().resizes.front());
  for (int tries = 1; tries < kMaxTries; ++tries) {
    if (answer || answer.error().code() != ErrorCode::kConflict) break;
    Result<Job> anew = TakenAnew(job);
    if (!anew) {
      // The conflict may be with our own patch, sent again over a new connection.
      answer = Fail(ErrorCode::kConflict, anew.error().message());
      break;
    }
    NoteUnsent(job, steps, sent);
    job = *std::move(anew);
    steps = StepsOf(job);
    sent = NoteSending(job, steps);
    answer = Send(job, steps.back().resizes.front());
  }
  const Instant answered = client_.clock().Monotonic();
  {
    const std::lock_guard lock(mutex_);
    Case& held = cases_[job.container_id];
    held.in_flight = false;
    held.asked_at = answered;
    if (!answer) held.asked = Bytes(0);
  }
  if (answer) {
    Record(job, steps, sent, static_cast<std::uint64_t>((answered - job.arrived).count()));
    return;
  }
  NoteFailure(job, steps, sent, answer.error());
  ++counters_.refused;
  log_.Warn("limit not raised before the kill", {{"pod", job.urgent.ref.pod_name},
                                                 {"container", job.urgent.ref.key.container},
                                                 {"step", Describe(steps.back())},
                                                 {"problem", answer.error().message()}});
}

TimePoint Guard::NoteSending(const Job& job, const std::vector<rollout::Step>& steps) {
  const TimePoint sent = client_.clock().Now();
  fleet_.ChangeProgress(job.urgent.ref.key.workload, [&](rollout::Progress progress) {
    for (const rollout::Step& step : steps) {
      progress = rollout::RecordedUnanswered(std::move(progress),
                                             {.step = step, .sent = sent, .told_by_sender = true});
    }
    return progress;
  });
  return sent;
}

void Guard::NoteUnsent(const Job& job, const std::vector<rollout::Step>& steps, TimePoint sent) {
  fleet_.ChangeProgress(job.urgent.ref.key.workload, [&](rollout::Progress progress) {
    for (const rollout::Step& step : steps) {
      progress = rollout::RecordedUnsent(std::move(progress), step, sent);
    }
    return progress;
  });
}

// Refused, nothing is waited for. Without an answer the next look at the pod tells whether it was
// taken, and whoever looks then tells users; a look before this one has told nobody.
void Guard::NoteFailure(const Job& job, const std::vector<rollout::Step>& steps, TimePoint sent,
                        const Error& error) {
  const bool refused = error.code() != ErrorCode::kConflict &&
                       error.code() != ErrorCode::kRetryable &&
                       error.code() != ErrorCode::kCanceled;
  if (refused) {
    NoteUnsent(job, steps, sent);
    // The server said no, and would to the next raise as well: no limit may count on the guard.
    if (error.code() != ErrorCode::kForbidden && error.code() != ErrorCode::kInvalid) return;
    const TimePoint now = client_.clock().Now();
    fleet_.ChangeProgress(job.urgent.ref.key.workload, [&](rollout::Progress progress) {
      return rollout::RecordedGuardRefusal(std::move(progress), steps.back(), WhyRefused(error),
                                           now);
    });
    return;
  }
  fleet_.ChangeProgress(job.urgent.ref.key.workload, [&](rollout::Progress progress) {
    return rollout::RecordedUnanswered(std::move(progress), {.step = steps.back(), .sent = sent});
  });
}

void Guard::Record(const Job& job, const std::vector<rollout::Step>& steps, TimePoint sent,
                   std::uint64_t took) {
  const fleet::ContainerRef& ref = job.urgent.ref;
  const TimePoint now = client_.clock().Now();
  fleet_.ChangeProgress(ref.key.workload, [&](rollout::Progress progress) {
    for (const rollout::Step& step : steps) {
      progress = rollout::Recorded(std::move(progress), step, {}, sent, now);
    }
    return progress;
  });
  fleet_.ChangeCarried(ref.key.workload, [&](fleet::Carried& carried) {
    carried.last_patch = PatchOf(steps.back(), {}, now);
  });
  ++counters_.raised;
  counters_.milliseconds_total += took;
  std::uint64_t worst = counters_.milliseconds_worst;
  while (took > worst && !counters_.milliseconds_worst.compare_exchange_weak(worst, took)) {
  }
  log_.Info("limit raised before the kill", {{"namespace", ref.key.workload.ns},
                                             {"pod", ref.pod_name},
                                             {"container", ref.key.container},
                                             {"step", Describe(steps.back())},
                                             {"milliseconds", std::to_string(took)}});
  const auto workload = fleet_.Snapshot(ref.key.workload);
  if (workload) events_.Record(EventOf(workload->key, workload->identity, steps.back(), {}));
}

}  // namespace plimsoll::autopatch
