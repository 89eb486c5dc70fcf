// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/verdict.h"

namespace plimsoll::recommend {
namespace {

constexpr Ratio kLimitShort(0.98);
constexpr Ratio kRequestShort(0.90);
constexpr Ratio kTooMuch(1.10);

}  // namespace

Verdict Judge(const model::CurrentResources& current, Bytes request, Bytes limit) {
  if (current.limit && *current.limit < limit * kLimitShort) return Verdict::kUnderProvisioned;
  // Without a request the scheduler keeps nothing free.
  if (current.request.value_or(Bytes(0)) < request * kRequestShort)
    return Verdict::kUnderProvisioned;
  if (current.limit && *current.limit > limit * kTooMuch) return Verdict::kOverProvisioned;
  if (current.request && *current.request > request * kTooMuch) return Verdict::kOverProvisioned;
  return Verdict::kRightSized;
}

}  // namespace plimsoll::recommend
