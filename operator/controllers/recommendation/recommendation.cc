// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/recommendation/recommendation.h"

#include <fmt/format.h>

#include <algorithm>

#include "operator/api/codecs.h"
#include "operator/api/names.h"
#include "operator/api/reasons.h"
#include "operator/api/text.h"
#include "operator/api/watch_problem.h"
#include "operator/controllers/recommendation/obstacles.h"
#include "operator/kube/resources.h"

namespace plimsoll::recommendation {
namespace {

using fleet::Guardable;

// Readings come every 15 s per container; one look answers all that came meanwhile.
constexpr Duration kGather = std::chrono::seconds(3);
// Time alone changes advice (hours end, telemetry goes stale).
constexpr Duration kLookAgain = std::chrono::seconds(60);
// Values that move with every reading are shown at most this often.
constexpr Duration kQuietInterval = std::chrono::minutes(5);

kube::InformerOptions Options(const Log& log) {
  kube::InformerOptions options;
  options.on_error = [&log](const Error& error) {
    log.Warn("watch failed and is tried again",
             {{"resource", api::kMemoryRecommendations.plural},
              {"problem", api::WatchProblem(api::kMemoryRecommendations, error)}});
  };
  return options;
}

kube::ObjectReference Regarding(const fleet::Workload& workload) {
  return {.api_version = workload.identity.api_version,
          .kind = workload.key.kind,
          .ns = workload.key.ns,
          .name = workload.key.name,
          .uid = workload.identity.uid};
}

// The requests of Jobs and of CronJobs' runs are by the peaks of whole runs.
bool RunsToItsEnd(const model::WorkloadKey& key) {
  return key.kind == kube::kJobs.kind || key.kind == kube::kCronJobs.kind;
}

// What the new numbers are held against, so that what hardly differs stays: what is in force where
// the advice is applied, what is shown where it is not.
std::optional<model::CurrentResources> Previous(const std::string& container,
                                                const ContainerFacts& facts, api::Mode mode,
                                                const api::MemoryRecommendation* shown) {
  if (mode == api::Mode::kAutoPatch) return facts.current;
  if (shown == nullptr) return std::nullopt;
  const auto advice =
      std::ranges::find(shown->status.containers, container, &api::ContainerAdvice::name);
  if (advice == shown->status.containers.end()) return std::nullopt;
  return model::CurrentResources{advice->target.request, advice->target.limit};
}

// What a user wrote and cannot be meant, as status tells it; empty: nothing.
std::string MistakeIn(const api::MemoryRecommendationStatus& status) {
  const api::Condition* applied = api::FindCondition(status.conditions, api::condition::kApplied);
  if (applied == nullptr) return "";
  const bool mistake = applied->reason == api::reason::kUnknownModeLabel ||
                       applied->reason == api::reason::kPolicyNotFound ||
                       applied->reason == api::reason::kPolicyInvalid;
  return mistake ? applied->message : "";
}

// The newest kill that status shows, in whole seconds, as the server gives it back.
std::optional<TimePoint> LastKillIn(const api::MemoryRecommendationStatus& status) {
  std::optional<TimePoint> last;
  for (const api::ContainerAdvice& container : status.containers) {
    if (!container.oom || !container.oom->last_kill) continue;
    last = std::max(last, std::optional<TimePoint>(
                              std::chrono::floor<std::chrono::seconds>(*container.oom->last_kill)));
  }
  return last;
}

api::MemoryRecommendationStatus About(std::int64_t generation,
                                      api::MemoryRecommendationStatus status) {
  status.observed_generation = generation;
  for (api::Condition& condition : status.conditions) condition.observed_generation = generation;
  return status;
}

}  // namespace

Recommendations::Recommendations(kube::Client& reader, Collaborators with)
    : with_(std::move(with)),
      queue_(reader.clock(), stats_.QueueOptions()),
      shown_(reader, api::MemoryRecommendationCodec(), Options(with_.log)),
      status_applier_(with_.client, std::string(api::kStatusFieldManager)) {
  shown_.AddHandler({.on_change = [this](const auto& old, const auto& now, bool) {
    if (!old || now) return;
    // Somebody deleted it: the next look writes it anew.
    status_applier_.Forget(api::kMemoryRecommendations, old->meta.key());
    queue_.Add({old->meta.ns.str(), old->target.kind, old->target.name});
  }});
}

void Recommendations::Enqueue(const model::WorkloadKey& key, fleet::Change change) {
  switch (change) {
    case fleet::Change::kReading:
      queue_.AddAfter(key, kGather);
      break;
    case fleet::Change::kPods:
    case fleet::Change::kOom:
    case fleet::Change::kCarried:
      queue_.Add(key);
      break;
    case fleet::Change::kAdvice:
    case fleet::Change::kCheckpoint:
      break;
  }
}

void Recommendations::Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse) {
  controllers::Work(
      queue_, stop, pulse, stats_, [this](const auto& key) { return Reconcile(key); },
      [this](const auto& key, const Error& error) {
        with_.log.Warn("recommendation not written; tried again",
                       {{"namespace", key.ns},
                        {"workload", key.kind + "/" + key.name},
                        {"problem", error.message()}});
      },
      [this](const auto& key) { queue_.AddAfter(key, kLookAgain, kube::Priority::kLow); });
}

