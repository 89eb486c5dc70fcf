// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/decode_meta.h"

#include <algorithm>
#include <utility>

#include "k8s/core.pb.h"
#include "k8s/meta.pb.h"

namespace plimsoll::kube::wire {
namespace {

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

// The server may send labels in any order; sorted ones compare equal.
Labels SortAndShare(DecodeContext& context, std::vector<KeyValue>& labels) {
  if (!std::is_sorted(labels.begin(), labels.end(),
                      [](const auto& a, const auto& b) { return a.key < b.key; })) {
    std::sort(labels.begin(), labels.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
  }
  return context.pool().Share(labels);
}

OwnerReference DecodeOwner(DecodeContext& context, std::string_view message) {
  OwnerReference owner;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case k8s::OwnerReference::kKindFieldNumber:
        owner.kind = context.Text(in.bytes());
        break;
      case k8s::OwnerReference::kNameFieldNumber:
        owner.name = context.Text(in.bytes());
        break;
      case k8s::OwnerReference::kUidFieldNumber:
        owner.uid = context.Text(in.bytes());
        break;
      case k8s::OwnerReference::kApiVersionFieldNumber:
        owner.api_version = context.Text(in.bytes());
        break;
      case k8s::OwnerReference::kControllerFieldNumber:
        owner.controller = in.flag();
        break;
      default:
        break;
    }
  }
  context.Check(in, "metadata.ownerReferences");
  return owner;
}

void AddAnnotation(DecodeContext& context, std::string_view entry, std::vector<KeyValue>& out) {
  const auto [key, value] = DecodeMapEntry(context, entry);
  const auto& keep = context.options().keep_annotation;
  if (keep ? !keep(key) : key == kLastApplied) return;
  out.push_back({context.Text(key), context.Text(value)});
}

}  // namespace

TimePoint DecodeTime(DecodeContext& context, std::string_view message) {
  using std::chrono::seconds;
  // Year 1 to 9999, as RFC 3339 can say: beyond it the conversion to milliseconds could overflow.
  constexpr std::int64_t kMin = -62135596800;
  constexpr std::int64_t kMax = 253402300799;
  std::int64_t whole = 0;
  std::int64_t nanos = 0;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::Time::kSecondsFieldNumber) whole = in.number();
    if (in.field() == k8s::Time::kNanosFieldNumber) nanos = in.number();
  }
  context.Check(in, "time");
  if (whole < kMin || whole > kMax) {
    context.Refuse("time", "seconds beyond the years 1 to 9999");
    return {};
  }
  return TimePoint(seconds(whole)) +
         Duration(std::clamp<std::int64_t>(nanos, 0, 999'999'999) / 1'000'000);
}

MapEntry DecodeMapEntry(DecodeContext& context, std::string_view entry) {
  MapEntry result;
  WireReader in(entry);
  while (in.Next()) {
    if (in.field() == 1) result.key = in.bytes();
    if (in.field() == 2) result.value = in.bytes();
  }
  context.Check(in, "map entry");
  return result;
}

QuantityEntry DecodeQuantityEntry(DecodeContext& context, std::string_view entry) {
  const auto [name, message] = DecodeMapEntry(context, entry);
  std::string_view text;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::Quantity::kStringFieldNumber) text = in.bytes();
  }
  context.Check(in, "quantity");
  const Result<Quantity> quantity = ParseQuantity(text);
  if (!quantity) {
    context.Refuse(name, quantity.error().message());
    return {name, std::nullopt};
  }
  return {name, *quantity};
}

void DecodeResourceEntry(DecodeContext& context, std::string_view entry, ResourceList& list) {
  const auto [name, quantity] = DecodeQuantityEntry(context, entry);
  if (quantity && name == "memory") list.memory = quantity->ToBytes();
}

ResourceRequirements DecodeRequirements(DecodeContext& context, std::string_view message) {
  ResourceRequirements result;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::ResourceRequirements::kLimitsFieldNumber) {
      DecodeResourceEntry(context, in.bytes(), result.limits);
    } else if (in.field() == k8s::ResourceRequirements::kRequestsFieldNumber) {
      DecodeResourceEntry(context, in.bytes(), result.requests);
    }
  }
  context.Check(in, "resources");
  return result;
}

ObjectMeta DecodeMeta(DecodeContext& context, std::string_view message) {
  ObjectMeta meta;
  std::vector<KeyValue> labels;
  std::vector<KeyValue> annotations;
  std::vector<OwnerReference> owners;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case k8s::ObjectMeta::kNameFieldNumber:
        meta.name = in.bytes();
        break;
      case k8s::ObjectMeta::kNamespaceFieldNumber:
        meta.ns = context.Text(in.bytes());
        break;
      case k8s::ObjectMeta::kUidFieldNumber:
        meta.uid = in.bytes();
        break;
      case k8s::ObjectMeta::kResourceVersionFieldNumber:
        meta.resource_version = in.bytes();
        break;
      case k8s::ObjectMeta::kGenerationFieldNumber:
        meta.generation = in.number();
        break;
      case k8s::ObjectMeta::kCreationTimestampFieldNumber:
        meta.created = DecodeTime(context, in.bytes());
        break;
      case k8s::ObjectMeta::kDeletionTimestampFieldNumber:
        meta.deleted = DecodeTime(context, in.bytes());
        break;
      case k8s::ObjectMeta::kLabelsFieldNumber: {
        const auto [key, value] = DecodeMapEntry(context, in.bytes());
        labels.push_back({context.Text(key), context.Text(value)});
        break;
      }
      case k8s::ObjectMeta::kAnnotationsFieldNumber:
        AddAnnotation(context, in.bytes(), annotations);
        break;
      case k8s::ObjectMeta::kOwnerReferencesFieldNumber:
        owners.push_back(DecodeOwner(context, in.bytes()));
        break;
      default:
        break;
    }
  }
  context.Check(in, "metadata");
  meta.labels = SortAndShare(context, labels);
  meta.annotations = SortAndShare(context, annotations);
  meta.owners = context.pool().Share(owners);
  return meta;
}

}  // namespace plimsoll::kube::wire
