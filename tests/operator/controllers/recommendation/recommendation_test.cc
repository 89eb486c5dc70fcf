// SPDX-License-Identifier: Apache-2.0
//
// When a MemoryRecommendation is written, what refusals do, and what becomes of it with its
// workload. What it says is in conditions_test.cc and the advisor's tests.
#include "operator/controllers/recommendation/recommendation.h"

#include <thread>

#include "advisor/rollout/next_steps.h"
#include "operator/api/names.h"
#include "operator/api/reasons.h"
#include "operator/kube/rfc3339.h"
#include "tests/operator/controllers/parts.h"
#include "tests/operator/fleet/pods.h"
#include "tests/support/applied_objects.h"
#include "tests/support/eventually.h"

namespace plimsoll::testing {
namespace {

using namespace std::chrono_literals;
using namespace plimsoll::literals;
using Json = nlohmann::json;

const std::string kWeb = "deployment-web";

// The controller as the operator wires it, on a fleet that the test fills.
class Rig {
 public:
  Rig() {
    clock->Advance(fleet::kNow - clock->Now());
    fleet.SetListeners(
        {.on_workload = [this](const auto& key,
                               auto change) { recommendations.Enqueue(key, change); },
         .on_node = nullptr});
    fleet.PutNode("n1", [](fleet::NodeState& node) { node.connected = true; });
    recommendations.Start();
    REQUIRE(Eventually([this] { return recommendations.SyncProblem().empty(); }));
    worker_ = std::jthread([this](std::stop_token stop) {
      recommendations.Run(stop, heartbeats_.Start("recommendation"));
    });
  }
  ~Rig() {
    worker_.request_stop();
    worker_.join();
    recommendations.Stop();
  }

  // What the cluster allows is read, as far as a test says what there is.
  void ReadLimits() {
    limits_server.SetEmptyCollections(
        {"nodes", "limitranges", "resourcequotas", "horizontalpodautoscalers"});
    limits_.Start();
    REQUIRE(Eventually([this] { return limits_.SyncProblem().empty(); }));
  }
  void AddPod(const std::string& name = "a", const model::WorkloadKey& key = fleet::kShopWeb) {
    fleet.PutPod(key, fleet::kWebIdentity, fleet::Shared(fleet::APod(name, 64_MiB, 128_MiB)));
  }
  void Digest(Bytes hard) {
    model::MemoryDigest digest = fleet::ADigest(clock->Now(), hard, 128_MiB);
    digest.container_start = fleet::kNow - 1h;
    REQUIRE(fleet.TakeDigest(fleet::IdOf("a"), digest) == fleet::Fleet::Taken::kYes);
  }
  void Kill() {
    const auto kill = fleet::AKill("a/" + std::to_string(++kills_), clock->Now(), 128_MiB);
    REQUIRE(fleet.TakeOom(fleet::IdOf("a"), "uid-a", kill) == fleet::Fleet::Taken::kYes);
  }

  // The clock runs until it holds, and never under a worker that still has something to do.
  [[nodiscard]] bool Until(const std::function<bool()>& holds, Duration step = 50ms) {
    return Eventually([&] {
      if (holds()) return true;
      const bool sleeps = recommendations.queue().size() == 0 && clock->Asleep(worker_.get_id());
      if (sleeps && step > Duration{}) clock->Advance(step);
      return false;
    });
  }
  // Somebody looks at the workload; done when it has been looked at.
  void Look() { LookAt(fleet::kShopWeb); }
  void LookAt(const model::WorkloadKey& key) {
    const auto& stats = recommendations.stats();
    const auto looks = [&] { return stats.good() + stats.failed(); };
    REQUIRE(Until([&] { return Current(); }));
    const std::uint64_t before = looks();
    recommendations.Enqueue(key, fleet::Change::kPods);
    REQUIRE(Until([&] { return looks() > before && Current(); }, Duration{}));
  }
  // What was asked for is written: a look that knows all that the server has writes nothing.
  void Settle() { SettleOn(fleet::kShopWeb); }
  void SettleOn(const model::WorkloadKey& key) {
    REQUIRE(Eventually([&] {
      const int before = objects.Taken();
      LookAt(key);
      return objects.Taken() == before;
    }));
  }
  [[nodiscard]] Json Status(const std::string& name = kWeb) const {
    const auto object = objects.Get(name);
    REQUIRE(object);
    return object->value("status", Json::object());
  }
  // The reason of a condition; empty: it is not there.
  [[nodiscard]] std::string ReasonOf(std::string_view type) const { return Of(type, "reason"); }
  [[nodiscard]] std::string MessageOf(std::string_view type) const { return Of(type, "message"); }
  [[nodiscard]] bool Shows(std::int64_t kills) const {
    const auto object = objects.Get(kWeb);
    if (!object || !object->contains("status")) return false;
    return object->at("status").at("summary").value("oomKillsLast24h", std::int64_t{-1}) == kills;
  }

  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::atomic<bool> leads{true};
  std::atomic<api::Mode> mode{api::Mode::kRecommend};
  std::atomic<fleet::Guardable> guardable{fleet::Guardable::kNever};  // but for the workload
  AppliedObjects objects{api::kMemoryRecommendations};
  FakeApiServer limits_server{FakeApiServer::Format::kJson, {}, "verticalpodautoscalers"};
  fleet::Fleet fleet;

