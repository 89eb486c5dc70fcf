// SPDX-License-Identifier: Apache-2.0
//
// The tables of the unseen and of the blind families; a blind one becomes an unseen one when its
// row moves, once the engine's author has seen it played. Sizes are log-uniform within what such a
// program comes in, from 30 MiB to 16 GiB. "Unpredictable" are those with an event whose time and
// size nobody can know: log-normal or Pareto sizes, or an event at random that is days to weeks
// apart.
#include "advisor/replay/unseen_families.h"

#include <array>

#include "advisor/replay/families.h"

namespace plimsoll::replay {
namespace {

constexpr std::array kUnseen = {
    Family{"web-weekday", 0, false, false, false,
           "a web application by office hours, deployed one to four times a week",
           unseen::WebWeekday, 64, 4096},
    Family{"jvm-plateau", 0, false, false, false,
           "a Java heap that climbs to its plateau within hours to days of each start",
           unseen::JvmPlateau, 256, 8192},
    Family{"go-service", 0, false, false, false,
           "a Go service: to the collector's goal and back within every minute", unseen::GoService,
           30, 4096},
    Family{"api-gateway", 0, false, false, false, "connections that wander by 4-20 %",
           unseen::ApiGateway, 30, 2048},
    Family{"database", 0, false, false, false,
           "a database whose needed page cache grows with its data", unseen::Database, 64, 4096},
    Family{"model-server", 0, false, false, false,
           "inference, with two versions in memory while one is replaced", unseen::ModelServer, 512,
           8192},
    Family{"role-swap", 0, false, true, false,
           "leader and follower by turns, days to weeks apart at random", unseen::RoleSwap, 64,
           8192},
    Family{"hourly-etl", 0, false, true, false, "a log-normal batch every hour", unseen::HourlyEtl,
           64, 8192},
    Family{"close-report", 0, false, false, false, "a report of hours every 14 or 30 days",
           unseen::CloseReport, 64, 4096},
    Family{"tenants", 0, false, false, false, "tenants that come and, less often, go",
           unseen::Tenants, 64, 4096},
    Family{"fan-out", 0, false, true, false, "Pareto answers that rise within seconds",
           unseen::FanOut, 30, 4096},
    Family{"leak-and-deploys", 0, false, false, false,
           "a leak that irregular deploys reset, some with a freeze", unseen::LeakAndDeploys, 64,
           4096},
    Family{"ci-runner", 0, false, true, false, "a process for each job, in one to eight slots",
           unseen::CiRunner, 64, 8192},
    Family{"queue-consumer", 0, false, true, false,
           "a bounded prefetch that backlogs fill at random", unseen::QueueConsumer, 30, 4096},
    Family{"search-index", 0, false, false, false, "an index that grows and merges its segments",
           unseen::SearchIndex, 256, 8192},
    Family{"python-workers", 0, false, false, false, "workers that swell and are replaced",
           unseen::PythonWorkers, 64, 4096},
    Family{"stream-windows", 0, false, false, false, "state of windows of 1-24 h",
           unseen::StreamWindows, 128, 8192},
    Family{"object-cache", 0, false, false, false,
           "a cache that fills for days and copies itself for snapshots", unseen::ObjectCache, 64,
           8192},
    Family{"nightly-backup", 0, false, false, false, "a dump every night, a larger one each week",
           unseen::NightlyBackup, 64, 4096},
    Family{"notebook-users", 0, false, true, false, "a person's frames of log-normal size",
           unseen::NotebookUsers, 128, 8192},
    Family{"controller-resync", 0, false, false, false,
           "a controller that lists the world again within seconds", unseen::ControllerResync, 30,
           1024},
    Family{"metrics-store", 0, false, false, false, "a head block every two hours, series by steps",
           unseen::MetricsStore, 256, 8192},
    Family{"image-resizer", 0, false, true, false, "a buffer of Pareto size for each request",
           unseen::ImageResizer, 64, 2048},
    Family{"campaigns", 0, false, true, false, "a shop with one to three campaigns a month",
           unseen::Campaigns, 64, 4096},
    Family{"failover-peer", 0, false, true, false, "takes a failed peer's share within a minute",
           unseen::FailoverPeer, 64, 4096},
    Family{"feature-flags", 0, false, true, false, "steps by flags and weekly releases",
           unseen::FeatureFlags, 30, 4096},
};

constexpr std::array kBlind = {
    Family{"jvm-full-gc", 0, false, false, false,
           "a Java heap that grows with load and is given back by full collections only",
           unseen::JvmFullGc, 256, 4096},
    Family{"node-api", 0, false, false, false,
           "an old space that fills for hours and creeps until the next deploy", unseen::NodeApi,
           64, 2048},
    Family{"rails-cow", 0, false, false, false,
           "forked workers that stop sharing pages and are replaced in turns", unseen::RailsCow,
           256, 4096},
    Family{"leaky-probed", 0, false, false, false,
           "leaks 10-80 % a day until its liveness probe fails", unseen::LeakyProbed, 64, 2048},
    Family{"sidecar-config", 0, false, false, false,
           "a proxy beside each pod, whose configuration grows with the cluster",
           unseen::SidecarConfig, 30, 512},
    Family{"llm-server", 0, false, false, false,
           "weights through the file cache, a pool of prompts that fills to its bound",
           unseen::LlmServer, 4096, 16384},
    Family{"game-server", 0, false, true, false,
           "players by evening, an event each week, a crowd now and then", unseen::GameServer, 512,
           8192},
    Family{"message-broker", 0, false, false, false,
           "a small heap and a log in the file cache, of which readers need the end",
           unseen::MessageBroker, 512, 4096},
    Family{"training-epochs", 0, false, true, false,
           "epochs and checkpoints, every experiment of another size", unseen::TrainingEpochs, 1024,
           16384},
    Family{"log-shipper", 0, false, true, false, "a bounded buffer that fills when nobody takes it",
           unseen::LogShipper, 30, 512},
};

}  // namespace

std::span<const Family> UnseenFamilies() { return kUnseen; }
std::span<const Family> BlindFamilies() { return kBlind; }

}  // namespace plimsoll::replay
