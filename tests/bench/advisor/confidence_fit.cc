// SPDX-License-Identifier: Apache-2.0
//
// confidence-fit: where the three weights of advisor/recommend/confidence.cc come from, and whether
// their form holds where nothing was fitted. Plays every family at seeds 1 to 8, fits the weights
// (logistic regression by Newton's steps with a ridge of 1), and prints them; then does so ten
// times without seven of the families and judges the answers for those seven at seeds 1000 to 1004,
// for ten ways of choosing the sevens, and without each of the three groups of families.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "advisor/history/container_history.h"
#include "advisor/recommend/confidence.h"
#include "advisor/recommend/recommend.h"
#include "advisor/replay/calibration.h"
#include "advisor/replay/families.h"
#include "advisor/replay/random.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll {
namespace {

using replay::Promise;

constexpr int kDays = 42;
constexpr std::uint64_t kFitSeeds = 8;
constexpr std::uint64_t kJudgeSeeds = 5;
constexpr std::size_t kLeftOut = 7;
constexpr int kWays = 10;
constexpr int kNewtonSteps = 20;
constexpr double kRidge = 1;
constexpr double kTolerance = 0.05;

using Weights = std::array<double, 3>;

// z = w0 + w1 x1 + w2 x2, as confidence.h has it with w = (a, -b, -c).
struct Answer {
  Weights signs{};
  double first_hour = 0;
  bool kept = false;
};

struct Played {
  std::size_t group = 0;
  std::vector<Answer> fit;
  std::vector<Answer> judge;
};

// Plimsoll's engine, keeping what the signs were at each question.
class Listening final : public replay::Engine {
 public:
  void Poll(std::string_view, TimePoint, Bytes) override {}
  void Observe(std::string_view pod, const model::MemoryDigest& digest) override {
    history_.Observe(pod, digest);
  }
  void Observe(std::string_view, const model::RuntimeStats&) override {}
  void Observe(std::string_view, const model::OomEvent&, const replay::Resources&) override {}
  void ObserveRelease(TimePoint time, std::string_view release) override {
    history_.ObserveRelease(time, release);
    if (start_ == TimePoint{}) start_ = time;
  }
  recommend::Recommendation Advise(const replay::Situation& asked) override {
    const auto situation =
        sizing::Look(history_, asked.now, model::Objective::kBalanced, /*batch=*/false);
    sizing::Ledger ledger(nullptr);
    recommend::ReasonSet reasons;
    if (const auto need = sizing::UnguardedLimit(situation, ledger, reasons)) {
      const auto hour = static_cast<std::size_t>((asked.now - start_) / std::chrono::hours(1));
      signs_[hour] = recommend::ReadSigns(situation, *need);
    }
    return recommend::Recommend(history_, {.now = asked.now});
  }
  std::optional<replay::Resources> Act(const replay::Situation&) override { return std::nullopt; }
  Duration Cadence() const override { return std::chrono::minutes(5); }

  [[nodiscard]] Answer AnswerOf(const Promise& promise) const {
    const recommend::Signs& signs = signs_.at(promise.hour);
    return {{1, std::log(signs.outdone / (1 - signs.outdone)), signs.outgrown ? 1.0 : 0.0},
            signs.first_hour,
            promise.kept};
  }

 private:
  history::ContainerHistory history_;
  TimePoint start_{};
  std::map<std::size_t, recommend::Signs> signs_;
};

std::vector<Answer> Play(const replay::Family& family, std::uint64_t first, std::uint64_t seeds) {
  std::vector<Answer> answers;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    Listening engine;
    for (const Promise& promise : replay::Promises(Generate(family, seed, kDays), engine)) {
      answers.push_back(engine.AnswerOf(promise));
    }
  }
  return answers;
}

std::vector<Played> PlayAll() {
  std::vector<Played> played;
  std::size_t group = 0;
  for (const auto& families :
       {replay::Families(), replay::UnseenFamilies(), replay::BlindFamilies()}) {
    for (const auto& family : families) {
      if (family.infeasible) continue;
      played.push_back({group, Play(family, 1, kFitSeeds),
                        Play(family, replay::kFirstPublishedSeed, kJudgeSeeds)});
    }
    ++group;
  }
  return played;
}

double Logistic(const Weights& w, const Weights& x) {
  return 1 / (1 + std::exp(-(w[0] * x[0] + w[1] * x[1] + w[2] * x[2])));
}

