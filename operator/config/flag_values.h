// SPDX-License-Identifier: Apache-2.0
//
// What the flags of our programs may hold beyond a number or a word: names of Kubernetes, label
// selectors, addresses. Wrong ones would be found out hours later, if ever. Every error is kInvalid
// and names the flag, what was given and what it may be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"

namespace plimsoll::config {

// The name of a namespace or container: at most 63 of a-z, 0-9 and '-', not at the ends.
[[nodiscard]] Status CheckLabel(std::string_view flag, std::string_view name);

// The name of an object: labels as above, joined by dots, at most 253 bytes.
[[nodiscard]] Status CheckObjectName(std::string_view flag, std::string_view name);

// A label selector as kubectl takes it ("a=b,c!=d,e in (f, g),!h"), at most 1024 bytes, not empty.
[[nodiscard]] Status CheckSelector(std::string_view flag, std::string_view selector);

// HOST:PORT or [IPv6]:PORT to listen on; port 0 to 65535, where 0 lets the system choose. Or a
// socket of this machine as gRPC names it, unix:PATH or unix-abstract:NAME.
[[nodiscard]] Status CheckEndpoint(std::string_view flag, std::string_view endpoint);

// Words that belong to no flag (as "junk" in "--insecure junk"): the first of them is refused.
[[nodiscard]] Status CheckNoWords(const std::vector<std::string>& words);

}  // namespace plimsoll::config
