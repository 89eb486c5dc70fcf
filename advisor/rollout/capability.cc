// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/capability.h"

#include <charconv>
#include <string>

namespace plimsoll::rollout {
namespace {

Result<int> LeadingNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) {
    return Fail(ErrorCode::kInvalid, "the API server's version has a part that is no number: \"" +
                                         std::string(text) + "\"");
  }
  return number;
}

}  // namespace

Result<Capability> CapabilityOf(std::string_view major, std::string_view minor) {
  const Result<int> major_number = LeadingNumber(major);
  if (!major_number) return std::unexpected(major_number.error());
  const Result<int> minor_number = LeadingNumber(minor);
  if (!minor_number) return std::unexpected(minor_number.error());
  if (*major_number != 1) return Capability{.grow = *major_number > 1, .shrink = *major_number > 1};
  return Capability{.grow = *minor_number >= 33, .shrink = *minor_number >= 34};
}

}  // namespace plimsoll::rollout
