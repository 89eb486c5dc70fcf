// SPDX-License-Identifier: Apache-2.0
//
// A case of the adversarial corpus (sizing.md §I) as a file: what happens to a container, and what
// the right answer is.
//
//   family: weekly-spike            # played in the closed loop ...
//   runs:
//   - engine: lease@Reliability     # a variant, and an objective other than Balanced
//     rival: vpa-nofloor            # played beside it, without loss: for measures that compare
//     days: 42                      # the workload's length ...
//     stop_hours: 337               # ... of which no more is played than this
//     since_hours: 336              # kills_since counts from here on
//     min_allowed: 3                # the policy's, times the family's base
//     batch: true                   # told to be a Job's
//     expect: {kills: [0, 2]}       # for each seed
//
//   events:                         # ... or told to the advisor, event by event
//   - {from: 0d, to: 8d, every: 300, event: {event: digest, hard_peak: 209715200}}
//   - {from: 0d, to: 8d, every: 300, late: 900, event: {...}}    # told so many seconds later
//   - {..., event: {event: runtime, stats: {gc: {cycles_total: "*30"}}}}   # 30, 60, 90 ...
//   ask: {at: 8d, limit: [209715200, 270000000], reasons_none: [RecentOom], says: recreat}
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plimsoll::replay {

struct Expectation {
  std::map<std::string, std::pair<double, double>> bounds;  // by measure
  std::vector<std::string> reasons_all;
  std::vector<std::string> reasons_any;
  std::vector<std::string> reasons_none;
  std::string says;  // in a reason's sentence
};

struct ScenarioRun {
  std::string engine;  // a variant's name, and "@" with an objective
  std::string rival;   // likewise; empty: none
  int days = 42;
  int stop_hours = 0;  // 0: all of it
  int since_hours = 0;
  double min_allowed = 0;  // 0: none
  bool batch = false;
  Expectation expect;
};

struct Scenario {
  std::string path;
  std::string family;  // empty: by events
  std::vector<int> seeds = {1, 3};
  double loss = 0;
  int skew_seconds = 0;
  std::vector<ScenarioRun> runs;
  std::string json_lines;  // events, then the question
  Expectation answer;
};

// Throws what yaml-cpp throws, or std::runtime_error naming the file and the unknown key.
[[nodiscard]] Scenario LoadScenario(const std::string& path);

}  // namespace plimsoll::replay
