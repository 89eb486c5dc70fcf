// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/recommend.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "advisor/leak/leak_test.h"
#include "advisor/model/clock_skew.h"
#include "advisor/recommend/confidence.h"
#include "advisor/recommend/constraints.h"
#include "advisor/recommend/rounding.h"
#include "advisor/recommend/steady.h"
#include "advisor/recommend/verdict.h"
#include "advisor/runtime/go.h"
#include "advisor/sizing/go_limit.h"
#include "advisor/sizing/guarded.h"
#include "advisor/sizing/leak_cap.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/oom_search.h"
#include "advisor/sizing/request.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::recommend {
namespace {

using history::Minute;
using sizing::Ledger;
using sizing::Situation;

constexpr Minute kStale = 15;
constexpr Minute kRecentKill = 24 * 60;
constexpr double kStalledTooMuch = 0.01;
constexpr int kDaysDiverged = 3;
constexpr int kSkewDays = 7;
constexpr int kSkewSteps = 599;        // log2(1.5) * 1024
constexpr double kSampledShare = 0.8;  // of the limit at a kill, below which peaks are not seen

bool Within(Minute last, Minute now, Minute span) { return last != 0 && last + span >= now; }

// A clock that was set back leaves a last reading from ahead: it tells nothing of now either.
bool Fresh(Minute last, Minute now) {
  constexpr Minute skew = std::chrono::floor<std::chrono::minutes>(model::kClockSkew).count();
  return Within(last, now, kStale) && last <= now + skew;
}

// Whether the level moved, and by what.
void NoteLevel(const Situation& situation, ReasonSet& reasons) {
  const history::Drift& drift = situation.history.drift();
  if (drift.fall_day > situation.day - history::kDaysKept && drift.fall_day >= 0) {
    reasons.Add(ReasonCode::kReleaseChange);
  }
  if (drift.days_diverged >= kDaysDiverged) reasons.Add(ReasonCode::kDrifted);
}

// One replica far above the others, and kills far above every reading.
void NoteReplicas(const Situation& situation, ReasonSet& reasons) {
  const auto& ages = situation.days.by_age;
  const history::LogCode top = *std::max_element(ages.begin(), ages.begin() + kSkewDays);
  const history::LogCode median = situation.history.replicas().MedianPeak(situation.day);
  if (median != history::kNoData && top > median + kSkewSteps)
    reasons.Add(ReasonCode::kSkewedReplicas);

  const auto refuted = sizing::RefutedLimit(situation.history.oom().refuted(), situation.minute);
  const history::LogCode sampled = std::max(ages[0], ages[1]);
  if (refuted && sampled != history::kNoData &&
      history::Decode(sampled) < kSampledShare * *refuted) {
    reasons.Add(ReasonCode::kUnobservedPeaks);
  }
}

// Facts that a reader should know, whatever they did to the numbers.
void Note(const Situation& situation, ReasonSet& reasons) {
  using enum ReasonCode;
  const history::OomLog& oom = situation.history.oom();
  const auto killed = [&](model::OomKind kind) {
    return Within(oom.Last(kind), situation.minute, kRecentKill);
  };
  if (killed(model::OomKind::kContainerOom) || killed(model::OomKind::kChildOom))
    reasons.Add(kRecentOom);
  if (killed(model::OomKind::kPodSliceOom)) reasons.Add(kPodSliceOom);
  if (killed(model::OomKind::kRuntimeOom)) reasons.Add(kRuntimeOom);
  if (situation.history.level().verdict() != leak::Verdict::kNone) reasons.Add(kLeakSuspected);
  if (situation.history.level().verdict() == leak::Verdict::kConfirmed) reasons.Add(kLeakConfirmed);
  NoteLevel(situation, reasons);
  NoteReplicas(situation, reasons);
  if (Within(situation.history.last_swapped(), situation.minute, kRecentKill))
    reasons.Add(kSwapCounted);
}

// Why a cut would be unsafe now; none of it holds back a raise.
bool MayShrink(const Situation& situation, const Question& question, ReasonSet& reasons) {
  using enum ReasonCode;
  const history::ContainerHistory& history = situation.history;
  if (!Fresh(history.last_minute(), situation.minute)) reasons.Add(kTelemetryStale);
  const auto observed = std::chrono::minutes(history.last_minute() - history.first_minute());
  if (observed < question.policy.minimum_observation) reasons.Add(kObservationTooShort);
  if (history.pressure().StalledShare(situation.hour).value_or(0) > kStalledTooMuch)
    reasons.Add(kPressureOn);
  for (const ReasonCode against : {kTelemetryStale, kObservationTooShort, kPressureOn, kRecentOom,
                                   kStarvedAtBoundary, kLeakSuspected, kLeakConfirmed}) {
    if (reasons.Has(against)) return false;
  }
  return true;
}

Bytes Exact(double bytes) { return Bytes::FromDouble(bytes); }

double Round(std::string_view name, sizing::Entry from, Ledger& ledger) {
  return ledger.RoundUp(name, from, {"step", RoundingStep(from.value)});
}

// Whether the guard can be relied on.
bool InForce(const model::Guard& guard, TimePoint now, ReasonSet& reasons) {
  if (!guard.active) return false;
  if (guard.since && now - *guard.since < std::chrono::minutes(sizing::kGuardSettles)) {
    reasons.Add(ReasonCode::kGuardSettling);
    return false;
  }
  reasons.Add(ReasonCode::kGuarded);
  return true;
}

// An answer reads nearly all of a history. One of many is in main memory, where each of some eight
// reads would wait for the one before: asked for at once they come together.
void Fetch(const history::ContainerHistory& history) {
  constexpr std::size_t kCacheLine = 64;
  const auto* bytes = reinterpret_cast<const std::byte*>(&history);
  for (std::size_t at = 0; at < sizeof(history); at += kCacheLine) __builtin_prefetch(bytes + at);
}

Numbers Compute(const history::ContainerHistory& history, const Question& question,
                Ledger& ledger) {
  Fetch(history);
  Numbers numbers;
  const Situation situation =
      sizing::Look(history, question.now, question.policy.objective, question.batch);
  const auto need = sizing::UnguardedLimit(situation, ledger, numbers.reasons);
  if (!need) {
    numbers.reasons.Add(ReasonCode::kNoData);
    return numbers;
  }
  Note(situation, numbers.reasons);

  const double wanted = sizing::WantedRequest(situation, *need, ledger, numbers.reasons);
  // Never below what the scheduler keeps free: that would save nothing.
  sizing::Entry limit{"limit.kept_free",
                      ledger.Max("limit.kept_free",
                                 {{"limit.unguarded", need->bytes}, {"request.wanted", wanted}})};
  numbers.guarded = InForce(question.guard, question.now, numbers.reasons);
  if (numbers.guarded) {
    limit = {"limit.guarded",
             sizing::GuardedLimit(situation, *need, question.guard, wanted, ledger)};
  }
  const auto go = runtime::ReadGo(history, situation.minute);
  if (go) limit = sizing::LimitByGo(situation, *need, *go, limit, ledger, numbers.reasons);
  limit = sizing::CapLeak(situation, *need, limit, question.current.limit, ledger);

  Pair pair;
  pair.limit = Round("limit", limit, ledger);
  const double request =
      ledger.Min("request.needed", {{"request.wanted", wanted}, {"limit", pair.limit}});
  pair.request = Round("request", {"request.needed", request}, ledger);
  numbers.uncapped_limit = Exact(pair.limit);
  numbers.uncapped_request = Exact(pair.request);

  if (question.previous)
    pair = KeepIfClose(pair, *question.previous, numbers.guarded, ledger, numbers.reasons);
  pair = Constrain(pair, question.policy, question.constraints, question.current, ledger,
                   numbers.reasons);
  numbers.limit = Exact(pair.limit);
  numbers.request = Exact(pair.request);
  numbers.may_shrink = MayShrink(situation, question, numbers.reasons);
  numbers.confidence = Ratio(Confidence(ReadSigns(situation, *need)));
  numbers.stated_slack = Ratio(StatedSlack(*need));
  numbers.verdict = Judge(question.current, *numbers.request, *numbers.limit);
  return numbers;
}

// Settings belong to the limit in force next: the constrained one.
std::vector<Setting> Settings(const history::ContainerHistory& history, const Question& question,
                              const Numbers& numbers, Ledger& ledger) {
  const auto go = runtime::ReadGo(history, history::MinuteOf(question.now));
  if (!go || !numbers.limit) return {};
  return runtime::GoSettings(*go, numbers.limit->AsDouble(), ledger);
}

std::vector<Reason> Sentences(const ReasonSet& reasons) {
  std::vector<Reason> sentences;
  for (int i = 0; i < static_cast<int>(ReasonCode::kCount); ++i) {
    const auto code = static_cast<ReasonCode>(i);
    if (reasons.Has(code))
      sentences.push_back({std::string(Name(code)), std::string(Meaning(code))});
  }
  return sentences;
}

}  // namespace

Numbers RecommendNumbers(const history::ContainerHistory& history, const Question& question) {
  Ledger ledger(nullptr);
  return Compute(history, question, ledger);
}

Recommendation Recommend(const history::ContainerHistory& history, const Question& question) {
  Recommendation advice;
  Ledger ledger(&advice.explanation);
  const Numbers numbers = Compute(history, question, ledger);
  advice.verdict = numbers.verdict;
  advice.request = numbers.request;
  advice.limit = numbers.limit;
  advice.uncapped_request = numbers.uncapped_request;
  advice.uncapped_limit = numbers.uncapped_limit;
  advice.confidence = numbers.confidence;
  advice.stated_slack = numbers.stated_slack;
  advice.guarded = numbers.guarded;
  advice.may_shrink = numbers.may_shrink;
  advice.settings = Settings(history, question, numbers, ledger);
  advice.reasons = Sentences(numbers.reasons);
  return advice;
}

}  // namespace plimsoll::recommend
