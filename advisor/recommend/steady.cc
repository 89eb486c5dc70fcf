// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/steady.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace plimsoll::recommend {
namespace {

struct Band {
  double up;
  double down;
};
constexpr Band kUnguarded{1.015, 0.90};
constexpr Band kGuarded{1.005, 0.92};
constexpr Band kRequest{1.005, 0.975};

double Keep(std::string_view name, double needed, const std::optional<Bytes>& previous,
            const Band& band, sizing::Ledger& ledger, ReasonSet& reasons) {
  if (!previous) return needed;
  const double before = previous->AsDouble();
  if (needed == before || needed > before * band.up || needed < before * band.down) return needed;
  reasons.Add(ReasonCode::kKeptPrevious);
  return ledger.Max(name, {{"advice before, hardly different", before}});
}

}  // namespace

Pair KeepIfClose(Pair needed, const model::CurrentResources& previous, bool guarded,
                 sizing::Ledger& ledger, ReasonSet& reasons) {
  const Band& band = guarded ? kGuarded : kUnguarded;
  Pair kept{.request = Keep("request", needed.request, previous.request, kRequest, ledger, reasons),
            .limit = Keep("limit", needed.limit, previous.limit, band, ledger, reasons)};
  if (kept.request > kept.limit) {
    kept.request = ledger.Min("request", {{"request", kept.request}, {"limit", kept.limit}});
  }
  return kept;
}

}  // namespace plimsoll::recommend
