// SPDX-License-Identifier: Apache-2.0
//
// When checkpoints are written, what refusals do, and what a restart finds.
#include "operator/controllers/checkpoint/checkpoint.h"

#include <algorithm>

#include "advisor/history/checkpoint.h"
#include "operator/api/base64.h"
#include "operator/api/memory_checkpoint.h"
#include "tests/operator/controllers/checkpoint/life.h"

namespace plimsoll::testing {
namespace {

using Json = nlohmann::json;

const std::string kWeb = Life::ObjectName("web");

// The bytes that the server holds of the container "app".
std::string Stored(const World& world, const std::string& name) {
  const auto object = world.objects.Get(Life::ObjectName(name));
  REQUIRE(object);
  const auto checkpoint = api::ParseMemoryCheckpoint(*object);
  REQUIRE(checkpoint);
  REQUIRE(checkpoint->containers.size() >= 1);
  return checkpoint->containers.front().data;
}

// A checkpoint of "web" in which the container "app" has these bytes.
Json Checkpoint(const std::string& app) {
  api::MemoryCheckpoint object;
  object.meta.ns = "shop";
  object.meta.name = kWeb;
  object.target = {"apps/v1", "Deployment", "web"};
  object.containers = {{"app", app}};
  Json json = api::MemoryCheckpointApply(object);
  json.merge_patch(api::MemoryCheckpointStatusApply(object).value());
  return json;
}

// Some history, as bytes.
std::string SomeHistory() {
  history::ContainerHistory history;
  (void)history.Observe("uid-old", fleet::ADigest(fleet::kNow - 2h, 77_MiB, 128_MiB));
  return history::EncodeCheckpoint(history);
}

TEST_CASE("Checkpoints: a reading is stored within a minute, a kill at once") {
  World world;
  Life life(world);
  life.Run();
  life.AddPod("web");
  life.Digest("web", 50_MiB);
  const TimePoint read = world.clock->Now();
  REQUIRE(life.UntilStored());
  CHECK(world.clock->Now() - read >= 60s);
  CHECK(Stored(world, "web") == life.History("web"));

  life.Kill("web");
  const TimePoint killed = world.clock->Now();
  REQUIRE(life.UntilStored());
  CHECK(world.clock->Now() - killed < 10s);
  CHECK(Stored(world, "web") == life.History("web"));
  // Metadata and spec once, then the status alone.
  CHECK(world.objects.Writes() == std::vector<SeenWrite>{{"apply", kWeb, 200},
                                                         {"apply status", kWeb, 200},
                                                         {"apply status", kWeb, 200}});
  const Json object = world.objects.Get(kWeb).value();
  CHECK(object.at("spec").at("targetRef").at("name") == "web");
  CHECK(object.at("metadata").at("ownerReferences").at(0).at("uid") == "uid-of-web");
}

TEST_CASE("Checkpoints: what has not changed is acknowledged and not written again") {
  World world;
  Life life(world);
  life.Run();
  life.AddPod("web");
  life.Kill("web");
  REQUIRE(life.UntilStored());
  const int writes = world.objects.Taken();

  life.fleet.ChangeProgress(Life::Key("web"), [](rollout::Progress same) { return same; });
  CHECK_FALSE(life.fleet.Unstored().empty());
  REQUIRE(life.UntilStored());
  CHECK(world.objects.Taken() == writes);
  CHECK(life.fleet.StoredUpTo() == life.fleet.LastIntake());
}

TEST_CASE("Checkpoints: a restart has the same history and kills, and writes nothing for it") {
  World world;
  std::string before;
  {
    Life life(world);
    life.Run();
    life.AddPod("web");
    for (int hour = 0; hour < 30; ++hour) {
      life.Digest("web", Bytes(1_MiB) * Ratio(40 + hour % 7));
      world.clock->Advance(1h);
    }
    life.Kill("web");
    REQUIRE(life.UntilStored());
    before = life.History("web");
  }
  const int writes = world.objects.TakenOf(kWeb);

  Life life(world);
  REQUIRE(life.Load());
  CHECK(life.History("web") == before);
  const auto workload = life.fleet.Snapshot(Life::Key("web"));
  CHECK(workload->kills.at("app").last_at_limit->limit == 128_MiB);
  CHECK(life.Unkept("web").empty());
  life.Run();
  life.AddPod("web");
  life.Pass(5min);
  CHECK(world.objects.TakenOf(kWeb) == writes);

  // And the next kill goes into the history that was restored.
  life.Kill("web");
  REQUIRE(life.UntilStored());
  const auto stored = history::DecodeCheckpoint(Stored(world, "web"));
  REQUIRE(stored);
  CHECK(stored->oom().KillsInLastDay(history::HourOf(world.clock->Now())) == 2);
}

// The same pod, as its status tells when the kubelet has evicted it for want of memory.
kube::Pod Evicted(const std::string& name, TimePoint time) {
  kube::Pod pod = fleet::APod(name, 64_MiB, 128_MiB);
  pod.phase = kube::PodPhase::kFailed;
  pod.reason = "Evicted";
  pod.conditions = {{.type = "DisruptionTarget",
                     .status = kube::ConditionStatus::kTrue,
                     .reason = "TerminationByKubelet",
                     .message = "The node was low on resource: memory. Container app was using "
                                "90Mi, request is 64Mi, has larger consumption of memory. ",
                     .last_transition = time}};
  return pod;
}

TEST_CASE("Checkpoints: thirty kills and an eviction, all told again after a restart, count once") {
  World world;
  const TimePoint start = world.clock->Now();
  const auto tell_all = [&](Life& life) {
    // Sent again in the order of the first time, which is not quite that of their numbers.
    for (const int kill : {2, 1, 3, 5, 4}) life.Kill("web", kill, start);
    for (int kill = 6; kill <= 30; ++kill) life.Kill("web", kill, start);
  };
  const auto settle_statuses = [&](Life& life) {
    (void)life.fleet.TakeStatusKills(start + 1min);
    return life.fleet.TakeStatusKills(start + 2min);
  };
  const auto counted = [&] {
    const auto stored = history::DecodeCheckpoint(Stored(world, "web"));
    REQUIRE(stored);
    return stored->oom().KillsInLastDay(history::HourOf(start));
  };
  {
    Life life(world);
    life.Run();
    life.AddPod("web");
    life.fleet.NoteEnd(Life::Key("web"), Evicted("other", start));
    CHECK(settle_statuses(life) == 1);
    tell_all(life);
    REQUIRE(life.UntilStored());
    CHECK(counted() == 31);
  }
  for (int restart = 0; restart < 2; ++restart) {
    Life life(world);
    REQUIRE(life.Load());
    life.Run();
    life.AddPod("web");
    life.fleet.NoteEnd(Life::Key("web"), Evicted("other", start));
    tell_all(life);
    CHECK(settle_statuses(life) == 0);
    life.Kill("web", 31 + restart, start);
    REQUIRE(life.UntilStored());
    CHECK(counted() == 32 + restart);
  }
}

TEST_CASE("Checkpoints: what is left is written when the operator is asked to end") {
  World world;
  std::string history;
  {
    Life life(world);
    life.Run();
    life.AddPod("web");
    life.Digest("web", 50_MiB);
    history = life.History("web");
  }
  CHECK(Stored(world, "web") == history);
}

TEST_CASE("Checkpoints: a list that fails is an error, and the next try loads all") {
  World world;
  world.objects.Put(kWeb, Checkpoint(SomeHistory()));
  Life life(world);
  for (const Fault fault : {Fault::kServerError, Fault::kHtmlAnswer, Fault::kExpired}) {
    world.objects.server().Inject(fault);
    CHECK_FALSE(life.Load());
  }
  CHECK_FALSE(life.fleet.Snapshot(Life::Key("web")));
  REQUIRE(life.Load());
  CHECK(life.History("web") == SomeHistory());
}

TEST_CASE(
    "Checkpoints: a kill whose write fails is acknowledged only when it is stored, soon after") {
  for (const int answer : {409, 422, 429, 500, -1, 0}) {
    CAPTURE(answer);
    World world;
    Life life(world);
    life.Run();
    life.AddPod("web");
    life.Kill("web");
    REQUIRE(life.UntilStored());

    world.objects.AnswerNext(answer, "not now");
    bool acknowledged = true;
    world.objects.OnNextWrite(
        [&] { acknowledged = life.fleet.StoredUpTo() == life.fleet.LastIntake(); });
    world.clock->Advance(1s);
    life.Kill("web");
    const TimePoint killed = world.clock->Now();
    REQUIRE(life.UntilStored());
    CHECK_FALSE(acknowledged);
    CHECK(world.clock->Now() - killed < 30s);  // not a minute: it is still a kill
    CHECK(Stored(world, "web") == life.History("web"));
    CHECK(life.Unkept("web").empty());
  }
}

TEST_CASE("Checkpoints: objects that the server refuses take no turns from the others") {
  World world;
  Life life(world, {.writes_per_second = 1});
  life.Run();
  for (const char* name : {"a", "b", "c", "d"}) {
    life.AddPod(name);
    world.objects.AnswerAlways(Life::ObjectName(name), 403, "namespace shop is being terminated");
    life.Kill(name);
  }
  life.AddPod("web");
  life.Kill("web");
  REQUIRE(life.Until([&] { return world.objects.TakenOf(kWeb) == 1; }, 1min));
  CHECK(life.Unkept("web").empty());

  REQUIRE(life.Until([&] { return world.objects.Answered(403) >= 20; }, 20min));
  CHECK(world.clock->Now() - fleet::kNow > 15s);  // of each the fifth try, after 1 + 2 + 4 + 8 s
  for (const char* name : {"a", "b", "c", "d"}) CHECK(life.Unkept(name) == "CheckpointRefused");
  CHECK(life.Why("a").find("being terminated") != std::string::npos);

  // Nor is all that agents tell kept back for their sake: after two minutes it is acknowledged.
  CHECK(life.fleet.StoredUpTo() < life.fleet.LastIntake());
  CHECK(life.Until([&] { return life.fleet.StoredUpTo() == life.fleet.LastIntake(); }, 3min));

  for (const char* name : {"a", "b", "c", "d"}) {
    world.objects.AnswerAlways(Life::ObjectName(name), 200);
  }
  REQUIRE(life.UntilStored());
  CHECK(life.Unkept("a").empty());
  CHECK(Stored(world, "a") == life.History("a"));
  life.Kill("a");
  CHECK(life.fleet.StoredUpTo() < life.fleet.LastIntake());  // it is waited for again
}

TEST_CASE("Checkpoints: of more containers than an object holds those that a pod has are kept") {
  World world;
  Life life(world);
  life.Run();
  life.AddPod("web");
  for (int i = 0; i < 70; ++i) {
    life.fleet.Restore(Life::Key("web"), {{"a" + std::to_string(i), {}}}, {}, {});
  }
  life.Kill("web");
  REQUIRE(life.UntilStored());
  const auto stored = api::ParseMemoryCheckpoint(world.objects.Get(kWeb).value());
  REQUIRE(stored);
  CHECK(stored->containers.size() == 64);
  CHECK(std::ranges::count(stored->containers, "app", &api::ContainerCheckpoint::name) == 1);
}

TEST_CASE("Checkpoints: one that somebody deleted is made anew, whole") {
  World world;
  Life life(world);
  life.Run();
  life.AddPod("web");
  life.Kill("web");
  REQUIRE(life.UntilStored());
  world.objects.Delete(kWeb);

  life.Kill("web");
  REQUIRE(life.UntilStored());
  CHECK(Stored(world, "web") == life.History("web"));
  CHECK(world.objects.Get(kWeb)->at("spec").at("targetRef").at("kind") == "Deployment");
  CHECK(world.objects.Answered(404) == 1);
}

TEST_CASE("Checkpoints: one of a newer version is left as it is, and its users are told why") {
  World world;
  std::string newer = SomeHistory();
  newer[2] = static_cast<char>(history::kCheckpointFormat + 1);
  newer[3] = static_cast<char>(newer[3] + 1);  // a format differs in more than its number
  world.objects.Put(kWeb, Checkpoint(newer));
  const Json before = world.objects.Get(kWeb).value();

  Life life(world);
  REQUIRE(life.Load());
  CHECK(life.Unkept("web") == "CheckpointNewer");
  const std::string why = life.Why("web");
  CHECK(why.find("container app") != std::string::npos);
  CHECK(why.find("upgrade the operator") != std::string::npos);
  life.Run();
  life.AddPod("web");
  life.Kill("web");
  life.Pass(5min);
  REQUIRE(life.UntilStored());  // agents are not asked to hold what can never be stored
  CHECK(world.objects.Get(kWeb) == before);
  CHECK(world.objects.TakenOf(kWeb) == 0);
  CHECK(life.Unkept("web") == "CheckpointNewer");
  // Who asked for it to be kept, as before a cut, is told that it is not.
  CHECK(life.checkpoints.Store({"shop", "Deployment", "web"}).error().code() ==
        ErrorCode::kConflict);
}

TEST_CASE("Checkpoints: a damaged container is learned anew, the others and the rest are kept") {
  const std::string whole = SomeHistory();
  std::vector<std::string> damaged{whole.substr(0, whole.size() / 2), whole.substr(0, 3), "PC", ""};
  for (std::size_t at = 3; at < whole.size(); at += whole.size() / 9) {
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 0x10);
  }
  for (std::string& data : damaged) data = api::EncodeBase64(data);
  damaged.push_back(api::EncodeBase64(whole) + "=");  // no base64
  damaged.push_back(std::string(4096, 'A'));          // longer than any history
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    CAPTURE(i);
    World world;
    Json object = Checkpoint(whole);
    Json& containers = object["status"]["containers"];
    containers[0]["data"] = damaged[i];
    containers.push_back({{"name", "sidecar"}, {"data", api::EncodeBase64(whole)}});
    world.objects.Put(kWeb, object);

