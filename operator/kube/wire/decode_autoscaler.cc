// SPDX-License-Identifier: Apache-2.0
#include "k8s/autoscaling.pb.h"
#include "operator/kube/wire/decode_bounds.h"
#include "operator/kube/wire/decode_meta.h"

namespace plimsoll::kube::wire {
namespace {

void DecodeTarget(DecodeContext& context, std::string_view message, HorizontalPodAutoscaler& hpa) {
  using Wire = k8s::CrossVersionObjectReference;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kKindFieldNumber) hpa.target_kind = context.Text(in.bytes());
    if (in.field() == Wire::kNameFieldNumber) hpa.target_name = context.Text(in.bytes());
  }
  context.Check(in, "spec.scaleTargetRef");
}

void DecodeSource(DecodeContext& context, std::string_view message, HorizontalPodAutoscaler& hpa) {
  bool memory = false;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::ResourceMetricSource::kNameFieldNumber) memory = in.bytes() == "memory";
  }
  context.Check(in, "spec.metrics.resource");
  if (memory) hpa.targets_memory = true;
}

void DecodeMetric(DecodeContext& context, std::string_view message, HorizontalPodAutoscaler& hpa) {
  using Wire = k8s::MetricSpec;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kResourceFieldNumber ||
        in.field() == Wire::kContainerResourceFieldNumber) {
      DecodeSource(context, in.bytes(), hpa);
    }
  }
  context.Check(in, "spec.metrics");
}

}  // namespace

HorizontalPodAutoscaler DecodeAutoscaler(DecodeContext& context, std::string_view message) {
  using Wire = k8s::HorizontalPodAutoscaler;
  HorizontalPodAutoscaler hpa;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kMetadataFieldNumber) {
      hpa.meta = DecodeMeta(context, in.bytes());
    } else if (in.field() == Wire::kSpecFieldNumber) {
      WireReader spec(in.bytes());
      while (spec.Next()) {
        if (spec.field() == k8s::HorizontalPodAutoscalerSpec::kScaleTargetRefFieldNumber) {
          DecodeTarget(context, spec.bytes(), hpa);
        } else if (spec.field() == k8s::HorizontalPodAutoscalerSpec::kMetricsFieldNumber) {
          DecodeMetric(context, spec.bytes(), hpa);
        }
      }
      context.Check(spec, "spec");
    }
  }
  context.Check(in, "HorizontalPodAutoscaler");
  return hpa;
}

}  // namespace plimsoll::kube::wire
