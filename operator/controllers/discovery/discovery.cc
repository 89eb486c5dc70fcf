// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/discovery/discovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "operator/api/watch_problem.h"
#include "operator/fleet/eviction.h"
#include "operator/kube/resources.h"

namespace plimsoll::discovery {
namespace {

constexpr std::array kOwnerKinds{kube::kReplicaSets, kube::kDeployments, kube::kStatefulSets,
                                 kube::kDaemonSets,  kube::kJobs,        kube::kCronJobs};

kube::InformerOptions Options(const Log& log, std::string_view plural) {
  kube::InformerOptions options;
  options.on_error = [&log, plural](const Error& error) {
    log.Warn("watch failed and is tried again",
             {{"resource", plural}, {"problem", error.message()}});
  };
  return options;
}

bool IsCustom(const Owner& owner) {
  return owner.key.kind != kube::kPods.kind &&
         std::ranges::none_of(kOwnerKinds, [&](const kube::Resource& resource) {
           return resource.kind == owner.key.kind &&
                  resource.ApiVersion() == owner.identity.api_version;
         });
}

fleet::Identity IdentityOf(const kube::Resource& resource, const kube::ObjectMeta& meta) {
  return {.api_version = resource.ApiVersion(),
          .uid = meta.uid.str(),
          .labels = meta.labels,
          .annotations = meta.annotations};
}

}  // namespace

Discovery::Discovery(kube::Client& client, fleet::Fleet& fleet, const Log& log)
    : client_(client),
      fleet_(fleet),
      log_(log),
      queue_(client.clock(), stats_.QueueOptions()),
      pods_(client, kube::PodCodec(), Options(log, kube::kPods.plural)),
      custom_owners_(client) {
  pods_.AddHandler({.on_change = [this](const auto& old, const auto& now, bool initial) {
    HandlePod(old, now, initial);
  }});
  for (const kube::Resource& resource : kOwnerKinds) {
    auto informer = std::make_unique<OwnerInformer>(client, kube::MetadataCodec(resource),
                                                    Options(log, resource.plural));
    informer->AddHandler({.on_change = [this, resource](const auto&, const auto& now, bool) {
      if (now) HandleOwner(resource, now->meta);
    }});
    owners_.emplace_back(resource, std::move(informer));
  }
}

void Discovery::Start() {
  for (auto& [resource, informer] : owners_) informer->Start();
  pods_.Start();
}

void Discovery::Stop() {
  pods_.Stop();
  for (auto& [resource, informer] : owners_) informer->Stop();
}

std::string Discovery::SyncProblem() const {
  if (placed_) return {};
  std::string problem = api::SyncProblem(pods_);
  for (const auto& [resource, informer] : owners_) {
    if (problem.empty()) problem = api::SyncProblem(*informer);
  }
  if (!problem.empty()) return problem;
  // In this order: what leaves the queue goes to a worker.
  const std::size_t waiting = queue_.size();
  const std::size_t in_work = queue_.in_work();
  if (waiting + in_work == 0) placed_ = true;
  return placed_ ? std::string()
                 : fmt::format("{} pods to be put to their owners", waiting + in_work);
}

std::optional<Duration> Discovery::LastEventAge() const {
  std::optional<Duration> oldest = pods_.LastEventAge();
  for (const auto& [resource, informer] : owners_) {
    const auto age = informer->LastEventAge();
    if (!age || !oldest) return std::nullopt;
    oldest = std::max(*oldest, *age);
  }
  return oldest;
}

void Discovery::HandlePod(const std::shared_ptr<const kube::Pod>& old,
                          const std::shared_ptr<const kube::Pod>& now, bool initial) {
  // Another pod may have taken the name (StatefulSet) while we were not looking.
  if (old && (!now || now->meta.uid != old->meta.uid)) {
    fleet_.RemovePod(old->meta.uid.str(), client_.clock().Now());
  }
  if (!now) return;
  if (fleet::IsOver(*now)) {
    const bool known = fleet_.NoteEnd(*now);
    fleet_.RemovePod(now->meta.uid.str(), client_.clock().Now());
    // Evicted while nobody looked: whose it was is asked of its owners.
    if (!known && fleet::MemoryEvictionOf(*now)) queue_.Add(now->meta.key(), kube::Priority::kLow);
    return;
  }
  queue_.Add(now->meta.key(), initial ? kube::Priority::kLow : kube::Priority::kNormal);
}

void Discovery::HandleOwner(const kube::Resource& resource, const kube::ObjectMeta& meta) {
  fleet_.PutIdentity(
      {.ns = meta.ns.str(), .kind = std::string(resource.kind), .name = meta.name.str()},
      IdentityOf(resource, meta));
}

Result<std::optional<kube::ObjectMeta>> Discovery::Lookup(const kube::OwnerReference& reference,
                                                          const std::string& ns) {
  for (const auto& [resource, informer] : owners_) {
    if (reference.kind != resource.kind || reference.api_version != resource.ApiVersion()) continue;
    const kube::ObjectKey key{ns, reference.name};
    if (const auto found = informer->Get(key); found && found->meta.uid == reference.uid) {
      return found->meta;
    }
    // The pod came before its owner did: ask.
    const auto object = client_.Get(resource, key);
    if (!object) {
      if (object.error().code() == ErrorCode::kNotFound) return std::nullopt;
      return std::unexpected(object.error());
    }
    auto meta = kube::MetaFromJson(*object);
    if (!meta) return std::unexpected(meta.error());
    if (meta->uid != reference.uid) return std::nullopt;  // another of that name
    return *meta;
  }
  return custom_owners_.Lookup(reference, ns);
}

Status Discovery::Reconcile(const kube::ObjectKey& key) {
  const auto pod = pods_.Get(key);
  if (!pod || (fleet::IsOver(*pod) && !fleet::MemoryEvictionOf(*pod))) return {};
  Result<Owner> owner = TopOwner(pod->meta, [this](const auto& reference, const std::string& ns) {
    return Lookup(reference, ns);
  });
  if (fleet::IsOver(*pod)) {
    if (!owner) return std::unexpected(owner.error());
    fleet_.NoteEnd(owner->key, *pod);
    return {};
  }
  if (owner) {
    owner->identity.labels_problem = custom_owners_.ProblemOf(owner->identity.uid);
    // No watch tells when labels of a custom owner change.
    if (IsCustom(*owner)) queue_.AddAfter(key, CustomOwners::kKept, kube::Priority::kLow);
    fleet_.PutPod(owner->key, owner->identity, pod);
    // Deleted or ended while we looked: the handler came first and found nothing to remove.
    const auto still = pods_.Get(key);
    if (!still || still->meta.uid != pod->meta.uid || fleet::IsOver(*still)) {
      fleet_.RemovePod(pod->meta.uid.str(), client_.clock().Now());
    }
    return {};
  }
  // The workload is known from before: its pods stay up to date while the look-up is repeated.
  if (const auto known = fleet_.WorkloadOf(pod->meta.uid.str())) {
    if (const auto workload = fleet_.Snapshot(*known)) {
      fleet_.PutPod(*known, workload->identity, pod);
    }
  }
  return std::unexpected(owner.error());
}

void Discovery::Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse) {
  controllers::Work(
      queue_, stop, pulse, stats_, [this](const auto& key) { return Reconcile(key); },
      [this](const auto& key, const Error& error) {
        log_.Warn("owner of a pod not found; tried again",
                  {{"pod", key.ToString()}, {"problem", error.message()}});
      },
      [](const auto&) {});
}

}  // namespace plimsoll::discovery
