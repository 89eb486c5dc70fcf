// SPDX-License-Identifier: Apache-2.0
//
// kill -9 of the agent at bad moments: no OOM kill is lost, none is told under two ids.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include "operator/agent/watch/state_file.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/real_cgroup.h"

namespace plimsoll::kernel_test {
namespace {

class StateDirectory {
 public:
  StateDirectory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "plimsoll-kernel-state-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~StateDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::multiset<std::string> IdsOf(const OperatorStream& stream,
                                 const std::vector<KubeTree::Container>& containers) {
  std::multiset<std::string> ids;
  for (const v1::Oom& oom : stream.Ooms()) {
    for (const KubeTree::Container& container : containers) {
      if (oom.container_id() == container.id) ids.insert(oom.id());
    }
  }
  return ids;
}

// Waits until the agent has written down that these many kills of the container were told and
// acknowledged: before that a kill -9 makes it tell them again, as it should.
[[nodiscard]] bool AckIsSaved(const OperatorStream& stream, const StateDirectory& directory,
                              const KubeTree::Container& container, std::uint64_t kills) {
  const auto file = agent::StateFile::Open(directory.path());
  REQUIRE(file);
  return stream.Until([&] {
    const v1::AgentState state = file->Load();
    const auto is_ours = [&](const auto& entry) { return entry.container_id() == container.id; };
    return std::ranges::none_of(state.unacknowledged(), is_ours) &&
           std::ranges::any_of(state.kills(), [&](const auto& entry) {
             return is_ours(entry) && entry.kills() == kills;
           });
  });
}

// Whatever more there is to tell has been told.
void Settle() { std::this_thread::sleep_for(std::chrono::milliseconds(2500)); }

TEST_CASE("Agent after kill -9: unacknowledged kills come again, acknowledged ones do not") {
  KubeTree tree;
  const StateDirectory state;
  const auto container = tree.AddContainer(tree.AddPod(0), 64);
  Load load(container, {"child", "400", "150"});
  {
    AgentProcess agent(tree, state.path());
    OperatorStream stream(agent.address());
    stream.Watch({container});
    REQUIRE(stream.Until([&] { return IdsOf(stream, {container}).size() == 1; }));
    stream.AckAll();
    REQUIRE(AckIsSaved(stream, state, container, 1));
    load.Again();
    REQUIRE(stream.Until([&] { return IdsOf(stream, {container}).size() == 2; }));
    agent.Kill9();
  }
  const AgentProcess agent(tree, state.path());
  const OperatorStream stream(agent.address());
  REQUIRE(stream.Until([&] { return !IdsOf(stream, {container}).empty(); }));
  Settle();
  CHECK(IdsOf(stream, {container}) == std::multiset<std::string>{container.id + "/2"});
}

TEST_CASE(
    "Agent after kill -9: kills while it was down are found, of living and of dead containers") {
  KubeTree tree;
  const StateDirectory state;
  const auto lives = tree.AddContainer(tree.AddPod(0), 64);
  const auto dies = tree.AddContainer(tree.AddPod(0), 64);
  Load load(lives, {"child", "400", "150"});
  {
    AgentProcess agent(tree, state.path());
    OperatorStream stream(agent.address());
    stream.Watch({lives, dies});
    REQUIRE(stream.Until([&] { return IdsOf(stream, {lives}).size() == 1; }));
    stream.AckAll();
    REQUIRE(AckIsSaved(stream, state, lives, 1));
    agent.Kill9();
  }
  load.Again();
  {
    Load dying(dies, {"grow", "400", "150"});
    while (dying.Alive()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  KubeTree::Remove(dies);
  Settle();
  const std::multiset<std::string> both{lives.id + "/2", dies.id + "/1"};
  {
    AgentProcess agent(tree, state.path());
    OperatorStream stream(agent.address());
    REQUIRE(stream.Until([&] { return IdsOf(stream, {lives, dies}).size() == 2; }));
    Settle();
    CHECK(IdsOf(stream, {lives, dies}) == both);
    for (const v1::Oom& oom : stream.Ooms()) {
      if (oom.container_id() == lives.id) CHECK(oom.kind() == v1::Oom::CHILD);
      if (oom.container_id() == dies.id) CHECK(oom.kind() == v1::Oom::CONTAINER);
    }
    agent.Kill9();  // before anything was acknowledged
  }
  AgentProcess agent(tree, state.path());
  OperatorStream stream(agent.address());
  REQUIRE(stream.Until([&] { return IdsOf(stream, {lives, dies}).size() == 2; }));
  stream.AckAll();
  Settle();
  CHECK(IdsOf(stream, {lives, dies}) == both);
}

TEST_CASE("Agent without its state: the same kills under the same ids") {
  KubeTree tree;
  const auto container = tree.AddContainer(tree.AddPod(0), 64);
  Load load(container, {"child", "400", "150"});
  std::multiset<std::string> first;
  {
    AgentProcess agent(tree, "");
    OperatorStream stream(agent.address());
    stream.Watch({container});
    REQUIRE(stream.Until([&] { return IdsOf(stream, {container}).size() == 1; }));
    load.Again();
    REQUIRE(stream.Until([&] { return IdsOf(stream, {container}).size() == 2; }));
    first = IdsOf(stream, {container});
    agent.Kill9();
  }
  AgentProcess agent(tree, "");
  OperatorStream stream(agent.address());
  stream.Watch({container});
  REQUIRE(stream.Until([&] { return IdsOf(stream, {container}).size() == 2; }));
  Settle();
  CHECK(IdsOf(stream, {container}) == first);
}

TEST_CASE("Agent under kill -9 at random moments: every kill exactly once, by its id") {
  KubeTree tree;
  const StateDirectory state;
  const auto container = tree.AddContainer(tree.AddPod(0), 48);
  Load load(container, {"child", "800", "150"});
  std::set<std::string> ids;
  std::uint64_t kills = 1;
  for (int round = 0; round < 6; ++round) {
    AgentProcess agent(tree, state.path());
    OperatorStream stream(agent.address());
    stream.Watch({container});
    std::this_thread::sleep_for(std::chrono::milliseconds(137 * round));
    load.Again();
    ++kills;
    std::this_thread::sleep_for(std::chrono::milliseconds(90 + 53 * round));
    if (round % 2 == 0) stream.AckAll();
    agent.Kill9();
    for (const v1::Oom& oom : stream.Ooms()) {
      if (oom.container_id() == container.id) ids.insert(oom.id());
    }
  }
  AgentProcess agent(tree, state.path());
  OperatorStream stream(agent.address());
  stream.Watch({container});
  REQUIRE(stream.Until([&] {
    std::set<std::string> all = ids;
    for (const std::string& id : IdsOf(stream, {container})) all.insert(id);
    return all.size() == kills;
  }));
  Settle();
  for (const std::string& id : IdsOf(stream, {container})) ids.insert(id);
  CHECK(ids.size() == kills);
  CHECK(*ids.begin() == container.id + "/1");
  CHECK(*ids.rbegin() == container.id + "/" + std::to_string(kills));
}

}  // namespace
}  // namespace plimsoll::kernel_test