 private:
  // Nothing more will happen before the clock moves, and our own copy has what the server has.
  [[nodiscard]] bool Current() const {
    const std::string version = objects.server().Version();
    return recommendations.SeenVersion() == version && recommendations.queue().size() == 0 &&
           recommendations.queue().in_work() == 0 && clock->Asleep(worker_.get_id()) &&
           objects.server().Version() == version;
  }
  [[nodiscard]] std::string Of(std::string_view type, const char* part) const {
    for (const Json& condition : Status().value("conditions", Json::array())) {
      if (condition.at("type") == type) return condition.at(part);
    }
    return "";
  }
  [[nodiscard]] recommendation::ResolvedPolicy Policy() const {
    recommendation::ResolvedPolicy policy;
    policy.effective.mode = mode;
    policy.auto_patch = {.min_change = {.percent = 7, .memory = 8_MiB},
                         .max_step_down_percent = 5,
                         .cooldown_seconds = 60,
                         .windows = {{.time_zone = "Europe/Berlin"}}};
    policy.for_container = [](const std::string&) { return model::Policy{}; };
    policy.excludes = [](const std::string&) { return false; };
    return policy;
  }

  Log log_;
  controllers::Heartbeats heartbeats_{*clock};
  std::unique_ptr<kube::Client> reader_ = MakeClient(objects.url(), clock);
  std::unique_ptr<kube::Client> writer_ = MakeClient(objects.url(), clock, FenceOf(leads));
  std::unique_ptr<kube::Client> limits_reader_ = MakeClient(limits_server.url(), clock);
  cluster::ClusterLimits limits_{*limits_reader_, log_};
  kube::EventRecorder events_{*writer_, EveryEvent()};
  int kills_ = 0;

 public:
  recommendation::Recommendations recommendations{
      *reader_,
      {.client = *writer_,
       .fleet = fleet,
       .limits = limits_,
       .events = events_,
       .log = log_,
       .policy = [this](const auto&, const auto&) { return Policy(); },
       .guard = [this] { return recommendation::GuardState{guardable, "not in this test"}; }}};