// Solves the symmetric 3 x 3 system by Cramer's rule.
Weights Solve(const std::array<Weights, 3>& m, const Weights& v) {
  const auto det = [](const std::array<Weights, 3>& a) {
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
           a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  };
  Weights solved{};
  for (std::size_t column = 0; column < 3; ++column) {
    auto replaced = m;
    for (std::size_t row = 0; row < 3; ++row) replaced[row][column] = v[row];
    solved[column] = det(replaced) / det(m);
  }
  return solved;
}

Weights Fit(const std::vector<Played>& all, const std::function<bool(std::size_t)>& left_out) {
  Weights w{};
  for (int step = 0; step < kNewtonSteps; ++step) {
    Weights slope{0, -kRidge * w[1], -kRidge * w[2]};
    std::array<Weights, 3> curve{{{1e-6, 0, 0}, {0, kRidge, 0}, {0, 0, kRidge}}};
    for (std::size_t f = 0; f < all.size(); ++f) {
      if (left_out(f)) continue;
      for (const Answer& answer : all[f].fit) {
        const double p = Logistic(w, answer.signs);
        for (std::size_t i = 0; i < 3; ++i) {
          slope[i] += answer.signs[i] * ((answer.kept ? 1 : 0) - p);
          for (std::size_t j = 0; j < 3; ++j) {
            curve[i][j] += answer.signs[i] * answer.signs[j] * p * (1 - p);
          }
        }
      }
    }
    const Weights change = Solve(curve, slope);
    for (std::size_t i = 0; i < 3; ++i) w[i] += change[i];
  }
  return w;
}

// What the families left out were told by weights that were fitted without them.
void Judge(const std::vector<Played>& all, const std::function<bool(std::size_t)>& left_out,
           std::vector<Promise>& judged) {
  const Weights w = Fit(all, left_out);
  for (std::size_t f = 0; f < all.size(); ++f) {
    if (!left_out(f)) continue;
    for (const Answer& answer : all[f].judge) {
      const double confidence = answer.first_hour * Logistic(w, answer.signs);
      judged.push_back({.confidence = std::clamp(confidence, 0.01, 0.98), .kept = answer.kept});
    }
  }
}

void PrintRows(const std::vector<Promise>& judged) {
  std::printf("| confidence | answers | mean confidence | kept |\n|---|---|---|---|\n");
  for (const auto& bin : replay::Reliability(judged)) {
    std::printf("| %.1f-%.1f | %zu | %.3f | %.3f |\n", bin.from, bin.to, bin.promises,
                bin.mean_confidence, bin.share_kept);
  }
}

void LeaveSevensOut(const std::vector<Played>& all) {
  replay::Random random(1);
  double sum = 0;
  double least = 1;
  for (int way = 0; way < kWays; ++way) {
    std::vector<std::size_t> fold(all.size());
    for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = i / kLeftOut;
    for (std::size_t i = fold.size() - 1; i > 0; --i) {
      std::swap(fold[i],
                fold[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(i) + 1))]);
    }
    std::vector<Promise> judged;
    for (std::size_t k = 0; k * kLeftOut < all.size(); ++k) {
      Judge(all, [&](std::size_t f) { return fold[f] == k; }, judged);
    }
    if (way == 0) PrintRows(judged);
    const double share = replay::ShareCalibrated(judged, kTolerance);
    sum += share;
    least = std::min(least, share);
  }
  std::printf(
      "families left out by sevens: %.1f %% of the answers in rows within 5 points, "
      "%.1f %% in the worst of %d ways\n",
      100 * sum / kWays, 100 * least, kWays);
}

int Main() {
  const auto all = PlayAll();
  const Weights w = Fit(all, [](std::size_t) { return false; });
  std::printf("weights of %zu families: a = %.3f, b = %.3f, c = %.3f\n\n", all.size(), w[0], -w[1],
              -w[2]);
  LeaveSevensOut(all);
  constexpr std::array kGroups = {"all", "unseen", "blind"};
  for (std::size_t group = 0; group < kGroups.size(); ++group) {
    std::vector<Promise> judged;
    Judge(all, [&](std::size_t f) { return all[f].group == group; }, judged);
    std::printf("'%s' left out: %.1f %%\n", kGroups[group],
                100 * replay::ShareCalibrated(judged, kTolerance));
  }
  return 0;
}

}  // namespace
}  // namespace plimsoll

int main() { return plimsoll::Main(); }
