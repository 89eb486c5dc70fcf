// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/adviser.h"

#include <fmt/format.h>

#include <algorithm>

#include "operator/cli/advice_json.h"

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

}  // namespace

Result<Adviser> Adviser::Make(AdviserOptions options) {
  if (const auto engine = replay::MakeEngine(options.engine); !engine) {
    return std::unexpected(engine.error().Context("--engine"));
  }
  return Adviser(std::move(options));
}

Result<Adviser::Container*> Adviser::Find(const AdviseEvent& event) {
  // Streams come container by container as often as not.
  if (has_last_ && last_->first == event.container) return &last_->second;
  last_ = containers_.find(event.container);
  has_last_ = last_ != containers_.end();
  if (has_last_) return &last_->second;
  if (containers_.size() >= kMaxContainers) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("container: more than {} of them; run one process for each part",
                            kMaxContainers));
  }
  auto engine = replay::MakeEngine(options_.engine);
  if (!engine) return std::unexpected(engine.error());
  last_ = containers_
              .emplace(std::string(event.container),
                       Container{.engine = std::move(*engine), .first = event.time})
              .first;
  has_last_ = true;
  return &last_->second;
}

Status Adviser::Take(const AdviseEvent& event, std::string& out) {
  if (event.kind == EventKind::kAdvise && event.container.empty()) {
    for (auto& [name, container] : containers_) Answer(name, container, event.time, out);
    return {};
  }
  const auto container = Find(event);
  if (!container) return std::unexpected(container.error());
  Container& found = **container;
  if (event.request) found.request = event.request;
  if (event.limit) found.limit = event.limit;
  if (event.batch) found.batch = *event.batch;
  if (event.kind == EventKind::kAdvise) {
    Answer(std::string(event.container), found, event.time, out);
  } else {
    Observe(found, event);
  }
  return {};
}

void Adviser::Observe(Container& container, const AdviseEvent& event) {
  switch (event.kind) {
    case EventKind::kDigest: {
      if (event.working_set) container.engine->Poll(PodOf(event), event.time, *event.working_set);
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

void Adviser::Answer(const std::string& name, Container& container, TimePoint now,
                     std::string& out) {
  replay::Situation situation{.now = now, .policy = options_.policy, .guard = options_.guard};
  situation.constraints.guaranteed = options_.equal;
  situation.pod_age = now - container.first;
  situation.batch = container.batch;
  situation.in_force = InForce(container.request, container.limit);
  AppendAdvice(name, now, container.engine->Advise(situation), out);
}

}  // namespace plimsoll::cli
