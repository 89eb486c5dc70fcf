// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/query.h"

#include "operator/kube/percent.h"

namespace plimsoll::kube {

Query& Query::Add(std::string_view key, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  AppendPercentEncoded(text_, key);
  text_ += '=';
  AppendPercentEncoded(text_, value);
  return *this;
}

}  // namespace plimsoll::kube
