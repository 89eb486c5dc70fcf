// SPDX-License-Identifier: Apache-2.0
//
// The reflector's state machine, fault by fault, over real sockets.
#include "operator/kube/reflector.h"

#include <doctest/doctest.h>

#include "tests/operator/kube/informer_fixture.h"

namespace plimsoll::testing {
namespace {

using kube::Pod;

template <class T>
void Fill(InformerFixture<T>& fixture, int count) {
  for (int i = 0; i < count; ++i) fixture.server.Put("object-" + std::to_string(i), "first");
}

// The store has a new list a moment before it is counted.
template <class T>
void RequireLists(const InformerFixture<T>& fixture, std::uint64_t lists) {
  REQUIRE(Eventually([&] { return fixture.informer.counters().lists >= lists; }));
  CHECK(fixture.informer.counters().lists == lists);
}

// Injects the fault into a running watch, changes an object and expects agreement.
template <class T>
void SurvivesInWatch(Fault fault) {
  InformerFixture<T> fixture;
  Fill(fixture, 4);
  fixture.StartAndSync();
  fixture.RequireAgreement();

  fixture.server.Inject(fault);
  fixture.server.Put("object-1", "second");
  fixture.server.Delete("object-2");
  fixture.server.Put("object-9", "new");

  fixture.RequireAgreement();
  CHECK_FALSE(fixture.server.HasFault(fault));
}

// Injects the fault before the first request.
template <class T>
void SurvivesAtStart(Fault fault, kube::InitialList list = kube::InitialList::kStream) {
  kube::ReflectorOptions options = QuickOptions();
  options.initial_list = list;
  InformerFixture<T> fixture(options);
  Fill(fixture, 8);
  fixture.server.Inject(fault);

  fixture.StartAndSync();

  fixture.RequireAgreement();
  CHECK_FALSE(fixture.server.HasFault(fault));
}

TEST_CASE("Reflector: the streamed list goes on as the watch, on one connection") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 5);
  fixture.StartAndSync();
  fixture.server.Put("object-7", "later");

  fixture.RequireAgreement();
  CHECK(fixture.server.Requests() == std::vector<std::string>{"stream"});
  CHECK(fixture.informer.counters().lists == 1);
}

TEST_CASE("Reflector: a server without streamed lists is listed in pages and then watched") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 8);
  fixture.server.SetStreamedLists(false);
  fixture.StartAndSync();
  fixture.server.Put("object-7", "later");

  fixture.RequireAgreement();
  CHECK(fixture.server.Count("list") == 1);
  CHECK(fixture.server.Count("list continue") == 2);  // pages of three
  CHECK(fixture.server.Count("watch") == 1);
}

TEST_CASE("Reflector: JSON collections are streamed and paged alike") {
  SUBCASE("streamed") {
    InformerFixture<Thing> fixture;
    Fill(fixture, 5);
    fixture.StartAndSync();
    fixture.server.Put("object-7", "later");
    fixture.RequireAgreement();
  }
  SUBCASE("paged") {
    InformerFixture<Thing> fixture;
    Fill(fixture, 8);
    fixture.server.SetStreamedLists(false);
    fixture.StartAndSync();
    fixture.RequireAgreement();
    const auto thing = fixture.informer.Get({"shop", "object-3"});
    REQUIRE(thing);
    CHECK(thing->text == "braces } ] and \"quotes\" \\ first");
  }
}

TEST_CASE("Reflector: a clean end reconnects from the last version without a new list") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 3);
  fixture.StartAndSync();
  fixture.server.Inject(Fault::kCleanEnd);
  fixture.server.Put("object-1", "second");

  fixture.RequireAgreement();
  CHECK(fixture.server.Count("watch") == 1);
  CHECK(fixture.informer.counters().lists == 1);
}

TEST_CASE("Reflector: a cut inside a frame loses nothing and needs no new list") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 3);
  fixture.StartAndSync();
  fixture.server.Inject(Fault::kCutMidFrame);
  fixture.server.Put("object-1", "second");

  fixture.RequireAgreement();
  CHECK(fixture.informer.counters().lists == 1);
  CHECK(fixture.HasError("ended inside an event"));
}

