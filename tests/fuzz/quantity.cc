// SPDX-License-Identifier: Apache-2.0
//
// Any text is an amount or an error, and an amount's canonical text means the same amount.
#include "operator/kube/quantity.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using plimsoll::kube::ParseQuantity;
  const auto amount = ParseQuantity({reinterpret_cast<const char*>(data), size});
  if (!amount) return 0;
  const auto again = ParseQuantity(amount->ToString());
  if (!again || *again != *amount) std::abort();
  return 0;
}