    Life life(world);
    REQUIRE(life.Load());
    CHECK(life.Unkept("web") == "CheckpointDamaged");
    CHECK(life.Why("web").find("container app") != std::string::npos);
    const auto workload = life.fleet.Snapshot(Life::Key("web"));
    CHECK(workload->histories.contains("sidecar"));
    CHECK_FALSE(workload->histories.contains("app"));
    life.Run();
    life.AddPod("web");
    life.Kill("web");
    REQUIRE(life.UntilStored());
    CHECK(life.Unkept("web").empty());
    CHECK(Stored(world, "web") == life.History("web"));
  }
}

TEST_CASE("Checkpoints: an object that is none is passed over and written anew") {
  World world;
  Json object = Checkpoint(SomeHistory());
  object["spec"]["targetRef"] = "web";
  world.objects.Put(kWeb, object);
  world.objects.Put("deployment-cart", {{"spec", 7}});

  Life life(world);
  REQUIRE(life.Load());
  CHECK(life.fleet.Keys().empty());
  life.Run();
  life.AddPod("web");
  life.Kill("web");
  REQUIRE(life.UntilStored());
  CHECK(Stored(world, "web") == life.History("web"));
}

TEST_CASE(
    "Checkpoints: a lost lease stops the writes between two of them, and nothing is acknowledged") {
  World world;
  Life life(world);
  life.Run();
  life.AddPod("web");
  world.objects.OnNextWrite([&] { life.leads = false; });
  life.Kill("web");
  REQUIRE(life.Until([&] { return !world.objects.Writes().empty(); }));
  CHECK_FALSE(life.Until([&] { return world.objects.Writes().size() > 1; }, 3min, 1s));
  CHECK(life.fleet.StoredUpTo() < life.fleet.LastIntake());

  life.leads = true;
  REQUIRE(life.UntilStored());
  CHECK(Stored(world, "web") == life.History("web"));
}

