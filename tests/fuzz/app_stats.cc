// SPDX-License-Identifier: Apache-2.0
//
// What an app answers: protobuf of any bytes, checked before it is passed on, and the same read
// again.
#include <cstdint>
#include <cstdlib>

#include "operator/agent/collectors/stats_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  const int length = static_cast<int>(size);
  if (v1::AllocatorStats stats; stats.ParseFromArray(data, length)) {
    const auto complaint = agent::Complaint(stats);
    if (complaint && complaint->empty()) std::abort();
    if (!complaint && stats.ByteSizeLong() > agent::kMaxStatsBytes) std::abort();
  }
  if (v1::TuneReply reply; reply.ParseFromArray(data, length)) (void)agent::Complaint(reply);
  return 0;
}
