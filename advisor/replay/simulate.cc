// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/simulate.h"

#include <algorithm>
#include <string>
#include <vector>

#include "advisor/replay/agent_view.h"
#include "advisor/replay/container_model.h"
#include "advisor/replay/ledger.h"
#include "advisor/replay/random.h"

namespace plimsoll::replay {
namespace {

constexpr std::string_view kPod = "pod";
constexpr double kGuardFrom = 0.8;      // of the limit: the agent watches closely from here on
constexpr double kWorthTelling = 1.01;  // over the highest reading already told
constexpr Duration kDeferral = std::chrono::minutes(30);
constexpr std::int64_t kStableMinutes = 10;

}  // namespace

class Simulation::State {
 public:
  State(const Traits& traits, std::uint64_t seed, Engine& engine, const SimulationOptions& options)
      : active_share_(traits.active_share),
        engine_(engine),
        options_(options),
        container_(traits),
        random_(seed * 2 + 1) {
    const Bytes initial =
        std::min(Bytes::FromDouble(traits.initial_limit), options.node_allocatable);
    in_force_ = {initial, initial};
  }

  TimelinePoint Step(const Minute& demand, const MinuteEvents& events);
  [[nodiscard]] std::int64_t kills() const { return kills_; }
  Outcome Close() { return ledger_.Close(static_cast<double>(minute_) / 1440); }

 private:
  struct Pending {
    TimePoint due;
    Resources resources;
  };

  [[nodiscard]] TimePoint At(std::int64_t minute, int second = 0) const {
    return options_.start + std::chrono::seconds(minute * 60 + second);
  }
  [[nodiscard]] Situation Ask(TimePoint now) const;
  void Start(std::int64_t minute, std::string_view release);
  void LiveMinute(std::int64_t minute, const Minute& demand);
  // True: it was killed in this minute.
  bool LiveSeconds(std::int64_t minute, const LivedMinute& lived);
  void Urgent(std::int64_t minute, int second, const LivedMinute& lived, double hard);
  void Kill(std::int64_t minute, int second, const LivedMinute& lived);
  void Poll(std::int64_t minute, const LivedMinute& lived);
  void SendDigest(std::int64_t minute);
  void Act(TimePoint now, Duration delay);
  void Enforce(TimePoint now);
  [[nodiscard]] double HardNow() const;
  [[nodiscard]] bool Lost() {
    return options_.digest_loss > 0 && random_.Uniform() < options_.digest_loss;
  }

