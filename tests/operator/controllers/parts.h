// SPDX-License-Identifier: Apache-2.0
//
// What the rigs of the controllers are made of: clients on a scripted server and a clock that a
// test moves, fenced as the operator's are.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "operator/kube/client.h"
#include "operator/kube/event_recorder.h"
#include "tests/support/manual_clock.h"

namespace plimsoll::testing {

// Of one request: no test here is about requests that take long.
inline constexpr Duration kPatience = std::chrono::minutes(1);

// Open while `leads`, which must outlive the client.
inline kube::WriteFence FenceOf(const std::atomic<bool>& leads) {
  return [&leads]() -> Status {
    if (leads) return {};
    return Fail(ErrorCode::kCanceled, "this replica does not hold the leader's lease");
  };
}

inline std::unique_ptr<kube::Client> MakeClient(const std::string& url,
                                                std::shared_ptr<const kube::Clock> clock,
                                                kube::WriteFence fence = {}, int max_retries = 5) {
  auto client = kube::Client::Create({.server = url}, {.timeout = kPatience,
                                                       .max_retries = max_retries,
                                                       .write_fence = std::move(fence),
                                                       .clock = std::move(clock)});
  REQUIRE(client);
  return *std::move(client);
}

// No event of a test is held back for there being many.
inline kube::EventRecorderOptions EveryEvent() {
  kube::EventRecorderOptions options;
  options.controller = "plimsoll.dev/operator";
  options.instance = "test";
  options.burst = 1000;
  return options;
}

}  // namespace plimsoll::testing
