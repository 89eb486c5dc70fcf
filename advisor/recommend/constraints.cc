// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/constraints.h"

#include <algorithm>
#include <string>

namespace plimsoll::recommend {
namespace {

using sizing::Ledger;

// One of the two numbers on its way through the bounds. Steps are named "limit" or "request", so
// that the last of them is the number itself.
class Bounded {
 public:
  Bounded(std::string_view name, double value, Ledger& ledger, ReasonSet& reasons)
      : name_(name), value_(value), ledger_(ledger), reasons_(reasons) {}

  [[nodiscard]] double value() const { return value_; }

  void Raise(std::string_view what, std::optional<double> least, std::optional<ReasonCode> reason) {
    if (!least || value_ >= *least) return;
    value_ = ledger_.Max(name_, {{name_, value_}, {what, *least}});
    if (reason) reasons_.Add(*reason);
  }
  void Cap(std::string_view what, std::optional<double> most, std::optional<ReasonCode> reason) {
    if (!most || value_ <= *most) return;
    value_ = ledger_.Min(name_, {{name_, value_}, {what, *most}});
    if (reason) reasons_.Add(*reason);
  }
  void Replace(std::string_view what, double value, ReasonCode reason) {
    if (value_ == value) return;
    value_ = ledger_.Max(name_, {{what, value}});
    reasons_.Add(reason);
  }

 private:
  std::string_view name_;
  double value_;
  Ledger& ledger_;
  ReasonSet& reasons_;
};

std::optional<double> Count(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return std::max(0.0, bytes->AsDouble());
}

void ApplyBounds(Bounded& number, const model::Policy& policy,
                 const model::Constraints& constraints) {
  using enum ReasonCode;
  number.Raise("policy minAllowed", Count(policy.min_allowed), kRaisedToPolicyMinimum);
  number.Raise("LimitRange min", Count(constraints.limit_range_min), kRaisedToLimitRangeMinimum);
  number.Cap("policy maxAllowed", Count(policy.max_allowed), kCappedByPolicyMaximum);
  number.Cap("LimitRange max", Count(constraints.limit_range_max), kCappedByLimitRangeMaximum);
  number.Cap("node allocatable", Count(constraints.node_allocatable), kExceedsNodeAllocatable);
}

void ApplyControl(Bounded& request, Bounded& limit, const model::Policy& policy, bool guaranteed,
                  const model::CurrentResources& current) {
  const bool keep_request = !model::ControlsRequest(policy.controlled, guaranteed);
  const bool keep_limit = !model::ControlsLimit(policy.controlled, guaranteed);
  if (keep_limit && current.limit) {
    limit.Replace("the user's limit", current.limit->AsDouble(), ReasonCode::kNotControlled);
  }
  if (keep_request && current.request) {
    request.Replace("the user's request", current.request->AsDouble(), ReasonCode::kNotControlled);
    // A limit below the request would be refused.
    if (!keep_limit) limit.Raise("the user's request", request.value(), ReasonCode::kNotControlled);
  }
}

}  // namespace

Pair Constrain(Pair needed, const model::Policy& policy, const model::Constraints& constraints,
               const model::CurrentResources& current, Ledger& ledger, ReasonSet& reasons) {
  Bounded limit("limit", needed.limit, ledger, reasons);
  Bounded request("request", needed.request, ledger, reasons);
  limit.Raise("smallest that can start", kSmallestLimit, std::nullopt);
  ApplyBounds(limit, policy, constraints);
  // A bound that no container can start with is a slip, such as 100m for 100Mi: it is not obeyed.
  limit.Raise("smallest that can start", kSmallestLimit, std::nullopt);
  ApplyBounds(request, policy, constraints);
  request.Cap("its share of the quota", Count(constraints.quota_share), ReasonCode::kQuotaExceeded);
  ApplyControl(request, limit, policy, constraints.guaranteed, current);
  if (constraints.guaranteed) {
    if (request.value() != limit.value()) {
      // A quota that holds the request down holds both; otherwise the limit's safety decides.
      if (reasons.Has(ReasonCode::kQuotaExceeded)) {
        limit.Cap("request", request.value(), ReasonCode::kKeptGuaranteed);
      }
      request.Replace("limit", limit.value(), ReasonCode::kKeptGuaranteed);
    }
  } else if (constraints.limit_range_max_ratio && constraints.limit_range_max_ratio->value() >= 1) {
    const double least = limit.value() / constraints.limit_range_max_ratio->value();
    request.Raise("the limit over maxLimitRequestRatio", std::ceil(least),
                  ReasonCode::kLimitRangeRatio);
  }
  request.Cap("limit", limit.value(), std::nullopt);
  return {.request = request.value(), .limit = limit.value()};
}

}  // namespace plimsoll::recommend
