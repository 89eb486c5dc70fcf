// SPDX-License-Identifier: Apache-2.0
//
// The table of the unseen families. Sizes are log-uniform within what such a program comes in, from
// 30 MiB to 8 GiB. "Unpredictable" are those with an event whose time and size nobody can know:
// log-normal or Pareto sizes, or an event at random that is days to weeks apart.
#include "advisor/replay/unseen_families.h"

#include <array>

#include "advisor/replay/families.h"

namespace plimsoll::replay {
namespace {

constexpr std::array kUnseen = {
    Family{"web-weekday", 0, true, false, false,
           "a web application by office hours, deployed one to four times a week",
           unseen::WebWeekday, 64, 4096},
    Family{"jvm-plateau", 0, true, false, false,
           "a Java heap that climbs to its plateau within hours to days of each start",
           unseen::JvmPlateau, 256, 8192},
    Family{"go-service", 0, true, false, false,
           "a Go service: to the collector's goal and back within every minute", unseen::GoService,
           30, 4096},
    Family{"api-gateway", 0, true, false, false, "connections that wander by 4-20 %",
           unseen::ApiGateway, 30, 2048},
    Family{"database", 0, true, false, false,
           "a database whose needed page cache grows with its data", unseen::Database, 64, 4096},
    Family{"model-server", 0, true, false, false,
           "inference, with two versions in memory while one is replaced", unseen::ModelServer, 512,
           8192},
    Family{"role-swap", 0, true, true, false,
           "leader and follower by turns, days to weeks apart at random", unseen::RoleSwap, 64,
           8192},
    Family{"hourly-etl", 0, true, true, false, "a log-normal batch every hour", unseen::HourlyEtl,
           64, 8192},
    Family{"close-report", 0, true, false, false, "a report of hours every 14 or 30 days",
           unseen::CloseReport, 64, 4096},
    Family{"tenants", 0, true, false, false, "tenants that come and, less often, go",
           unseen::Tenants, 64, 4096},
    Family{"fan-out", 0, true, true, false, "Pareto answers that rise within seconds",
           unseen::FanOut, 30, 4096},
    Family{"leak-and-deploys", 0, true, false, false,
           "a leak that irregular deploys reset, some with a freeze", unseen::LeakAndDeploys, 64,
           4096},
    Family{"ci-runner", 0, true, true, false, "a process for each job, in one to eight slots",
           unseen::CiRunner, 64, 8192},
    Family{"queue-consumer", 0, true, true, false,
           "a bounded prefetch that backlogs fill at random", unseen::QueueConsumer, 30, 4096},
};

}  // namespace

std::span<const Family> UnseenFamilies() { return kUnseen; }

}  // namespace plimsoll::replay
