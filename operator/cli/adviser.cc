// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/adviser.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "advisor/recommend/reason.h"
#include "operator/api/reasons.h"
#include "operator/api/text.h"
#include "operator/cli/advice_json.h"
#include "operator/cli/shown.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kOnlyPod = "pod";

std::string_view PodOf(const AdviseEvent& event) {
  return event.pod.empty() ? kOnlyPod : event.pod;
}

// A limit without a request is both, as the API server makes it; a request without a limit leaves
// the container unbounded, and no limit is made up for it.
model::CurrentResources InForce(std::optional<Bytes> request, std::optional<Bytes> limit) {
  if (!limit) return {.request = request, .limit = std::nullopt};
  return {.request = std::min(request.value_or(*limit), *limit), .limit = limit};
}

// A kill at the container's own limit says that this limit was too low, also where only the digests
// before it told the limit. Unless it held more by then: that limit had been raised.
std::optional<Bytes> LimitAtKill(const model::OomEvent& oom, std::optional<Bytes> last) {
  const bool own =
      oom.kind == model::OomKind::kContainerOom || oom.kind == model::OomKind::kChildOom;
  if (oom.limit || !own || !last || (oom.peak && *oom.peak > *last)) return oom.limit;
  return last;
}

// The limit at a kill in the pod's slice is the pod's, that of a runtime its heap's.
bool TellsLimit(const AdviseEvent& event) {
  return event.limit &&
         (event.kind != EventKind::kOom || (event.oom.kind != model::OomKind::kPodSliceOom &&
                                            event.oom.kind != model::OomKind::kRuntimeOom));
}

// As the operator, which has no numbers either for a container that the policy leaves alone.
recommend::Recommendation LeftOut() {
  recommend::Recommendation none;
  none.reasons.push_back({std::string(api::reason::kExcluded),
                          "the policy leaves this container alone; remove its controlled: None to "
                          "get advice"});
  return none;
}

}  // namespace

Result<Adviser> Adviser::Make(AdviserOptions options) {
  if (const auto engine = replay::MakeEngine(options.engine); !engine) {
    return std::unexpected(engine.error().Context("--engine"));
  }
  return Adviser(std::move(options));
}

// Streams come container by container, or all of them by turns: either way whose event it is can be
// guessed, and looking it up among thousands is a tenth of an event's cost.
Result<Adviser::Container*> Adviser::Find(const AdviseEvent& event) {
  Containers::value_type* const before = last_;
  if (before != nullptr) {
    if (before->first == event.container) return &before->second;
    last_ = before->second.next;
    if (last_ != nullptr && last_->first == event.container) return &last_->second;
  }
  const auto found = containers_.find(event.container);
  if (found != containers_.end()) {
    last_ = &*found;
  } else {
    const auto added = Add(event);
    if (!added) return std::unexpected(added.error());
    last_ = *added;
  }
  if (before != nullptr) before->second.next = last_;
  return &last_->second;
}

Result<Adviser::Containers::value_type*> Adviser::Add(const AdviseEvent& event) {
  if (containers_.size() >= kMaxContainers) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("container: more than {} of them; run one process for each part",
                            kMaxContainers));
  }
  auto engine = replay::MakeEngine(options_.engine);
  if (!engine) return std::unexpected(engine.error());
  Container container{.engine = std::move(*engine),
                      .policy = options_.policy(event.container),
                      .first = event.time,
                      .last = event.time};
  return &*containers_.emplace(std::string(event.container), std::move(container)).first;
}

Status Adviser::Take(const AdviseEvent& event, std::string& out, std::string& remark) {
  remark.clear();
  if (event.kind == EventKind::kAdvise && event.container.empty()) {
    AnswerAll(event.time, out);
    return {};
  }
  const auto container = Find(event);
  if (!container) return std::unexpected(container.error());
  Container& found = **container;
  CheckTime(found, event, remark);
  if (event.request) found.request = event.request;
  if (TellsLimit(event)) found.limit = event.limit;
  if (event.batch) found.batch = *event.batch;
  if (event.kind == EventKind::kAdvise) {
    Answer(std::string(event.container), found, event.time, out);
  } else {
    Observe(found, event);
  }
  return {};
}

