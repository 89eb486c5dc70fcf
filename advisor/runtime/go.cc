// SPDX-License-Identifier: Apache-2.0
#include "advisor/runtime/go.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "advisor/history/log_code.h"

namespace plimsoll::runtime {
namespace {

using recommend::Delivery;
using recommend::Setting;
using sizing::Ledger;

constexpr history::Minute kFresh = 15;
constexpr double kMiB = 1 << 20;
constexpr double kLeastGogc = 50;  // below, assists eat the gain and pools run empty
constexpr double kMostGogc = 500;
constexpr double kSmallestHeap = 4 * kMiB;  // Go lets any heap grow to 4 MiB GOGC / 100
constexpr double kHeadroom = 0.92;
constexpr double kShareOfLimit = 0.90;
constexpr double kReserveShare = 0.05;
constexpr double kReserve = 32 * kMiB;
constexpr double kPacerSlack = 1 * kMiB;
constexpr double kSameGogc = 0.20;
constexpr double kSameMemLimit = 0.03;

double Largest(const history::DayMaxima<history::RuntimeLog::kDays>& maxima, history::Day today) {
  return history::Decode(maxima.Largest(today, history::RuntimeLog::kDays));
}

Setting MemLimitSetting(const GoFigures& go, Delivery delivery, double limit, double wanted) {
  const bool close = go.soft_limit && std::abs(*go.soft_limit - wanted) <= kSameMemLimit * wanted &&
                     *go.soft_limit <= kShareOfLimit * limit;
  return {.name = "GOMEMLIMIT",
          .delivery = delivery,
          .current = go.soft_limit,
          .recommended = close ? *go.soft_limit : wanted,
          .unit = "bytes"};
}

}  // namespace

std::optional<GoFigures> ReadGo(const history::ContainerHistory& history, history::Minute now) {
  const history::RuntimeLog& log = history.runtime();
  if (log.kind() != model::RuntimeKind::kGo || log.last_minute() + kFresh < now)
    return std::nullopt;
  const auto today = static_cast<history::Day>(now / (24 * 60));
  GoFigures go{.live = Largest(log.live(), today),
               .overhead = Largest(log.other(), today),
               .outside = Largest(log.native(), today),
               .processors = std::max(1.0, log.processors()),
               .collector = {},
               .accepts_tuning = log.accepts_tuning(),
               .gc_percent = log.gc_percent(),
               .soft_limit = log.soft_limit()};
  if (go.live <= 0) return std::nullopt;
  if (log.allocation_rate() && log.mark_speed()) {
    go.collector = Collector{.allocation_rate = *log.allocation_rate(),
                             .marked = go.live + history::Decode(log.scanned_beyond_live()),
                             .mark_speed = *log.mark_speed()};
  }
  return go;
}

std::optional<double> WorthwhileGogc(const GoFigures& go, Ledger& ledger) {
  if (!go.collector) return std::nullopt;
  const double load = ledger.Multiply("go.load",
                                      {{"allocation rate", go.collector->allocation_rate},
                                       {"marked in a collection", go.collector->marked}},
                                      "bytes^2/s");
  const double price = ledger.Multiply(
      "go.price", {{"mark speed", go.collector->mark_speed}, {"cores per byte", kCoresPerByte}},
      "1/s");
  const double square =
      ledger.Divide("go.garbage_squared", {"go.load", load}, {"go.price", price}, "bytes^2");
  const double garbage = ledger.Sqrt("go.garbage_worth_keeping", {"go.garbage_squared", square});
  const double share = ledger.Divide("go.garbage_share", {"go.garbage_worth_keeping", garbage},
                                     {"marked in a collection", go.collector->marked}, "ratio");
  const double percent = ledger.Multiply(
      "go.gogc_unbounded", {{"go.garbage_share", share}, {"percent", 100}}, "percent");
  const double least = ledger.Max(
      "go.gogc_at_least", {{"go.gogc_unbounded", percent}, {"least", kLeastGogc}}, "percent");
  const double most =
      ledger.Min("go.gogc_bounded", {{"go.gogc_at_least", least}, {"most", kMostGogc}}, "percent");
  return ledger.RoundDown("go.gogc", {"go.gogc_bounded", most}, {"whole percent", 1}, "percent");
}

double GoDemand(const GoFigures& go, double gogc, Ledger& ledger) {
  const double marked = go.collector ? go.collector->marked : go.live;
  const double garbage = ledger.Multiply(
      "go.garbage", {{"marked in a collection", marked}, {"GOGC / 100", gogc / 100}});
  const double heap =
      ledger.Add("go.heap", {{"live heap, largest of 7 days", go.live}, {"go.garbage", garbage}});
  const double smallest =
      ledger.Multiply("go.smallest_heap", {{"4 MiB", kSmallestHeap}, {"GOGC / 100", gogc / 100}});
  const double peak_heap =
      ledger.Max("go.peak_heap", {{"go.heap", heap}, {"go.smallest_heap", smallest}});
  const double overshoot =
      go.collector ? Overshoot(*go.collector, garbage, go.processors) : Overshoot({}, 0, 1);
  const double held =
      ledger.Multiply("go.heap_held", {{"go.peak_heap", peak_heap}, {"overshoot", overshoot}});
  const double all = ledger.Add("go.all", {{"go.heap_held", held},
                                           {"runtime overhead", go.overhead},
                                           {"outside the runtime", go.outside}});
  return ledger.Divide("go.demand", {"go.all", all}, {"headroom", kHeadroom});
}

double GoMemLimit(const GoFigures& go, double limit, Ledger& ledger) {
  const double share =
      ledger.Multiply("go.limit_share", {{"limit", limit}, {"share", kShareOfLimit}});
  const double part =
      ledger.Multiply("go.limit_reserve", {{"limit", limit}, {"reserve", kReserveShare}});
  const double reserve =
      ledger.Max("go.reserve", {{"go.limit_reserve", part}, {"32 MiB", kReserve}});
  const double rest = ledger.Subtract(
      "go.limit_rest",
      {{"limit", limit}, {"outside the runtime", go.outside}, {"go.reserve", reserve}});
  const double least =
      ledger.Min("go.memlimit", {{"go.limit_share", share}, {"go.limit_rest", rest}});
  return ledger.RoundDown("go.gomemlimit", {"go.memlimit", least}, {"1 MiB", kMiB});
}

double Runway(const GoFigures& go, double go_mem_limit) {
  return (go_mem_limit - go.overhead - kPacerSlack - go.live) / go.live;
}

double LimitForRunway(const GoFigures& go, Ledger& ledger) {
  const double room = ledger.Multiply("go.runway_heap", {{"live heap, largest of 7 days", go.live},
                                                         {"1 + good runway", 1 + kGoodRunway}});
  const double wanted = ledger.Add("go.runway_memlimit", {{"go.runway_heap", room},
                                                          {"runtime overhead", go.overhead},
                                                          {"pacer slack", kPacerSlack},
                                                          {"down to a MiB", kMiB}});
  const double by_share =
      ledger.Divide("go.runway_by_share", {"go.runway_memlimit", wanted}, {"share", kShareOfLimit});
  const double sum = ledger.Add(
      "go.runway_sum", {{"go.runway_memlimit", wanted}, {"outside the runtime", go.outside}});
  const double by_part = ledger.Divide("go.runway_by_reserve", {"go.runway_sum", sum},
                                       {"1 - reserve", 1 - kReserveShare});
  const double by_sum =
      ledger.Add("go.runway_by_sum", {{"go.runway_sum", sum}, {"32 MiB", kReserve}});
  return ledger.Max("go.runway", {{"go.runway_by_share", by_share},
                                  {"go.runway_by_reserve", by_part},
                                  {"go.runway_by_sum", by_sum}});
}

std::vector<Setting> GoSettings(const GoFigures& go, double limit, Ledger& ledger) {
  const Delivery delivery = go.accepts_tuning ? Delivery::kLive : Delivery::kEnv;
  const double mem_limit = GoMemLimit(go, limit, ledger);
  std::vector<Setting> settings;
  // A soft limit that leaves no room makes the collector run all the time: better none, and a lower
  // GOGC keeps the heap small at a price that is known.
  const bool room = Runway(go, mem_limit) >= kLeastRunway;
  if (room) settings.push_back(MemLimitSetting(go, delivery, limit, mem_limit));
  const std::optional<double> worthwhile =
      room ? WorthwhileGogc(go, ledger) : std::optional(kLeastGogc);
  if (!worthwhile) return settings;
  const bool close = go.gc_percent && *go.gc_percent > 0 &&
                     std::abs(*go.gc_percent - *worthwhile) <= kSameGogc * *worthwhile;
  settings.push_back({.name = "GOGC",
                      .delivery = delivery,
                      .current = go.gc_percent,
                      .recommended = close ? *go.gc_percent : *worthwhile,
                      .unit = "percent"});
  return settings;
}

}  // namespace plimsoll::runtime
