// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/memory_group.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/operator/agent/support/cgroup_tree.h"

namespace plimsoll::agent {
namespace {

using namespace plimsoll::literals;
using testing::CgroupTree;
using testing::kV1Stat;
using testing::kV2Stat;

std::unique_ptr<MemoryGroup> OpenGroup(const CgroupTree& tree) {
  const Result<Hierarchy> hierarchy = Hierarchy::Detect(tree.root());
  REQUIRE(hierarchy);
  Result<std::unique_ptr<MemoryGroup>> group = MemoryGroup::Open(*hierarchy, "box");
  REQUIRE(group);
  return *std::move(group);
}

TEST_CASE("MemoryGroup v2: hard and soft add up from memory.stat") {
  const CgroupTree tree;
  tree.AddV2("box");
  const auto group = OpenGroup(tree);
  const Result<MemoryReading> reading = group->Read({});
  REQUIRE(reading);
  // anon 40 + shmem 4 + kernel 8 - reclaimable slab 3 + sock 1 + mlocked 2
  // (file 30 - shmem 4 - inactive 10 - active 14 = 2, as unevictable says).
  CHECK(reading->hard == 52_MiB);
  // file 30 - shmem 4 - mlocked 2 + reclaimable slab 3.
  CHECK(reading->soft == 27_MiB);
  CHECK(reading->usage == 60_MiB);
  CHECK(reading->inactive_file == 10_MiB);
  CHECK(reading->limit == 256_MiB);
  CHECK_FALSE(reading->high.has_value());
  CHECK(reading->swap == 0_MiB);
  CHECK(reading->refaults == 17);
  CHECK(group->ReadPressure()->value().some_usec == 1000);
  CHECK(*group->KillsWholeGroup());
}

TEST_CASE("MemoryGroup v2: an older kernel's stat has no sum of kernel memory") {
  const CgroupTree tree;
  tree.AddV2("box");
  std::string stat = kV2Stat;
  stat.erase(stat.find("kernel 8388608\n"), 15);
  tree.Write("box/memory.stat", stat);
  const Result<MemoryReading> reading = OpenGroup(tree)->Read({});
  REQUIRE(reading);
  // anon 40 + shmem 4 + (slab 4 unreclaimable + stacks 64 KiB + page tables 128 KiB + 960 B)
  // + sock 1 + mlocked 2.
  CHECK(reading->hard == 51_MiB + 192_KiB + 960_B);
}

TEST_CASE("MemoryGroup v1: kernel memory is hard, slab cannot be split") {
  const CgroupTree tree;
  tree.AddV1("box");
  const auto group = OpenGroup(tree);
  const Result<MemoryReading> reading = group->Read({});
  REQUIRE(reading);
  CHECK(reading->hard == 54_MiB);  // rss 40 + shmem 4 + kernel 8 + mlocked 2
  CHECK(reading->soft == 24_MiB);
  CHECK(reading->limit == 256_MiB);
  CHECK_FALSE(reading->swap.has_value());
  CHECK_FALSE(group->ReadPressure()->has_value());
  CHECK_FALSE(group->TakePeak()->has_value());
  CHECK(group->ReadLifetimePeak()->value() == 70_MiB);
  CHECK(group->ReadEvents()->max == 3);
  CHECK_FALSE(*group->KillsWholeGroup());
}

TEST_CASE("MemoryGroup: optional files may be missing, and what they tell is then absent") {
  const CgroupTree tree;
  tree.AddV2("box");
  for (const char* name : {"memory.high", "memory.swap.current", "memory.pressure"}) {
    tree.Remove(std::string("box/") + name);
  }
  tree.Write("box/memory.max", "max\n");
  const auto group = OpenGroup(tree);
  const Result<MemoryReading> reading = group->Read({});
  REQUIRE(reading);
  CHECK_FALSE(reading->swap.has_value());
  CHECK_FALSE(reading->limit.has_value());
  CHECK_FALSE(group->abilities().pressure);
  CHECK_FALSE(group->ReadPressure()->has_value());
  CHECK_FALSE(group->ReadLifetimePeak()->has_value());
}

TEST_CASE("MemoryGroup: faulty files make no reading, never one with zeros") {
  struct Fault {
    const char* file;
    std::string text;
  };
  const std::string stat2 = kV2Stat;
  const std::string stat1 = kV1Stat;
  const Fault v2_faults[] = {{"memory.current", ""},
                             {"memory.current", "6291456"},
                             {"memory.current", "-5\n"},
                             {"memory.current", "18446744073709551615\n"},
                             {"memory.max", "268\x01\n"},
                             {"memory.max", ""},
                             {"memory.stat", stat2.substr(0, 40)},
                             {"memory.stat", stat2.substr(0, stat2.find("unevictable"))},
                             {"memory.stat", "anon 99999999999999999999\n" + stat2.substr(14)},
                             {"memory.stat", std::string(20'000, 'x') + "\n"},
                             {"memory.high", "lots\n"},
                             {"memory.swap.current", "9999999999999999999\n"}};
  for (const Fault& fault : v2_faults) {
    CAPTURE(fault.file);
    CAPTURE(fault.text.substr(0, 60));
    const CgroupTree tree;
    tree.AddV2("box");
    const auto group = OpenGroup(tree);
    REQUIRE(group->Read({}));
    tree.Write(std::string("box/") + fault.file, fault.text);
    const Result<MemoryReading> reading = group->Read({});
    REQUIRE_FALSE(reading);
    CHECK(reading.error().code() == ErrorCode::kInvalid);
    CHECK(reading.error().message().find(fault.file) != std::string::npos);
  }
  const Fault v1_faults[] = {{"memory.usage_in_bytes", "x\n"},
                             {"memory.limit_in_bytes", "\n"},
                             {"memory.kmem.usage_in_bytes", "12"},
                             {"memory.stat", stat1.substr(0, stat1.find("total_shmem"))},
                             {"memory.stat", stat1 + "total_swap 9999999999999999999\n"}};
  for (const Fault& fault : v1_faults) {
    CAPTURE(fault.file);
    const CgroupTree tree;
    tree.AddV1("box");
    const auto group = OpenGroup(tree);
    REQUIRE(group->Read({}));
    tree.Write(std::string("memory/box/") + fault.file, fault.text);
    CHECK_FALSE(group->Read({}));
  }
}

TEST_CASE("MemoryGroup: event counters are all there or an error") {
  const CgroupTree tree;
  tree.AddV2("box");
  const auto group = OpenGroup(tree);
  CHECK(group->ReadEvents()->max == 3);
  tree.Write("box/memory.events", "low 0\nhigh 2\nmax 3\noom 4\noom_kill 5\n");  // before 5.17
  CHECK(group->ReadEvents()->oom_kill == 5);
  CHECK(group->ReadEvents()->oom_group_kill == 0);
  tree.Write("box/memory.events", "low 0\nhigh 2\nmax 3\n");
  CHECK_FALSE(group->ReadEvents());
}

TEST_CASE("MemoryGroup: a directory that is missing or no memory cgroup is not opened") {
  const CgroupTree tree;
  tree.AddV2("box");
  tree.Write("other/file", "");
  const Result<Hierarchy> hierarchy = Hierarchy::Detect(tree.root());
  REQUIRE(hierarchy);
  CHECK(MemoryGroup::Open(*hierarchy, "none").error().code() == ErrorCode::kGone);
  CHECK(MemoryGroup::Open(*hierarchy, "other").error().code() == ErrorCode::kGone);
}

}  // namespace
}  // namespace plimsoll::agent