 private:
  std::jthread worker_;
};

// What a watching user would act on: numbers, and why. On a machine so slow that the clock runs on
// without a reading, telemetry is stale now and then, and that is told at once.
Json Substance(const Json& status) {
  Json numbers{{"summary", status.at("summary")}};
  for (const Json& condition : status.value("conditions", Json::array())) {
    for (const char* part : {"type", "status", "reason"}) {
      numbers["conditions"].push_back(condition.at(part));
    }
  }
  for (const Json& container : status.at("containers")) {
    for (const char* part : {"target", "uncappedTarget", "verdict", "confidencePercent"}) {
      numbers[part].push_back(container.value(part, Json()));
    }
    for (const Json& reason : container.value("reasons", Json::array())) {
      numbers["reasons"].push_back(reason.value("code", Json()));
    }
  }
  return numbers;
}

TimePoint UpdatedIn(const Json& status) {
  return kube::ParseRfc3339(status.at("updatedTime").get<std::string>()).value();
}

// When the first container was last killed, as the status has it; empty: never.
std::string LastKill(const Json& status) {
  return status.at("containers").at(0).value("oom", Json::object()).value("lastKillTime", "");
}

TEST_CASE("Recommendations: without data there is no number, and it says so") {
  Rig rig;
  rig.AddPod();
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) == 1; }));

  const Json status = rig.Status();
  CHECK(status.at("summary").at("verdict") == "InsufficientData");
  CHECK(rig.ReasonOf(api::condition::kRecommendationProvided) == api::reason::kInsufficientData);
  CHECK(rig.ReasonOf(api::condition::kReady) == api::reason::kInsufficientData);
  for (const char* absent : {"target", "uncappedTarget", "observed", "guarded", "runtime"}) {
    CAPTURE(absent);
    CHECK_FALSE(status.at("containers").at(0).contains(absent));
  }
  CHECK_FALSE(status.at("summary").contains("requestChangeTotal"));
  CHECK(rig.objects.events().Events().empty());
  const Json object = rig.objects.Get(kWeb).value();
  CHECK(object.at("metadata").at("ownerReferences").at(0).at("uid") == "web-uid");
  CHECK(status.at("observedGeneration") == object.at("metadata").at("generation"));
}

TEST_CASE("Recommendations: what the policy says of patches is given to who patches") {
  Rig rig;
  rig.AddPod();
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) == 1; }));

  const fleet::Permission permission = rig.fleet.Snapshot(fleet::kShopWeb)->permission;
  CHECK(permission.mode == api::Mode::kRecommend);
  CHECK(permission.min_change_percent == 7);
  CHECK(permission.min_change_bytes == 8_MiB);
  CHECK(permission.max_step_down_percent == 5);
  CHECK(permission.cooldown == Duration(60s));
  REQUIRE(permission.windows.size() == 1);
  CHECK(permission.windows[0].time_zone == "Europe/Berlin");
}

TEST_CASE("Recommendations: written when a shown value changes, and at no other look") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) >= 1; }));
  rig.Settle();
  CHECK(rig.Status().at("containers").at(0).at("target").contains("limit"));
  // Not auto-patch: whoever applies the number by hand has nobody to raise it in time.
  CHECK(rig.Status().at("containers").at(0).at("guarded") == false);
  CHECK(rig.ReasonOf(api::condition::kReady) == api::reason::kRecommendationCurrent);

  const int writes = rig.objects.Taken();
  for (int look = 0; look < 5; ++look) rig.Look();
  CHECK(rig.objects.Taken() == writes);

  // Ten minutes of readings: a write within the quiet interval has a new number to show.
  for (int reading = 1; reading <= 40; ++reading) {
    const Json before = rig.Status();
    const int taken = rig.objects.Taken();
    rig.clock->Advance(15s);
    rig.Digest(50_MiB + Bytes(4096 * reading));
    rig.Look();
    if (rig.objects.Taken() == taken) continue;
    rig.Settle();
    const bool changed = Substance(rig.Status()) != Substance(before);
    CHECK((changed || UpdatedIn(rig.Status()) - UpdatedIn(before) >= 5min - 1s));  // whole seconds
  }
  CHECK(rig.Status().at("containers").at(0).at("observed").at("hard") != "50Mi");
}