TEST_CASE("Checkpoints: mode off stores nothing and holds nobody up") {
  World world;
  Life life(world);
  life.Run();
  life.AddPod("web");
  life.fleet.PutAdvice(Life::Key("web"), {}, {.mode = api::Mode::kOff});
  life.Kill("web");
  REQUIRE(life.UntilStored());
  CHECK(world.objects.Writes().empty());
}

TEST_CASE("Checkpoints: a workload that the fleet forgot leaves nothing behind here") {
  World world;
  Life life(world);
  life.Run();
  life.AddPod("web");
  life.Kill("web");
  REQUIRE(life.UntilStored());
  life.fleet.RemovePod("uid-web", world.clock->Now());
  world.clock->Advance(36 * 24h);
  REQUIRE(life.fleet.Sweep(world.clock->Now()).size() == 1);
  life.checkpoints.Forget(Life::Key("web"));
  world.objects.Delete(kWeb);  // with its owner, by the garbage collector
  CHECK(life.checkpoints.OldestUnstored() == Duration{});

  life.AddPod("web");
  life.Kill("web");
  REQUIRE(life.UntilStored());
  CHECK(world.objects.Answered(404) == 0);
  CHECK(Stored(world, "web") == life.History("web"));
}

}  // namespace
}  // namespace plimsoll::testing