std::map<std::string, fleet::Advice> Recommendations::Advise(
    const fleet::Workload& workload, const std::map<std::string, ContainerFacts>& facts,
    const ResolvedPolicy& policy, const model::Guard& guard, const api::MemoryRecommendation* shown,
    TimePoint now) const {
  std::map<std::string, fleet::Advice> all;
  static const history::ContainerHistory kNothing;
  for (const auto& [name, fact] : facts) {
    fleet::Advice advice{.excluded = policy.excludes(name)};
    const model::Controlled controlled = policy.for_container(name).controlled;
    const bool guaranteed = fact.pod->qos == kube::QosClass::kGuaranteed;
    advice.request_is_ours = model::ControlsRequest(controlled, guaranteed);
    advice.limit_is_ours = model::ControlsLimit(controlled, guaranteed);
    if (!advice.excluded) {
      const auto history = workload.histories.find(name);
      recommend::Question question{
          .now = now,
          .policy = policy.for_container(name),
          .constraints = with_.limits.ConstraintsFor(*fact.pod, PartOf(name, *fact.pod, workload)),
          .current = fact.current,
          .guard = guard,
          .batch = RunsToItsEnd(workload.key),
          .previous = Previous(name, fact, policy.effective.mode, shown)};
      const auto& known = history == workload.histories.end() ? kNothing : history->second;
      advice.recommendation = recommend::Recommend(known, question);
      advice.knows_runtime = known.runtime().last_minute() != 0;
      advice.max_allowed = question.policy.max_allowed;
      const auto& range_max = question.constraints.limit_range_max;
      if (range_max && (!advice.max_allowed || *range_max < *advice.max_allowed)) {
        advice.max_allowed = range_max;
      }
      if (policy.runtime_gc == api::Mode::kOff) advice.recommendation.settings.clear();
      if (policy.runtime_gc != api::Mode::kAutoPatch) {
        for (recommend::Setting& setting : advice.recommendation.settings) {
          setting.delivery = recommend::Delivery::kAdvice;
        }
      }
    }
    all.emplace(name, std::move(advice));
  }
  return all;
}

fleet::Permission Recommendations::PermissionFor(const fleet::Workload& workload,
                                                 const ResolvedPolicy& policy) const {
  fleet::Permission permission{.mode = policy.effective.mode,
                               .min_change_percent = policy.auto_patch.min_change.percent,
                               .min_change_bytes = policy.auto_patch.min_change.memory,
                               .max_step_down_percent = policy.auto_patch.max_step_down_percent,
                               .windows = policy.auto_patch.windows};
  if (policy.auto_patch.cooldown_seconds) {
    permission.cooldown = std::chrono::seconds(*policy.auto_patch.cooldown_seconds);
  }
  permission.forbidden = WhyForbidden(workload, with_.limits);
  return permission;
}

