// SPDX-License-Identifier: Apache-2.0
//
// Any bytes are a history or an error; a history that was read answers without a broken number and
// comes back from its own checkpoint.
#include "advisor/history/checkpoint.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "advisor/recommend/recommend.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  const auto history = history::DecodeCheckpoint({reinterpret_cast<const char*>(data), size});
  if (!history) return 0;
  recommend::Question question;
  question.now = TimePoint(std::chrono::hours(24 * 365 * 56));
  const auto advice = recommend::Recommend(*history, question);
  if (advice.request && advice.limit && *advice.request > *advice.limit) std::abort();
  if (advice.limit && *advice.limit <= Bytes(0)) std::abort();
  const std::string bytes = history::EncodeCheckpoint(*history);
  if (bytes.size() > history::kCheckpointMaxBytes) std::abort();
  if (!history::DecodeCheckpoint(bytes)) std::abort();
  return 0;
}
