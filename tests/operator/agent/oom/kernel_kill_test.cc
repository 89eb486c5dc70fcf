// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/kernel_kill.h"

#include <doctest/doctest.h>

#include <vector>

namespace plimsoll::agent {
namespace {

using namespace plimsoll::literals;

constexpr char kSummary[] =
    "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=c,mems_allowed=0,"
    "oom_memcg=/kubepods/pod1/a,task_memcg=/kubepods/pod1/a/inner,task=app,pid=4711,uid=0";
constexpr char kKilled[] =
    "Memory cgroup out of memory: Killed process 4711 (app) total-vm:73292kB, anon-rss:64732kB, "
    "file-rss:1280kB, shmem-rss:0kB, UID:0 pgtables:172kB oom_score_adj:0";

std::vector<KernelKill> FeedAll(const std::vector<std::string>& lines) {
  KernelKillParser parser;
  std::vector<KernelKill> kills;
  std::uint64_t usec = 1000;
  for (const std::string& line : lines) {
    if (const auto kill = parser.Feed({++usec, line})) kills.push_back(*kill);
  }
  return kills;
}

TEST_CASE("KernelKill: one report gives one kill, with the limit that was hit") {
  const auto kills = FeedAll({"app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0",
                              "CPU: 1 UID: 0 PID: 4711 Comm: app", "Call Trace:", " <TASK>",
                              "memory: usage 65536kB, limit 65536kB, failcnt 83",
                              "memory+swap: usage 65536kB, limit 9007199254740988kB, failcnt 0",
                              kSummary, kKilled});
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].by_cgroup);
  CHECK(kills[0].oom_cgroup == "/kubepods/pod1/a");
  CHECK(kills[0].task_cgroup == "/kubepods/pod1/a/inner");
  CHECK(kills[0].victim == "app");
  CHECK(kills[0].pid == 4711);
  CHECK(kills[0].limit == 64_MiB);
  CHECK(kills[0].usage == 64_MiB);
  CHECK(kills[0].usec == 1008);
}

TEST_CASE("KernelKill: the node's own shortage names no cgroup's limit") {
  const auto kills = FeedAll(
      {"memory: usage 1kB, limit 1kB, failcnt 0", "app invoked oom-killer: gfp_mask=0",
       "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
       "task_memcg=/kubepods/pod1/a,task=app,pid=7,uid=0",
       "Out of memory: Killed process 7 (app) total-vm:1kB"});
  REQUIRE(kills.size() == 1);
  CHECK_FALSE(kills[0].by_cgroup);
  CHECK(kills[0].task_cgroup == "/kubepods/pod1/a");
  CHECK_FALSE(kills[0].limit.has_value());
}

TEST_CASE("KernelKill: a whole group killed is one kill") {
  const auto kills =
      FeedAll({"x invoked oom-killer: y", kSummary, kKilled,
               "Tasks in /kubepods/pod1/a are going to be killed due to memory.oom.group set",
               "Memory cgroup out of memory: Killed process 4711 (app) total-vm:1kB",
               "Memory cgroup out of memory: Killed process 4712 (helper) total-vm:1kB"});
  CHECK(kills.size() == 1);
}

TEST_CASE("KernelKill: what a process calls itself cannot pass for other fields") {
  const auto kills =
      FeedAll({"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/kubepods/pod1/a,"
               "task_memcg=/kubepods/pod1/a,task=,pid=1,task=x,pid=99,uid=0",
               kKilled});
  REQUIRE(kills.size() == 1);
  CHECK(kills[0].pid == 99);
  CHECK(kills[0].task_cgroup == "/kubepods/pod1/a");
  CHECK(kills[0].victim == ",pid=1,task=x");
}

TEST_CASE("KernelKill: lines cut off, out of order or alone make none") {
  CHECK(FeedAll({kKilled}).empty());
  CHECK(FeedAll({kSummary}).empty());
  CHECK(FeedAll({kSummary, "y invoked oom-killer: z", kKilled}).empty());
  CHECK(FeedAll({"oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a", kKilled}).empty());
  CHECK(FeedAll({"oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/a,task=b,pid=x", kKilled})
            .empty());
  CHECK(FeedAll({"", "memory: usage kB, limit -1kB"}).empty());
}

TEST_CASE("KernelLine: records of /dev/kmsg and lines of syslog(2) give time and text") {
  const auto record = ParseKmsgRecord("3,1234,5678901,-;Out of memory\n SUBSYSTEM=x\n");
  REQUIRE(record);
  CHECK(record->usec == 5678901);
  CHECK(record->text == "Out of memory");
  CHECK(ParseKmsgRecord("12,1,2,-;from user space").error().code() == ErrorCode::kNotFound);
  for (const char* bad : {"", "3", "3,1", "3,1,x,-;t", "3,1,2,-", "a,b,c;d"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseKmsgRecord(bad));
  }
  const auto line = ParseSyslogLine("<3>[   12.000345] Out of memory");
  REQUIRE(line);
  CHECK(line->usec == 12'000'345);
  CHECK(line->text == "Out of memory");
  // CONFIG_PRINTK_CALLER: the thread or the processor that wrote it.
  for (const char* with_caller :
       {"<3>[   12.000345][    T1] Out of memory", "[   12.000345][T123456] Out of memory",
        "<3>[   12.000345] [    C0] Out of memory"}) {
    CAPTURE(with_caller);
    const auto called = ParseSyslogLine(with_caller);
    REQUIRE(called);
    CHECK(called->usec == 12'000'345);
    CHECK(called->text == "Out of memory");
  }
  for (const char* text : {"[  42]  1000   42 app", "[T] x", "[Tx1] x", "[T12", "[", "[ "}) {
    CAPTURE(text);
    CHECK(ParseSyslogLine("[   12.000345] " + std::string(text))->text == text);
  }
  CHECK(ParseSyslogLine("<12>[   12.000345] user").error().code() == ErrorCode::kNotFound);
  for (const char* bad : {"", "no time", "<3>", "[12]", "[x.y] t", "<3>[12.5"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseSyslogLine(bad));
  }
}

}  // namespace
}  // namespace plimsoll::agent