GuardState Recommendations::GuardOf(const fleet::Workload& workload, const ResolvedPolicy& policy,
                                    const fleet::Permission& permission,
                                    const std::map<std::string, fleet::NodeState>& nodes,
                                    TimePoint now) const {
  GuardState guard = with_.guard();
  if (guard.guardable == Guardable::kNever) return guard;
  const auto never = [](std::string problem) {
    return GuardState{.guardable = Guardable::kNever, .problem = std::move(problem)};
  };
  if (policy.effective.mode != api::Mode::kAutoPatch) return never("the mode is not auto-patch");
  if (permission.forbidden) return never(permission.forbidden->message);
  for (const auto& [uid, entry] : workload.pods) {
    for (const kube::Container& container : entry.pod->containers) {
      if (const auto why = WhyNotRaised(*entry.pod, container, policy)) return never(*why);
    }
  }
  if (auto why = WhyRefused(workload, now)) return never(*std::move(why));
  for (const auto& [uid, entry] : workload.pods) {
    const auto node = nodes.find(entry.pod->node.str());
    if (node == nodes.end() || !node->second.connected) {
      return {.guardable = Guardable::kAway,
              .problem = "the agent of node " + entry.pod->node.str() + " is not connected"};
    }
    if (std::string refused = entry.Refused(); !refused.empty()) {
      return {.guardable = Guardable::kAway, .problem = std::move(refused)};
    }
  }
  return guard;
}

Status Recommendations::Reconcile(const model::WorkloadKey& key) {
  const std::optional<fleet::Workload> workload = with_.fleet.Snapshot(key);
  if (!workload || workload->identity.uid.empty()) return {};
  const kube::ObjectKey object{key.ns, api::ObjectNameFor(key.kind, key.name)};
  const auto shown = shown_.Get(object);
  const ResolvedPolicy policy = with_.policy(key, workload->identity);
  const TimePoint now = with_.client.clock().Now();
  if (policy.effective.mode == api::Mode::kOff) {
    with_.fleet.PutAdvice(key, {}, PermissionFor(*workload, policy));
    return shown ? Remove(object) : Status{};
  }

  if (workload->pods.empty()) return shown ? ShowWithoutPods(*workload, *shown, now) : Status{};

  const auto facts = FactsOf(*workload, now);
  const auto nodes = with_.fleet.Nodes();
  const fleet::Permission permission = PermissionFor(*workload, policy);
  const GuardState guard = GuardOf(*workload, policy, permission, nodes, now);
  auto advice = Advise(*workload, facts, policy, with_.fleet.UpdateGuard(key, guard.guardable, now),
                       shown.get(), now);
  with_.fleet.PutAdvice(key, advice, permission);

  static const api::MemoryRecommendationStatus kNone;
  const ConditionInputs inputs{.workload = *workload,
                               .facts = facts,
                               .advice = advice,
                               .policy = policy,
                               .nodes = nodes,
                               .guarded = guard.guardable == Guardable::kNow,
                               .guard_problem = guard.problem};
  return Write(*workload, StatusOf(inputs, shown ? shown->status : kNone, now), shown.get(), now);
}

// Scaled to nothing, or a CronJob between two runs: the advice stays as it is shown.
Status Recommendations::ShowWithoutPods(const fleet::Workload& workload,
                                        const api::MemoryRecommendation& shown, TimePoint now) {
  // Our copy is from before the first status: written from it, the advice would be gone.
  if (!shown.status.updated) return {};
  api::MemoryRecommendationStatus status = shown.status;
  status.conditions = ConditionsWithoutPods(workload.key, std::move(status.conditions), now);
  status.summary.replicas = 0;
  return Write(workload, std::move(status), &shown, now);
}

Result<std::int64_t> Recommendations::Make(const api::MemoryRecommendation& object) {
  const auto made =
      with_.client.Patch(api::kMemoryRecommendations, object.meta.key(), kube::PatchType::kApply,
                         api::MemoryRecommendationApply(object),
                         {.field_manager = std::string(api::kFieldManager), .force = true});
  if (!made) return std::unexpected(made.error().Context("writing MemoryRecommendation"));
  const auto meta = kube::MetaFromJson(*made);
  if (!meta) return std::unexpected(meta.error().Context("the server's MemoryRecommendation"));
  return meta->generation;
}