TEST_CASE("Recommendations: where the last resize was refused, no limit counts on the guard") {
  Rig rig;
  rig.mode = api::Mode::kAutoPatch;
  rig.guardable = fleet::Guardable::kNow;
  const auto guarded = [&] {
    rig.Digest(50_MiB);
    rig.Settle();
    return rig.Status().at("containers").at(0).at("guarded").get<bool>() &&
           rig.ReasonOf(api::condition::kGuarded) == api::reason::kGuardActive;
  };
  const auto limit = [&] { return rig.Status().at("containers").at(0).at("target").at("limit"); };
  const kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  rollout::Step raise{.intent = rollout::Intent::kGrow, .pod_uid = "uid-a", .pod_name = "a"};
  raise.resizes = {{.container = "app", .limit = 256_MiB}};
  auto record = rollout::RecordedRefusal;
  std::string what = "resize";
  SUBCASE("the advice's, of a limit alone") {}
  SUBCASE("the guard's") {
    record = rollout::RecordedGuardRefusal;
    what = "raise";
  }
  rig.fleet.PutPod(fleet::kShopWeb, fleet::kWebIdentity, fleet::Shared(pod));
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) >= 1; }));
  REQUIRE(guarded());
  const Json tight = limit();

  rig.fleet.ChangeProgress(fleet::kShopWeb, [&](rollout::Progress progress) {
    return record(std::move(progress), raise, {"AdmissionDenied", "a webhook denied the request"},
                  rig.clock->Now());
  });
  CHECK_FALSE(guarded());
  CHECK(limit() != tight);
  const Json status = rig.Status();
  for (const Json& condition : status.at("conditions")) {
    if (condition.at("type") != api::condition::kGuarded) continue;
    CHECK(condition.at("message") ==
          "the last " + what + " of pod a was refused: a webhook denied the request");
  }
  rig.clock->Advance(rollout::Rules{}.refused_hold);
  CHECK_FALSE(guarded());  // there again, but not for long
  rig.clock->Advance(1h);
  CHECK(guarded());
}

TEST_CASE("Recommendations: a number that hardly moves stays as it was told") {
  Rig rig;
  rig.AddPod();
  rig.Digest(100_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();
  const auto limit = [&] { return rig.Status().at("containers").at(0).at("target").at("limit"); };
  const Json before = limit();

  // One percent is within the band of 1.5 for a limit, and beyond a step of its rounding.
  rig.clock->Advance(15s);
  rig.Digest(101_MiB);
  rig.Settle();
  CHECK(limit() == before);
  rig.clock->Advance(15s);
  rig.Digest(120_MiB);
  rig.Settle();
  CHECK(limit() != before);
}

TEST_CASE("Recommendations: pods with memory of their own are not patched, and it says so") {
  Rig rig;
  rig.mode = api::Mode::kAutoPatch;
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  kube::ResourceRequirements own;
  own.limits.memory = 256_MiB;
  pod.pod_resources = std::make_shared<const kube::ResourceRequirements>(own);
  rig.fleet.PutPod(fleet::kShopWeb, fleet::kWebIdentity, fleet::Shared(pod));
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();
  CHECK(rig.ReasonOf(api::condition::kApplied) == "PodLevelResources");
}

// A VerticalPodAutoscaler of the workload; without a mode its default, which acts.
void PutAutoscaler(Rig& rig, std::string_view update_mode = "") {
  Json object{{"metadata", {{"name", "web-vpa"}, {"namespace", "shop"}}},
              {"spec", {{"targetRef", {{"kind", "Deployment"}, {"name", "web"}}}}}};
  if (!update_mode.empty()) object["spec"]["updatePolicy"]["updateMode"] = update_mode;
  rig.limits_server.PutWhole("web-vpa", object.dump());
}

TEST_CASE("Recommendations: where a VerticalPodAutoscaler sets memory there is advice alone") {
  Rig rig;
  rig.mode = api::Mode::kAutoPatch;
  rig.guardable = fleet::Guardable::kNow;
  PutAutoscaler(rig);
  rig.ReadLimits();
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();
  CHECK(rig.Status().at("containers").at(0).at("target").contains("limit"));
  CHECK(rig.ReasonOf(api::condition::kApplied) == api::reason::kFieldOwnedByOther);
  CHECK(rig.MessageOf(api::condition::kApplied) ==
        "VerticalPodAutoscaler web-vpa sets the memory of these pods. To let Plimsoll patch, set "
        "its updatePolicy.updateMode: \"Off\", take memory out of its controlledResources, or "
        "delete it");
  CHECK(rig.ReasonOf(api::condition::kGuarded) == api::reason::kGuardInactive);
  CHECK(rig.fleet.Snapshot(fleet::kShopWeb)->permission.forbidden);
  CHECK_FALSE(rig.fleet.Urgent(fleet::IdOf("a")));

  PutAutoscaler(rig, "Off");
  REQUIRE(Eventually([&] {
    rig.Look();
    return !rig.fleet.Snapshot(fleet::kShopWeb)->permission.forbidden;
  }));
  rig.Settle();
  CHECK(rig.ReasonOf(api::condition::kApplied) == api::reason::kPending);  // for who patches
  CHECK(rig.ReasonOf(api::condition::kGuarded) == api::reason::kGuardActive);
  CHECK(rig.fleet.Urgent(fleet::IdOf("a")));
}

TEST_CASE("Recommendations: a cluster without VerticalPodAutoscalers as a kind forbids nothing") {
  Rig rig;
  rig.mode = api::Mode::kAutoPatch;
  rig.limits_server.SetInstalled(false);
  rig.ReadLimits();
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();
  CHECK(rig.ReasonOf(api::condition::kApplied) == api::reason::kPending);
  CHECK_FALSE(rig.fleet.Snapshot(fleet::kShopWeb)->permission.forbidden);
}

TEST_CASE("Recommendations: a Job is sized by its runs, a Deployment is not") {
  for (const std::string kind : {"Job", "CronJob", "Deployment"}) {
    CAPTURE(kind);
    Rig rig;
    rig.AddPod("a", {"shop", kind, "report"});
    rig.Digest(100_MiB);
    const std::string name = api::ObjectNameFor(kind, "report");
    REQUIRE(rig.Until([&] { return rig.objects.TakenOf(name) >= 1; }));
    rig.SettleOn({"shop", kind, "report"});
    const Json reasons = rig.Status(name).at("containers").at(0).at("reasons");
    const bool by_runs = std::ranges::any_of(
        reasons, [](const Json& reason) { return reason.at("code") == "BatchRuns"; });
    CHECK(by_runs == (kind != "Deployment"));
  }
}

TEST_CASE("Recommendations: a kill is shown at once, with an event") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();

  rig.Kill();
  REQUIRE(rig.Until([&] { return rig.Shows(1); }, Duration{}));
  CHECK(rig.Status().at("summary").at("verdict") == "UnderProvisioned");
  CHECK(
      Eventually([&] { return rig.objects.events().Has("OOMKillObserved", "kubectl describe"); }));
  CHECK(Eventually([&] { return rig.objects.events().Has("RecommendationChanged", "128Mi->"); }));
}

