// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/steady.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace plimsoll::recommend {
namespace {

constexpr double kUp = 1.015;
constexpr double kDown = 0.96;

double Keep(std::string_view name, double needed, const std::optional<Bytes>& previous,
            sizing::Ledger& ledger, ReasonSet& reasons) {
  if (!previous) return needed;
  const double before = previous->AsDouble();
  if (needed == before || needed > before * kUp || needed < before * kDown) return needed;
  reasons.Add(ReasonCode::kKeptPrevious);
  return ledger.Max(name, {{"advice before, hardly different", before}});
}

}  // namespace

Pair KeepIfClose(Pair needed, const model::CurrentResources& previous, sizing::Ledger& ledger,
                 ReasonSet& reasons) {
  Pair kept{.request = Keep("request", needed.request, previous.request, ledger, reasons),
            .limit = Keep("limit", needed.limit, previous.limit, ledger, reasons)};
  if (kept.request > kept.limit) {
    kept.request = ledger.Min("request", {{"request", kept.request}, {"the limit", kept.limit}});
  }
  return kept;
}

}  // namespace plimsoll::recommend
