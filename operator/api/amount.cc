// SPDX-License-Identifier: Apache-2.0
#include "operator/api/amount.h"

#include <fmt/format.h>

#include <cstdint>

#include "operator/kube/quantity.h"

namespace plimsoll::api {
namespace {

constexpr std::int64_t kKi = 1024;
constexpr std::int64_t kMi = 1024 * kKi;

}  // namespace

std::string FormatAmount(Bytes amount) {
  if (amount.count() % kKi == 0) return kube::FormatBytes(amount);
  return kube::Quantity::FromInteger(amount.count(), kube::QuantityFormat::kDecimalSi).ToString();
}

std::string FormatObserved(Bytes amount) {
  const std::int64_t count = amount.count();
  if (count <= 0) return FormatAmount(amount);
  const std::int64_t step = count < kMi ? kKi : kMi;
  const std::int64_t steps = count / step + (count % step != 0 ? 1 : 0);
  return fmt::format("{}{}", steps, step == kKi ? "Ki" : "Mi");
}

}  // namespace plimsoll::api