TEST_CASE("Recommendations: a kill is told for its time, and once, whatever the count in a day") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  rig.Kill();
  REQUIRE(rig.Until([&] { return rig.Shows(1); }, Duration{}));
  const auto told = [&] {
    int times = 0;
    for (const SeenEvent& event : rig.objects.events().Events()) {
      if (event.reason == "OOMKillObserved") times += event.count;
    }
    return times;
  };
  REQUIRE(Eventually([&] { return told() == 1; }));

  // A day later the first leaves the count as the second enters it.
  rig.clock->Advance(25h);
  rig.Digest(50_MiB);
  const std::string now = kube::FormatTime(rig.clock->Now());
  rig.Kill();
  REQUIRE(rig.Until([&] { return LastKill(rig.Status()) == now; }, Duration{}));
  CHECK(rig.Shows(1));
  CHECK(Eventually([&] { return told() == 2; }));

  for (int look = 0; look < 3; ++look) {
    rig.Digest(50_MiB);
    rig.Settle();
  }
  CHECK(told() == 2);
}

TEST_CASE("Recommendations: a write that fails is made up for, and nothing is told twice") {
  for (const int answer : {409, 422, 429, 500, -1, 0}) {
    CAPTURE(answer);
    Rig rig;
    rig.AddPod();
    rig.Digest(50_MiB);
    REQUIRE(rig.Until([&] { return rig.Shows(0); }));
    rig.Settle();

    rig.objects.AnswerNext(answer, "not now");
    rig.Kill();
    REQUIRE(rig.Until([&] { return rig.Shows(1); }));
    rig.Settle();
    CHECK(rig.recommendations.stats().failed() <= 1);
    const auto events = rig.objects.events().Events();
    CHECK(std::ranges::count(events, "OOMKillObserved", &SeenEvent::reason) <= 1);
  }
}