TEST_CASE("Reflector: 410 in a watch reads everything anew and tells missed deletes") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 4);
  fixture.StartAndSync();
  fixture.server.Inject(Fault::kExpiredEvent);
  fixture.server.Delete("object-3");

  fixture.RequireAgreement();
  RequireLists(fixture, 2);
  CHECK_FALSE(fixture.informer.Get({"shop", "object-3"}));
}

TEST_CASE("Reflector: compacted history while disconnected is a 410, not a gap") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 4);
  fixture.StartAndSync();
  fixture.server.SetHeld(true);  // or a quick client reads on before history is gone
  fixture.server.http().DropConnections();
  fixture.server.Put("object-1", "unseen");
  fixture.server.Delete("object-2");
  fixture.server.Compact();
  fixture.server.SetHeld(false);

  fixture.RequireAgreement();
  RequireLists(fixture, 2);
  CHECK(fixture.server.Requests() == std::vector<std::string>{"stream", "watch", "stream"});
}

TEST_CASE("Reflector: a silent server is found by the idle time-out") {
  InformerFixture<Pod> fixture(ImpatientOptions());
  Fill(fixture, 3);
  fixture.StartAndSync();
  fixture.server.Inject(Fault::kStall);
  fixture.server.Put("object-1", "second");

  fixture.RequireAgreement();
  CHECK(fixture.HasError("fell silent"));
}

TEST_CASE("Reflector: bookmarks move the version though nothing changes") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 3);
  fixture.StartAndSync();
  const std::string before = fixture.informer.ResourceVersion();
  fixture.server.Bookmark();

  CHECK(Eventually([&] { return fixture.informer.ResourceVersion() != before; }));
  CHECK(fixture.informer.counters().bookmarks == 2);  // and the end of the initial events
}

TEST_CASE("Reflector: an object that cannot be read leaves its last state and the rest goes on") {
  InformerFixture<Thing> fixture;
  Fill(fixture, 3);
  fixture.StartAndSync();
  fixture.server.Inject(Fault::kUndecodableObject);
  fixture.server.Put("object-1", "second");

  fixture.RequireAgreement();
  CHECK(fixture.informer.counters().undecodable == 1);
  CHECK(fixture.HasError("metadata is missing or no object"));
}

TEST_CASE("Reflector: a proxy's page instead of an answer is named") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 2);
  fixture.server.Inject(Fault::kHtmlAnswer);
  fixture.StartAndSync();

  fixture.RequireAgreement();
  CHECK(fixture.HasError("text/html"));
}

TEST_CASE("Reflector: why it has not synced is known, and forgotten once it has") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 2);
  for (int i = 0; i < 100'000; ++i) fixture.server.Inject(Fault::kServerError);
  fixture.informer.Start();
  REQUIRE(Eventually([&] { return fixture.informer.last_error().has_value(); }));
  CHECK(fixture.informer.last_error()->code() == ErrorCode::kRetryable);
  CHECK_FALSE(fixture.informer.HasSynced());

  fixture.server.ClearFaults();

  fixture.RequireAgreement();
  REQUIRE(fixture.informer.WaitForSync(std::chrono::seconds(20)));
  CHECK_FALSE(fixture.informer.last_error());
}

TEST_CASE("Reflector: a kind that is not installed is a failure, and tried again until it is") {
  InformerFixture<Thing> fixture;
  Fill(fixture, 2);
  fixture.server.SetInstalled(false);
  fixture.informer.Start();
  REQUIRE(Eventually([&] { return fixture.informer.last_error().has_value(); }));
  CHECK(fixture.informer.last_error()->code() == ErrorCode::kNotFound);
  CHECK_FALSE(fixture.informer.HasSynced());

  fixture.server.SetInstalled(true);
  fixture.RequireAgreement();
}

TEST_CASE("Reflector: a kind that need not be installed is empty until it is, and no failure") {
  kube::ReflectorOptions options = QuickOptions();
  options.absent_retry = std::chrono::milliseconds(5);
  SUBCASE("streamed") {}
  SUBCASE("paged") { options.initial_list = kube::InitialList::kPages; }
  InformerFixture<Thing> fixture(options);
  Fill(fixture, 3);
  fixture.server.SetInstalled(false);
  fixture.StartAndSync();
  CHECK(fixture.informer.size() == 0);
  CHECK(fixture.informer.counters().failures == 0);
  CHECK(fixture.informer.counters().lists == 0);

  fixture.server.SetInstalled(true);
  fixture.RequireAgreement();
  CHECK(fixture.informer.size() == 3);

  fixture.server.SetInstalled(false);  // what was in it goes with it
  REQUIRE(Eventually([&] { return fixture.informer.size() == 0 && fixture.Mirrored().empty(); }));
  fixture.server.SetInstalled(true);
  fixture.RequireAgreement();
  CHECK_FALSE(fixture.HasError("404"));
}

