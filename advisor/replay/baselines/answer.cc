// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/answer.h"

#include <utility>

#include "advisor/recommend/reason.h"
#include "advisor/recommend/verdict.h"

namespace plimsoll::replay {

recommend::Recommendation Answer(Bytes wanted, const Situation& situation) {
  recommend::Recommendation answer;
  answer.request = answer.limit = answer.uncapped_request = answer.uncapped_limit = wanted;
  answer.verdict = recommend::Judge(situation.in_force, wanted, wanted);
  return answer;
}

recommend::Recommendation NoAnswer(std::string why) {
  recommend::Recommendation none;
  none.reasons.push_back(
      {std::string(recommend::Name(recommend::ReasonCode::kNoData)), std::move(why)});
  return none;
}

recommend::Recommendation NoWorkingSet(const std::string& rival) {
  return NoAnswer(rival + " reads working sets, and none was told; add working_set to the digests");
}

}  // namespace plimsoll::replay