TEST_CASE("Recommendations: an object made whose status was refused gets its status") {
  Rig rig;
  rig.objects.AnswerNext(200);
  rig.objects.AnswerNext(429, "slow down");
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) == 1; }));
  rig.Settle();
  CHECK(rig.Status().at("containers").at(0).at("target").contains("limit"));
}

TEST_CASE("Recommendations: an object that the server always refuses holds up no other") {
  Rig rig;
  rig.objects.AnswerAlways(kWeb, 422, "exceeded quota");
  rig.AddPod();
  REQUIRE(rig.Until([&] { return rig.objects.Answered(422) >= 3; }));
  rig.AddPod("b", {"shop", "Deployment", "cart"});
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf("deployment-cart") == 1; }, Duration{}));

  rig.objects.AnswerAlways(kWeb, 200);
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) == 1; }));
}

TEST_CASE("Recommendations: what somebody deleted or changed is put right") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();
  const Json before = rig.Status();

  rig.objects.Delete(kWeb);
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) >= 2 && rig.Shows(0); }));
  rig.Settle();
  CHECK(rig.Status().at("summary") == before.at("summary"));

  Json object = rig.objects.Get(kWeb).value();
  object["status"]["summary"]["limit"] = "1Gi";
  rig.objects.Put(kWeb, object);
  REQUIRE(rig.Until([&] {
    rig.Look();
    return rig.Status().at("summary") == before.at("summary");
  }));
}

TEST_CASE("Recommendations: mode off deletes the object, another mode makes it again") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();

  rig.mode = api::Mode::kOff;
  rig.Look();
  CHECK_FALSE(rig.objects.Get(kWeb));
  const int writes = rig.objects.Taken();
  rig.Settle();
  rig.Look();
  CHECK(rig.objects.Taken() == writes);

  rig.mode = api::Mode::kRecommend;
  rig.Look();
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
}

TEST_CASE(
    "Recommendations: without pods the advice stays and says so; once deleted it stays away") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();
  const Json containers = rig.Status().at("containers");

  rig.fleet.RemovePod("uid-a", rig.clock->Now());
  REQUIRE(rig.Until([&] { return rig.ReasonOf("TargetResolved") == "NoPods"; }));
  rig.Settle();
  CHECK(rig.Status().at("containers") == containers);
  CHECK(rig.Status().at("summary").at("replicas") == 0);

  rig.objects.Delete(kWeb);  // with its owner, by the garbage collector
  const int writes = rig.objects.Taken();
  rig.Settle();
  rig.clock->Advance(5min);
  rig.Settle();
  CHECK_FALSE(rig.objects.Get(kWeb));
  CHECK(rig.objects.Taken() == writes);
}

TEST_CASE("Recommendations: a lost lease stops the writes, the next leader's show what is true") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  REQUIRE(rig.Until([&] { return rig.Shows(0); }));
  rig.Settle();

  rig.leads = false;
  const auto writes = rig.objects.Writes();
  rig.Kill();
  const auto& stats = rig.recommendations.stats();
  REQUIRE(rig.Until([&] { return stats.failed() >= 3; }));
  CHECK(rig.objects.Writes() == writes);
  CHECK(rig.Shows(0));

  rig.leads = true;
  REQUIRE(rig.Until([&] { return rig.Shows(1); }));
}

TEST_CASE("Recommendations: history that is not kept is a condition, until it is") {
  Rig rig;
  rig.AddPod();
  rig.Digest(50_MiB);
  rig.fleet.PutUnkept(fleet::kShopWeb,
                      recommend::Reason{std::string(api::reason::kCheckpointNewer),
                                        "format 2 is newer; upgrade the operator"});
  REQUIRE(rig.Until([&] { return rig.objects.TakenOf(kWeb) >= 1; }));
  rig.Settle();
  CHECK(rig.ReasonOf(api::condition::kHistoryKept) == api::reason::kCheckpointNewer);

  rig.fleet.PutUnkept(fleet::kShopWeb, std::nullopt);
  rig.Settle();
  CHECK(rig.ReasonOf(api::condition::kHistoryKept) == api::reason::kCheckpointCurrent);
}

}  // namespace
}  // namespace plimsoll::testing
