// SPDX-License-Identifier: Apache-2.0
//
// Families written apart from the engine: a fair mix of what clusters run, written from what is
// known of such programs and from studies of public traces, by someone who ran no engine on them.
// Keep it so: engines are played on them to publish, never fitted to them. Each filler draws its
// figures anew for each seed, from the ranges beside it; the size comes before, from the table.
#pragma once

#include <cstdint>

#include "advisor/replay/demand.h"
#include "advisor/replay/random.h"

namespace plimsoll::replay::unseen {

// Programs that serve requests (unseen_services.cc).
void WebWeekday(Workload& workload, std::int64_t minutes, Random& random);
void JvmPlateau(Workload& workload, std::int64_t minutes, Random& random);
void GoService(Workload& workload, std::int64_t minutes, Random& random);
void ApiGateway(Workload& workload, std::int64_t minutes, Random& random);
void Database(Workload& workload, std::int64_t minutes, Random& random);
void ModelServer(Workload& workload, std::int64_t minutes, Random& random);
void RoleSwap(Workload& workload, std::int64_t minutes, Random& random);

// Programs whose need comes with their work (unseen_work.cc).
void HourlyEtl(Workload& workload, std::int64_t minutes, Random& random);
void CloseReport(Workload& workload, std::int64_t minutes, Random& random);
void Tenants(Workload& workload, std::int64_t minutes, Random& random);
void FanOut(Workload& workload, std::int64_t minutes, Random& random);
void LeakAndDeploys(Workload& workload, std::int64_t minutes, Random& random);
void CiRunner(Workload& workload, std::int64_t minutes, Random& random);
void QueueConsumer(Workload& workload, std::int64_t minutes, Random& random);

// One well-known kind of program each (unseen_programs.cc).
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

// What a language's runtime makes of memory (unseen_runtimes.cc).
void JvmFullGc(Workload& workload, std::int64_t minutes, Random& random);
void NodeApi(Workload& workload, std::int64_t minutes, Random& random);
void RailsCow(Workload& workload, std::int64_t minutes, Random& random);
void LeakyProbed(Workload& workload, std::int64_t minutes, Random& random);

// What clusters are built for and what they run it with (unseen_platforms.cc).
void SidecarConfig(Workload& workload, std::int64_t minutes, Random& random);
void LlmServer(Workload& workload, std::int64_t minutes, Random& random);
void GameServer(Workload& workload, std::int64_t minutes, Random& random);
void MessageBroker(Workload& workload, std::int64_t minutes, Random& random);
void TrainingEpochs(Workload& workload, std::int64_t minutes, Random& random);
void LogShipper(Workload& workload, std::int64_t minutes, Random& random);

}  // namespace plimsoll::replay::unseen