void Adviser::CheckTime(Container& container, const AdviseEvent& event, std::string& remark) {
  if (event.time < container.last && !container.told_back) {
    container.told_back = true;
    remark = fmt::format("time: {} of '{}' is before its event of {}; sort the events by time",
                         api::FormatTime(event.time), ShownName(event.container),
                         api::FormatTime(container.last));
  }
  container.last = std::max(container.last, event.time);
  // The engine takes the first minute of 1970 for a clock that was never set.
  const bool zero = event.kind == EventKind::kDigest && event.has_hard &&
                    event.time < TimePoint(std::chrono::minutes(1));
  if (zero && options_.engine == replay::kOurEngine && !container.told_zero && remark.empty()) {
    container.told_zero = true;
    remark = fmt::format(
        "time: {} of '{}' is that of a clock that was never set, and such a digest counts for "
        "nothing; set the clock that stamps it",
        api::FormatTime(event.time), ShownName(event.container));
    return;
  }
  if (event.time <= latest_ || container.told_ahead || !remark.empty()) return;
  latest_ = options_.latest();
  if (event.time <= latest_) return;
  container.told_ahead = true;
  remark = fmt::format(
      "time: {} of '{}' lies in the future; set the clock that stamps it (of milliseconds: divide "
      "by "
      "1000)",
      api::FormatTime(event.time), ShownName(event.container));
}

void Adviser::Observe(Container& container, const AdviseEvent& event) {
  switch (event.kind) {
    case EventKind::kDigest: {
      if (event.working_set) container.engine->Poll(PodOf(event), event.time, *event.working_set);
      container.no_hard |= !event.has_hard;
      if (!event.has_hard) return;
      model::MemoryDigest digest = event.digest;
      digest.container_start = container.started.value_or(container.first);
      container.engine->Observe(PodOf(event), digest);
      return;
    }
    case EventKind::kOom: {
      model::OomEvent oom = event.oom;
      if (oom.id.empty())
        oom.id = fmt::format("{}@{}", PodOf(event), event.time.time_since_epoch().count());
      if (!oom.container_age && container.started)
        oom.container_age = event.time - *container.started;
      oom.limit = LimitAtKill(oom, container.limit);
      const Bytes limit = container.limit.value_or(Bytes(0));
      container.engine->Observe(PodOf(event), oom, {container.request.value_or(limit), limit});
      return;
    }
    case EventKind::kStart:
      container.started = event.time;
      if (!event.release.empty()) container.engine->ObserveRelease(event.time, event.release);
      return;
    case EventKind::kRuntime:
      container.engine->Observe(PodOf(event), event.runtime);
      return;
    case EventKind::kAdvise:
      return;
  }
}

// In order of their names.
void Adviser::AnswerAll(TimePoint now, std::string& out) {
  std::vector<Containers::value_type*> all;
  all.reserve(containers_.size());
  for (auto& each : containers_) all.push_back(&each);
  std::ranges::sort(all, {}, [](const auto* each) -> const std::string& { return each->first; });
  for (auto* each : all) Answer(each->first, each->second, now, out);
}

void Adviser::Answer(const std::string& name, Container& container, TimePoint now,
                     std::string& out) {
  if (container.policy.controlled == model::Controlled::kNone) {
    AppendAdvice(name, now, LeftOut(), out);
    return;
  }
  replay::Situation situation{.now = now, .policy = container.policy, .guard = options_.guard};
  situation.constraints.guaranteed = options_.equal;
  situation.pod_age = now - container.first;
  situation.batch = container.batch;
  situation.in_force = InForce(container.request, container.limit);
  auto advice = container.engine->Advise(situation);
  // Events came, and yet "nothing was observed".
  if (!advice.limit && container.no_hard && options_.engine == replay::kOurEngine) {
    advice.reasons.push_back({std::string(recommend::Name(recommend::ReasonCode::kNoData)),
                              "lease reads hard_peak, and the digests told working_set alone; add "
                              "hard_peak to them"});
  }
  AppendAdvice(name, now, advice, out);
}

}  // namespace plimsoll::cli