TEST_CASE("Reflector: garbage and oversize frames end the stream, not the process") {
  SUBCASE("garbage protobuf") { SurvivesInWatch<Pod>(Fault::kGarbageFrame); }
  SUBCASE("garbage JSON") { SurvivesInWatch<Thing>(Fault::kGarbageFrame); }
  SUBCASE("oversize protobuf") { SurvivesInWatch<Pod>(Fault::kOversizeFrame); }
  SUBCASE("oversize JSON") { SurvivesInWatch<Thing>(Fault::kOversizeFrame); }
}

TEST_CASE("Reflector: a connection that breaks in a watch is made again") {
  SUBCASE("reset") { SurvivesInWatch<Pod>(Fault::kResetConnection); }
  SUBCASE("cut JSON line") { SurvivesInWatch<Thing>(Fault::kCutMidFrame); }
}

TEST_CASE("Reflector: refusals at the start are waited out") {
  SUBCASE("429") { SurvivesAtStart<Pod>(Fault::kTooManyRequests); }
  SUBCASE("500") { SurvivesAtStart<Pod>(Fault::kServerError); }
  SUBCASE("401") { SurvivesAtStart<Pod>(Fault::kUnauthorized); }
  SUBCASE("410") { SurvivesAtStart<Pod>(Fault::kExpired); }
  SUBCASE("version too large") { SurvivesAtStart<Pod>(Fault::kTooLargeVersion); }
  SUBCASE("cut streamed list") { SurvivesAtStart<Pod>(Fault::kCutList); }
  SUBCASE("cut paged list") { SurvivesAtStart<Pod>(Fault::kCutList, kube::InitialList::kPages); }
  SUBCASE("cut paged JSON list") {
    SurvivesAtStart<Thing>(Fault::kCutList, kube::InitialList::kPages);
  }
  SUBCASE("continue token expired") {
    SurvivesAtStart<Pod>(Fault::kExpiredContinue, kube::InitialList::kPages);
  }
  SUBCASE("version too large for LIST") {
    SurvivesAtStart<Pod>(Fault::kTooLargeVersion, kube::InitialList::kPages);
  }
}

TEST_CASE("Reflector: an unchanged object keeps its place in memory through a new list") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 4);
  fixture.StartAndSync();
  const auto before = fixture.informer.Get({"shop", "object-1"});
  fixture.server.Inject(Fault::kExpiredEvent);
  fixture.server.Delete("object-3");
  fixture.RequireAgreement();

  CHECK(fixture.informer.Get({"shop", "object-1"}) == before);
}

TEST_CASE("Reflector: stops at once in a quiet watch") {
  InformerFixture<Pod> fixture;
  Fill(fixture, 1);
  fixture.StartAndSync();

  // Long before the watch would end by its idle time-out, two and a half minutes.
  const auto started = std::chrono::steady_clock::now();
  fixture.informer.Stop();
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(60));
  CHECK(fixture.informer.size() == 1);
}

TEST_CASE("Informer: objects are found by every key of an index, as they change") {
  FakeApiServer server(FakeApiServer::Format::kProtobufPods);
  const auto client = MakeClient(server.url());
  kube::Informer<Pod> informer(*client, kube::PodCodec(), {.reflector = QuickOptions()});
  const kube::IndexId by_value = informer.AddIndex(
      [](const Pod& pod, auto add) { add(Find(pod.meta.labels, "value").value_or("")); });
  server.Put("a", "red");
  server.Put("b", "red");
  informer.Start();
  REQUIRE(informer.WaitForSync(std::chrono::seconds(60)));
  CHECK(informer.ByIndex(by_value, "red").size() == 2);

  server.Put("a", "blue");
  CHECK(Eventually([&] { return informer.ByIndex(by_value, "blue").size() == 1; }));
  CHECK(informer.ByIndex(by_value, "red").size() == 1);
  server.Delete("a");
  CHECK(Eventually([&] { return informer.ByIndex(by_value, "blue").empty(); }));
}

}  // namespace
}  // namespace plimsoll::testing
