// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

void Ledger::Write(std::string_view name, recommend::Op op, std::span<const Entry> terms,
                   double result, std::string_view unit) {
  recommend::Step step{.name = std::string(name),
                       .op = op,
                       .terms = {},
                       .result = result,
                       .unit = std::string(unit)};
  step.terms.reserve(terms.size());
  for (const Entry& term : terms) step.terms.push_back({std::string(term.name), term.value});
  book_->steps.push_back(std::move(step));
}

}  // namespace plimsoll::sizing
