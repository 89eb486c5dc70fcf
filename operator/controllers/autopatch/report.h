// SPDX-License-Identifier: Apache-2.0
//
// What auto-patch did, in the words of status, events and logs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/recommend/recommendation.h"
#include "advisor/rollout/observed.h"
#include "advisor/rollout/step.h"
#include "operator/api/memory_recommendation.h"
#include "operator/fleet/workload.h"
#include "operator/kube/event_recorder.h"

namespace plimsoll::autopatch {

// "app limit 64Mi->160Mi, request 64Mi->128Mi", "app GOMEMLIMIT=460MiB".
[[nodiscard]] std::string Describe(const rollout::Step& step);
[[nodiscard]] std::string_view IntentName(rollout::Intent intent);
// What users are told on the workload once a step has its answer.
[[nodiscard]] kube::Event EventOf(const model::WorkloadKey& key, const fleet::Identity& identity,
                                  const rollout::Step& step, const Status& done);

// status.lastPatch after a resize.
[[nodiscard]] api::LastPatch PatchOf(const rollout::Step& step, const Status& done, TimePoint now);

// Reasons of the Applied condition.
[[nodiscard]] recommend::Reason Settled(const rollout::WorkloadState& state);
// `not_in_place`: the containers with advice that a running pod cannot be given; not empty.
[[nodiscard]] recommend::Reason LeftToTemplate(const std::vector<std::string>& not_in_place);
[[nodiscard]] recommend::Reason NoAdvice();
// `problem`: why the last question had no answer; empty: none was asked yet.
[[nodiscard]] recommend::Reason ServerNotKnown(const std::string& problem);
[[nodiscard]] recommend::Reason HeldBack();
// Of a resize, by the API server.
[[nodiscard]] recommend::Reason WhyRefused(const Error& error);

}  // namespace plimsoll::autopatch
