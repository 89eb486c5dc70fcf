// SPDX-License-Identifier: Apache-2.0
//
// A second set of families that no rule was chosen with: written after the last change of the
// engine's rules and played once (docs/evaluation-unseen.md). Each after a kind of program and the
// way it is known to use memory, with every size drawn anew for each seed.
#pragma once

#include <cstdint>

namespace plimsoll::replay {
struct Workload;
class Random;
}  // namespace plimsoll::replay

namespace plimsoll::replay::blind {

void SearchIndex(Workload& workload, std::int64_t minutes, Random& random);
void PythonWorkers(Workload& workload, std::int64_t minutes, Random& random);
void StreamWindows(Workload& workload, std::int64_t minutes, Random& random);
void ObjectCache(Workload& workload, std::int64_t minutes, Random& random);
void NightlyBackup(Workload& workload, std::int64_t minutes, Random& random);
void NotebookUsers(Workload& workload, std::int64_t minutes, Random& random);
void ControllerResync(Workload& workload, std::int64_t minutes, Random& random);
void MetricsStore(Workload& workload, std::int64_t minutes, Random& random);
void ImageResizer(Workload& workload, std::int64_t minutes, Random& random);
void Campaigns(Workload& workload, std::int64_t minutes, Random& random);
void FailoverPeer(Workload& workload, std::int64_t minutes, Random& random);
void FeatureFlags(Workload& workload, std::int64_t minutes, Random& random);

}  // namespace plimsoll::replay::blind