  double active_share_;
  Engine& engine_;
  SimulationOptions options_;
  ContainerModel container_;
  AgentView view_;
  Ledger ledger_;
  Random random_;
  Resources in_force_;
  std::vector<Pending> pending_;  // in the order they were asked for
  TimePoint container_start_{};
  LivedMinute last_lived_;
  double told_ = 0;  // the highest hard reading the engine knows of this hour
  bool killed_ = false;
  std::int64_t minute_ = 0;
  std::int64_t kills_ = 0;
};

Situation Simulation::State::Ask(TimePoint now) const {
  Situation situation{.now = now,
                      .in_force = {in_force_.request, in_force_.limit},
                      .pod_age = now - options_.start,
                      .batch = options_.batch,
                      .policy = options_.policy,
                      .guard = options_.guard};
  situation.constraints.guaranteed = options_.guaranteed;
  situation.constraints.node_allocatable = options_.node_allocatable;
  return situation;
}

TimelinePoint Simulation::State::Step(const Minute& demand, const MinuteEvents& events) {
  const std::int64_t minute = minute_++;
  const auto cadence = engine_.Cadence() / Duration(std::chrono::minutes(1));
  if (killed_ || (minute > 0 && minute % cadence == 0)) {
    killed_ = false;
    Act(At(minute), Duration(0));
  }
  Enforce(At(minute));
  if (minute % 60 == 0) told_ = 0;
  const bool was_up = container_.running();
  if (container_.Tick(minute, demand, events.restart)) Start(minute, events.release);
  if (container_.running()) {
    LiveMinute(minute, demand);
  } else if (!was_up && demand.level > 0) {
    ledger_.Down();
  }
  if (minute_ % AgentView::kWindowMinutes == 0) SendDigest(minute);
  const bool up = container_.running();
  return {static_cast<float>(up ? last_lived_.Highest() : 0),
          static_cast<float>(up ? last_lived_.Mean() + last_lived_.needed_cache : 0),
          static_cast<float>(in_force_.limit.AsDouble()),
          static_cast<float>(in_force_.request.AsDouble())};
}

void Simulation::State::Start(std::int64_t minute, std::string_view release) {
  // What the window held belonged to the container before.
  if (view_.Any()) engine_.Observe(kPod, view_.Close(At(minute), container_start_));
  container_start_ = At(minute);
  if (!release.empty()) engine_.ObserveRelease(At(minute), release);
}

void Simulation::State::LiveMinute(std::int64_t minute, const Minute& demand) {
  const LivedMinute lived = container_.Live(minute, demand);
  last_lived_ = lived;
  const double highest = lived.Highest();
  const double limit = in_force_.limit.AsDouble();
  const bool watched =
      options_.guard.active && highest > kGuardFrom * limit && highest > told_ * kWorthTelling;
  if (highest > limit || watched || !pending_.empty()) {
    if (LiveSeconds(minute, lived)) return;
  }
  if (container_.AgeMinutes(minute) == 0) view_.SeeStart(lived.from);
  view_.See(lived, highest, 60, in_force_, active_share_);
  container_.Lived(lived);
  Poll(minute, lived);
  ledger_.Up(lived.Mean() + lived.needed_cache, in_force_);
  if (container_.AgeMinutes(minute) == kStableMinutes) ledger_.Stable(container_start_);
}

bool Simulation::State::LiveSeconds(std::int64_t minute, const LivedMinute& lived) {
  for (int second = 0; second < 60; ++second) {
    Enforce(At(minute, second));
    const double hard = lived.At(second);
    if (hard > in_force_.limit.AsDouble()) {
      Kill(minute, second, lived);
      return true;
    }
    if (options_.guard.active && hard > kGuardFrom * in_force_.limit.AsDouble() &&
        hard > told_ * kWorthTelling) {
      Urgent(minute, second, lived, hard);
    }
  }
  return false;
}

void Simulation::State::Urgent(std::int64_t minute, int second, const LivedMinute& lived,
                               double hard) {
  told_ = hard;
  model::MemoryDigest reading;
  reading.window_start = reading.window_end = At(minute, second);
  reading.samples = 1;
  reading.urgent = true;
  reading.hard_peak = reading.hard_mean = Bytes::FromDouble(hard);
  reading.soft_mean = Bytes::FromDouble(CacheHeld(lived.cache, hard, in_force_));
  reading.usage = reading.hard_peak + *reading.soft_mean;
  reading.limit = in_force_.limit;
  const double before = lived.At(std::max(second - 5, 0));
  reading.rise = Bytes::FromDouble(std::max(0.0, hard - before));
  if (const double rate = hard - lived.At(std::max(second - 1, 0)); rate > 0) {
    reading.rate = BytesPerSecond(rate);
  }
  reading.container_start = container_start_;
  engine_.Observe(kPod, reading);
  Act(At(minute, second), options_.guard.reaction);
}

void Simulation::State::Kill(std::int64_t minute, int second, const LivedMinute& lived) {
  const TimePoint now = At(minute, second);
  const double limit = in_force_.limit.AsDouble();
  view_.See(lived, limit, std::max(second, 1), in_force_, active_share_);
  view_.SeeKill();
  model::OomEvent event;
  event.id = "kill-" + std::to_string(++kills_);
  event.kind = model::OomKind::kContainerOom;
  event.time = now;
  event.limit = event.peak = in_force_.limit;
  event.container_age = now - container_start_;
  ledger_.Kill(now, in_force_);
  engine_.Observe(kPod, event, in_force_);
  container_.Kill(minute * 60 + second);
  killed_ = true;
}

void Simulation::State::Poll(std::int64_t minute, const LivedMinute& lived) {
  const auto second = static_cast<int>(random_.Below(60));
  if (Lost()) return;
  const double hard = lived.At(second);
  const double held = CacheHeld(lived.cache, hard, in_force_);
  const double active = ActiveCache(held, lived.needed_cache, active_share_);
  engine_.Poll(kPod, At(minute, second), Bytes::FromDouble(hard + active));
}

void Simulation::State::SendDigest(std::int64_t minute) {
  if (!view_.Any()) return;
  model::MemoryDigest digest = view_.Close(At(minute + 1), container_start_);
  if (Lost()) return;
  if (options_.clock_skew > Duration(0)) {
    const Duration skew(random_.Below(2 * options_.clock_skew.count() + 1) -
                        options_.clock_skew.count());
    digest.window_start += skew;
    digest.window_end += skew;
  }
  told_ = std::max(told_, digest.hard_peak.AsDouble());
  engine_.Observe(kPod, digest);
}

void Simulation::State::Act(TimePoint now, Duration delay) {
  auto wanted = engine_.Act(Ask(now));
  if (!wanted) return;
  if (options_.guaranteed) wanted->request = wanted->limit;
  wanted->limit = std::min(wanted->limit, options_.node_allocatable);
  wanted->request = std::min(wanted->request, wanted->limit);
  // A raise in flight is not undone by an answer that did not know of it.
  if (!pending_.empty() && pending_.back().resources.limit >= wanted->limit) return;
  const bool needs_room = wanted->request > in_force_.request;
  if (needs_room && options_.deferred_share > 0 && random_.Uniform() < options_.deferred_share) {
    delay = std::max(delay, kDeferral);
  }
  pending_.push_back({now + delay, *wanted});
}

double Simulation::State::HardNow() const { return container_.running() ? last_lived_.level : 0; }

void Simulation::State::Enforce(TimePoint now) {
  for (std::size_t i = 0; i < pending_.size();) {
    if (now < pending_[i].due) {
      ++i;
      continue;
    }
    const Resources next = pending_[i].resources;
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
    // A limit below what is used is skipped, as by the kubelet; the engine asks again. Cache in the
    // way is given up: by reclaim here, by an eviction under VPA.
    if (next.limit < in_force_.limit && next.limit.AsDouble() < HardNow()) continue;
    if (next == in_force_) continue;
    ledger_.Change(now, in_force_, next);
    in_force_ = next;
  }
}

Simulation::Simulation(const Traits& traits, std::uint64_t seed, Engine& engine,
                       const SimulationOptions& options)
    : state_(std::make_unique<State>(traits, seed, engine, options)) {}
Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;

TimelinePoint Simulation::Step(const Minute& demand, const MinuteEvents& events) {
  return state_->Step(demand, events);
}

std::int64_t Simulation::kills() const { return state_->kills(); }

Outcome Simulation::Close() { return state_->Close(); }

Outcome Simulate(const Workload& workload, Engine& engine, const SimulationOptions& options,
                 Timeline* timeline) {
  Simulation simulation(workload.traits, workload.seed, engine, options);
  if (timeline != nullptr) timeline->reserve(workload.minutes.size());
  for (std::size_t t = 0; t < workload.minutes.size(); ++t) {
    const auto minute = static_cast<std::int64_t>(t);
    MinuteEvents events{.restart = workload.RestartsAt(minute)};
    std::string release;
    if (t == 0 || workload.ReleasesAt(minute)) release = "release-" + std::to_string(t);
    events.release = release;
    const TimelinePoint point = simulation.Step(workload.minutes[t], events);
    if (timeline != nullptr) timeline->push_back(point);
  }
  return simulation.Close();
}

}  // namespace plimsoll::replay
