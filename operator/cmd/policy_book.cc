// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/policy_book.h"

#include "operator/api/codecs.h"
#include "operator/api/names.h"
#include "operator/api/reasons.h"
#include "operator/api/watch_problem.h"
#include "operator/kube/resources.h"

namespace plimsoll::cmd {
namespace {

kube::InformerOptions Options(const Log& log, const kube::Resource& resource) {
  kube::InformerOptions options;
  options.on_error = [&log, resource](const Error& error) {
    log.Warn("watch failed and is tried again",
             {{"resource", resource.plural}, {"problem", api::WatchProblem(resource, error)}});
  };
  return options;
}

policy::Settings SettingsOf(const config::Options& options) {
  policy::Settings settings;
  settings.guards.max_mode = options.max_mode;
  settings.guards.denied_namespaces = options.denied_namespaces;
  settings.default_mode = options.default_mode;
  settings.objective = options.objective;
  settings.exclude_containers = options.exclude_containers;
  return settings;
}

}  // namespace

PolicyBook::PolicyBook(kube::Client& client, const config::Options& options, const Log& log,
                       Listeners listeners)
    : settings_(SettingsOf(options)),
      namespaces_(client, kube::NamespaceCodec(), Options(log, kube::kNamespaces)),
      policies_(client, api::MemoryPolicyCodec(), Options(log, api::kMemoryPolicies)),
      policies_by_ns_(policies_.AddIndex(
          [](const api::MemoryPolicy& policy, const auto& add) { add(policy.meta.ns); })) {
  namespaces_.AddHandler({.on_change = [listeners](const auto& old, const auto& now, bool) {
    const std::string name = (now ? now : old)->meta.name.str();
    if (old && (!now || now->meta.uid != old->meta.uid)) listeners.on_gone(name);
    if (old && now && old->meta.labels == now->meta.labels &&
        old->terminating == now->terminating) {
      return;
    }
    listeners.on_change(name);
  }});
  policies_.AddHandler(
      {.on_change = [on_change = listeners.on_change](const auto& old, const auto& now, bool) {
        if (old && now && old->spec == now->spec) return;
        on_change((now ? now : old)->meta.ns.str());
      }});
}

void PolicyBook::Start() {
  namespaces_.Start();
  policies_.Start();
}

void PolicyBook::Stop() {
  namespaces_.Stop();
  policies_.Stop();
}

std::vector<policy::PolicyPtr> PolicyBook::PoliciesOf(const std::string& ns) const {
  return policies_.ByIndex(policies_by_ns_, ns);
}

recommendation::ResolvedPolicy PolicyBook::Resolve(const model::WorkloadKey& key,
                                                   const fleet::Identity& identity) const {
  const auto ns = namespaces_.Get({"", key.ns});
  const policy::Subject subject{.key = key,
                                .api_version = identity.api_version,
                                .labels = identity.labels,
                                .annotations = identity.annotations,
                                .namespace_ends = ns && ns->terminating};
  policy::Resolution found = policy::Resolve(
      settings_, subject, ns ? ns->meta.labels : kube::Labels(), PoliciesOf(key.ns));
  recommendation::ResolvedPolicy resolved{
      .effective = found.effective, .runtime_gc = found.runtime_gc, .auto_patch = found.auto_patch};
  if (found.ceiling_reached) {
    resolved.mode_note = recommend::Reason{
        std::string(api::reason::kCeilingReached),
        "more was asked for than the operator's --max-mode allows; the chart's settings.maxMode "
        "sets it"};
  } else if (!found.problems.empty()) {
    resolved.mode_note = found.problems.front();
  }
  auto shared = std::make_shared<const policy::Resolution>(std::move(found));
  resolved.for_container = [shared](const std::string& name) { return shared->PolicyFor(name); };
  resolved.excludes = [shared](const std::string& name) { return shared->Excludes(name); };
  return resolved;
}

}  // namespace plimsoll::cmd
