// SPDX-License-Identifier: Apache-2.0
//
// /metrics: controller-runtime's names where they exist, plimsoll_* for the rest.
#include <set>

#include "operator/api/mode.h"
#include "operator/cmd/operator.h"

namespace plimsoll::cmd {
namespace {

using web::MetricPage;

constexpr std::string_view kKinds[] = {"ContainerOom", "ChildOom", "PodSliceOom",
                                       "NodeOom",      "Evicted",  "RuntimeOom"};

std::string_view VerdictName(recommend::Verdict verdict) {
  switch (verdict) {
    case recommend::Verdict::kInsufficientData:
      return "InsufficientData";
    case recommend::Verdict::kUnderProvisioned:
      return "UnderProvisioned";
    case recommend::Verdict::kRightSized:
      return "RightSized";
    case recommend::Verdict::kOverProvisioned:
      return "OverProvisioned";
  }
  return "";
}

template <class Queue>
void AddQueue(MetricPage& page, std::string_view name, const Queue& queue,
              const controllers::ReconcileStats& stats) {
  const kube::WorkQueueCounts counts = queue.counts();
  page.Gauge("workqueue_depth", "Current depth of workqueue", static_cast<double>(queue.size()),
             {{"name", name}, {"controller", name}});
  page.Counter("workqueue_adds_total", "Total number of adds handled by workqueue",
               static_cast<double>(counts.added), {{"name", name}, {"controller", name}});
  page.Counter("workqueue_retries_total", "Total number of retries handled by workqueue",
               static_cast<double>(counts.retried), {{"name", name}, {"controller", name}});
  page.Histogram("workqueue_queue_duration_seconds",
                 "How long in seconds an item stays in workqueue before being requested",
                 stats.queued(), {{"name", name}, {"controller", name}});
  page.Histogram("workqueue_work_duration_seconds",
                 "How long in seconds processing an item from workqueue takes", stats.worked(),
                 {{"name", name}, {"controller", name}});
  page.Gauge("workqueue_unfinished_work_seconds",
             "How many seconds of work has been done that is in progress and hasn't been observed "
             "by work_duration",
             stats.Unfinished(), {{"name", name}, {"controller", name}});
  page.Gauge("workqueue_longest_running_processor_seconds",
             "How many seconds has the longest running processor for workqueue been running",
             stats.Unfinished(), {{"name", name}, {"controller", name}});
  page.Gauge("plimsoll_workqueue_delayed", "Keys that wait for their time",
             static_cast<double>(queue.delayed()), {{"name", name}, {"controller", name}});
}

template <class Controller>
void AddController(MetricPage& page, std::string_view name, const Controller& controller) {
  const auto& stats = controller.stats();
  const double errors = static_cast<double>(stats.failed());
  constexpr std::string_view kTotal = "controller_runtime_reconcile_total";
  constexpr std::string_view kHelp = "Total number of reconciliations per controller";
  page.Counter(kTotal, kHelp, static_cast<double>(stats.good()),
               {{"controller", name}, {"result", "success"}});
  page.Counter(kTotal, kHelp, errors, {{"controller", name}, {"result", "error"}});
  page.Counter("controller_runtime_reconcile_errors_total",
               "Total number of reconciliation errors per controller", errors,
               {{"controller", name}});
  page.Histogram("controller_runtime_reconcile_time_seconds",
                 "Length of time per reconciliation per controller", stats.reconciled(),
                 {{"controller", name}});
  page.Gauge("controller_runtime_active_workers", "Number of currently used workers per controller",
             stats.Unfinished() > 0 ? 1 : 0, {{"controller", name}});
  page.Gauge("controller_runtime_max_concurrent_reconciles",
             "Maximum number of concurrent reconciles per controller", 1, {{"controller", name}});
  AddQueue(page, name, controller.queue(), stats);
}

void AddBytes(MetricPage& page, const model::WorkloadKey& key, const std::string& container,
              std::string_view field, std::string_view bound, std::optional<Bytes> amount) {
  if (!amount) return;
  page.Gauge("plimsoll_recommendation_memory_bytes",
             "Memory advised (target; uncapped: before the bounds of policy and cluster), and what "
             "the newest pod has set (current)",
             amount->AsDouble(),
             {{"namespace", key.ns},
              {"workload_kind", key.kind},
              {"workload", key.name},
              {"container", container},
              {"field", field},
              {"bound", bound}});
}

void AddWorkload(MetricPage& page, const fleet::Workload& workload) {
  const model::WorkloadKey& key = workload.key;
  const kube::Pod* newest = workload.NewestPod();
  for (const auto& [container, kills] : workload.kills) {
    for (std::size_t kind = 0; kind < kills.counted.size(); ++kind) {
      if (kills.counted[kind] == 0) continue;
      page.Counter("plimsoll_oom_kills_total", "Out-of-memory kills seen since start",
                   static_cast<double>(kills.counted[kind]),
                   {{"namespace", key.ns},
                    {"workload_kind", key.kind},
                    {"workload", key.name},
                    {"container", container},
                    {"kind", kKinds[kind]}});
    }
  }
  for (const auto& [container, advice] : workload.advice) {
    if (advice.excluded) continue;
    const recommend::Recommendation& recommendation = advice.recommendation;
    AddBytes(page, key, container, "request", "target", recommendation.request);
    AddBytes(page, key, container, "limit", "target", recommendation.limit);
    AddBytes(page, key, container, "request", "uncapped", recommendation.uncapped_request);
    AddBytes(page, key, container, "limit", "uncapped", recommendation.uncapped_limit);
    if (const auto* set = newest != nullptr ? newest->FindContainer(container) : nullptr) {
      AddBytes(page, key, container, "request", "current", set->resources.requests.memory);
      AddBytes(page, key, container, "limit", "current", set->resources.limits.memory);
    }
    page.Gauge("plimsoll_recommendation_confidence_ratio", "How sure the advice is, 0 to 1",
               recommendation.confidence.value(),
               {{"namespace", key.ns},
                {"workload_kind", key.kind},
                {"workload", key.name},
                {"container", container}});
    page.Gauge("plimsoll_workload_verdict_info", "1 for the verdict and mode in force", 1,
               {{"namespace", key.ns},
                {"workload_kind", key.kind},
                {"workload", key.name},
                {"container", container},
                {"verdict", VerdictName(recommendation.verdict)},
                {"mode", api::ModeLabelValue(workload.permission.mode)}});
  }
}

// `nodes`: those that should have an agent; with those that have one they are all there are.
void AddAgents(MetricPage& page, const std::vector<agents::LinkInfo>& links,
               std::set<std::string> nodes, const agents::IntakeCounters& counters) {
  double connected = 0;
  for (const agents::LinkInfo& link : links) {
    nodes.insert(link.node);
    if (link.state == agents::LinkState::kConnected) ++connected;
  }
  constexpr std::string_view kNodes = "plimsoll_agent_nodes";
  constexpr std::string_view kHelp =
      "Nodes by the state of their agent's stream, as the leader has it; a node with pods and "
      "without an agent is disconnected";
  page.Gauge(kNodes, kHelp, connected, {{"state", "connected"}});
  page.Gauge(kNodes, kHelp, static_cast<double>(nodes.size()) - connected,
             {{"state", "disconnected"}});
  constexpr std::string_view kReports = "plimsoll_agent_reports_total";
  constexpr std::string_view kReportHelp = "Reports of agents by what became of them";
  page.Counter(kReports, kReportHelp, static_cast<double>(counters.digests), {{"kind", "digest"}});
  page.Counter(kReports, kReportHelp, static_cast<double>(counters.urgent), {{"kind", "urgent"}});
  page.Counter(kReports, kReportHelp, static_cast<double>(counters.ooms), {{"kind", "oom"}});
  page.Counter(kReports, kReportHelp, static_cast<double>(counters.duplicate_ooms),
               {{"kind", "oom_duplicate"}});
  page.Counter(kReports, kReportHelp, static_cast<double>(counters.refused), {{"kind", "refused"}});
  page.Counter(kReports, kReportHelp, static_cast<double>(counters.unknown_container),
               {{"kind", "unknown_container"}});
}

void AddGuard(MetricPage& page, const autopatch::GuardCounters& guard) {
  page.Counter("plimsoll_urgent_raises_total", "Limits raised before the kill",
               static_cast<double>(guard.raised));
  page.Counter("plimsoll_urgent_raises_refused_total",
               "Urgent raises that a bound or the server refused",
               static_cast<double>(guard.refused));
  page.Counter("plimsoll_urgent_raise_seconds_total",
               "Time from urgent readings to the server's answers",
               static_cast<double>(guard.milliseconds_total) / 1000.0);
  page.Gauge("plimsoll_urgent_raise_worst_seconds", "The longest of these since start",
             static_cast<double>(guard.milliseconds_worst) / 1000.0);
}

}  // namespace

std::string Operator::Metrics() const {
  MetricPage page;
  web::AddProcess(page);
  request_counts_->Show(page);
  AddController(page, "discovery", discovery_);
  AddController(page, "recommendation", recommendations_);
  AddController(page, "autopatch", autopatch_);
  page.Gauge("leader_election_master_status",
             "Gauge of if the reporting system is master of the relevant lease, 0 indicates "
             "backup, 1 indicates master.",
             Leading() && !lost_ ? 1 : 0, {{"name", options_.lease_name}});
  if (const auto age = discovery_.LastEventAge()) {
    page.Gauge("plimsoll_watch_last_event_age_seconds",
               "Time since the API server was last heard, over all watches of discovery",
               static_cast<double>(age->count()) / 1000.0);
  }
  page.Gauge("plimsoll_checkpoint_age_seconds", "Age of the oldest intake that is not stored",
             static_cast<double>(checkpoints_.OldestUnstored().count()) / 1000.0);
  const autopatch::PatchCounters& patches = autopatch_.counters();
  constexpr std::string_view kPatches = "plimsoll_patches_total";
  constexpr std::string_view kHelp = "Resizes by method and result";
  page.Counter(kPatches, kHelp, static_cast<double>(patches.applied),
               {{"method", "InPlace"}, {"result", "applied"}});
  page.Counter(kPatches, kHelp, static_cast<double>(patches.refused),
               {{"method", "InPlace"}, {"result", "refused"}});
  constexpr std::string_view kHeldBack = "plimsoll_patches_held_back_total";
  constexpr std::string_view kHeldBackHelp = "Resizes that waited for their turn, by class";
  page.Counter(kHeldBack, kHeldBackHelp, static_cast<double>(pace_.held_back(false)),
               {{"class", "routine"}});
  page.Counter(kHeldBack, kHeldBackHelp, static_cast<double>(pace_.held_back(true)),
               {{"class", "urgent"}});
  page.Counter("plimsoll_rollbacks_total", "Cuts taken back after a kill",
               static_cast<double>(patches.rolled_back));
  page.Counter("plimsoll_runtime_tunings_total", "Runtime settings changed live",
               static_cast<double>(patches.tuned));
  AddGuard(page, guard_.counters());
  const bool reads_agents = options_.agents && loaded_ && Leading() && !lost_;
  AddAgents(page, agents_.Links(), reads_agents ? fleet_.NodesWithPods() : std::set<std::string>(),
            agents_.counters());
  for (const model::WorkloadKey& key : fleet_.Keys()) {
    if (const auto workload = fleet_.Snapshot(key)) AddWorkload(page, *workload);
  }
  return page.Text();
}

}  // namespace plimsoll::cmd
