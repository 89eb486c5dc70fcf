// SPDX-License-Identifier: Apache-2.0
//
// Any bytes are a trace or a refusal that names file and line; every amount is finite and not
// negative.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "operator/cli/trace_reader.h"

namespace {

void Check(double amount) {
  if (!std::isfinite(amount) || amount < 0) std::abort();
}

void CheckError(const plimsoll::Error& error) {
  if (!error.message().starts_with("t.csv")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  cli::TraceReader reader(in, "t.csv", TimePoint(Duration(1'800'000'000'000)));
  if (const auto opened = reader.Open(); !opened) {
    CheckError(opened.error());
    return 0;
  }
  for (;;) {
    const auto row = reader.Next();
    if (!row) CheckError(row.error());
    if (!row || !*row) return 0;
    Check((*row)->hard);
    for (const auto& amount : {(*row)->peak, (*row)->soft, (*row)->swap}) {
      if (amount) Check(*amount);
    }
    if ((*row)->container.empty()) std::abort();
  }
}
