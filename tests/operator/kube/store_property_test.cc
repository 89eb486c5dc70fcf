// SPDX-License-Identifier: Apache-2.0
//
// Store equals server, after any interleaving of changes and faults, for fixed seeds.
#include <doctest/doctest.h>

#include <random>

#include "tests/operator/kube/informer_fixture.h"

namespace plimsoll::testing {
namespace {

constexpr Fault kFaults[] = {
    Fault::kTooManyRequests, Fault::kServerError,     Fault::kTooLargeVersion,
    Fault::kExpired,         Fault::kExpiredEvent,    Fault::kCleanEnd,
    Fault::kCutMidFrame,     Fault::kResetConnection, Fault::kStall,
    Fault::kGarbageFrame,    Fault::kOversizeFrame,   Fault::kUndecodableObject,
    Fault::kHtmlAnswer,      Fault::kExpiredContinue, Fault::kCutList,
    Fault::kUnauthorized,
};

template <class T>
void RandomInterleaving(unsigned seed) {
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  kube::ReflectorOptions options = QuickOptions();
  // Time enough for a busy machine to answer: each watch must say something within it.
  options.idle_timeout = std::chrono::milliseconds(700);
  options.initial_list = below(2) == 0 ? kube::InitialList::kStream : kube::InitialList::kPages;
  InformerFixture<T> fixture(options);
  for (int i = 0; i < below(12); ++i) fixture.server.Put("object-" + std::to_string(i), "initial");
  fixture.informer.Start();

  for (int step = 0; step < 60; ++step) {
    const std::string name = "object-" + std::to_string(below(12));
    switch (below(10)) {
      case 0:
        fixture.server.Delete(name);
        break;
      case 1:
        fixture.server.Inject(kFaults[below(std::size(kFaults))]);
        break;
      case 2:
        below(4) == 0 ? fixture.server.Compact() : fixture.server.Bookmark();
        break;
      case 3:
        std::this_thread::sleep_for(std::chrono::milliseconds(below(20)));
        break;
      case 4:
        if (below(5) == 0) fixture.server.SetStreamedLists(below(2) == 0);
        break;
      case 5:
        if (below(4) == 0) fixture.server.http().DropConnections();
        break;
      default:
        fixture.server.Put(name, "step-" + std::to_string(step));
        break;
    }
  }
  fixture.server.ClearFaults();
  fixture.server.Put("last", "wakes a stalled watch");

  fixture.RequireAgreement();
}

TEST_CASE("Store: equals the server after any interleaving of changes and faults, protobuf") {
  for (unsigned seed = 1; seed <= 20; ++seed) RandomInterleaving<kube::Pod>(seed);
}

TEST_CASE("Store: equals the server after any interleaving of changes and faults, JSON") {
  for (unsigned seed = 101; seed <= 120; ++seed) RandomInterleaving<Thing>(seed);
}

}  // namespace
}  // namespace plimsoll::testing