Status Recommendations::Write(const fleet::Workload& workload,
                              api::MemoryRecommendationStatus status,
                              const api::MemoryRecommendation* shown, TimePoint now) {
  if (shown != nullptr) {
    status = About(shown->meta.generation, std::move(status));
    if (api::ShowsTheSame(status, shown->status)) return {};
    const bool lately = shown->status.updated && now - *shown->status.updated < kQuietInterval;
    if (lately && !DiffersInSubstance(status, shown->status)) return {};
  }
  api::MemoryRecommendation object;
  object.meta.ns = workload.key.ns;
  object.meta.name = api::ObjectNameFor(workload.key.kind, workload.key.name);
  object.meta.owners = {kube::OwnerReference{.api_version = workload.identity.api_version,
                                             .kind = workload.key.kind,
                                             .name = workload.key.name,
                                             .uid = workload.identity.uid}};
  object.target = {workload.identity.api_version, workload.key.kind, workload.key.name};
  status.updated = now;
  if (shown == nullptr) {
    const auto generation = Make(object);
    if (!generation) return std::unexpected(generation.error());
    status = About(*generation, std::move(status));
  }
  object.status = std::move(status);
  const kube::ObjectKey key = object.meta.key();
  const auto written = status_applier_.Apply(
      api::kMemoryRecommendations, key, api::MemoryRecommendationStatusApply(object), "status");
  if (!written) return std::unexpected(written.error().Context("writing status"));
  static const api::MemoryRecommendationStatus kNone;
  Announce(workload, shown != nullptr ? shown->status : kNone, object.status);
  return {};
}

Status Recommendations::Remove(const kube::ObjectKey& key) {
  const Status removed = with_.client.Delete(api::kMemoryRecommendations, key);
  if (!removed && removed.error().code() != ErrorCode::kNotFound) return removed;
  status_applier_.Forget(api::kMemoryRecommendations, key);
  return {};
}

bool Recommendations::IsNews(const model::WorkloadKey& key, TimePoint kill, TimePoint now) {
  constexpr Duration kTold = std::chrono::hours(24);
  const std::lock_guard lock(mutex_);
  std::erase_if(told_kills_, [&](const auto& told) { return now - told.second >= kTold; });
  if (now - kill >= kTold) return false;
  const auto [told, first] = told_kills_.try_emplace(key, kill);
  if (!first && told->second >= kill) return false;
  told->second = kill;
  return true;
}

void Recommendations::Announce(const fleet::Workload& workload,
                               const api::MemoryRecommendationStatus& before,
                               const api::MemoryRecommendationStatus& now) {
  const auto tell = [&](kube::EventType type, std::string_view reason, std::string note) {
    with_.events.Record({.regarding = Regarding(workload),
                         .type = type,
                         .reason = std::string(reason),
                         .action = "Recommend",
                         .note = std::move(note)});
  };
  const bool advised = now.summary.verdict != recommend::Verdict::kInsufficientData;
  if (advised && (before.summary.request != now.summary.request ||
                  before.summary.limit != now.summary.limit)) {
    tell(kube::EventType::kNormal, api::event::kRecommendationChanged,
         fmt::format("memory request {}, limit {} (confidence {} %)", now.summary.request,
                     now.summary.limit, now.summary.confidence_percent));
  }
  const std::string mistake = MistakeIn(now);
  if (!mistake.empty() && mistake != MistakeIn(before)) {
    tell(kube::EventType::kWarning, api::event::kSettingMistaken, mistake);
  }
  // By its time: within a day as many kills may leave the count as enter it.
  const std::optional<TimePoint> kill = LastKillIn(now);
  if (kill && now.updated && kill > LastKillIn(before) &&
      IsNews(workload.key, *kill, *now.updated)) {
    tell(kube::EventType::kWarning, api::event::kOomKillObserved,
         fmt::format(
             "out-of-memory kills in 24 hours: {}; kubectl describe memrec {} -n {} shows at which "
             "limit and what would help",
             std::max<std::int64_t>(1, now.summary.oom_kills_last_24h.value_or(1)),
             api::ObjectNameFor(workload.key.kind, workload.key.name), workload.key.ns));
  }
}

}  // namespace plimsoll::recommendation
