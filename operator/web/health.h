// SPDX-License-Identifier: Apache-2.0
//
// The named checks behind /healthz and /readyz: each asks its part at the time of the question, so
// the answer is never older than the request.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace plimsoll::web {

struct Check {
  std::string name;
  // Empty: fine. Otherwise what is wrong, for people.
  std::function<std::string()> problem;
};

struct Health {
  bool fine = true;
  std::string text;  // "[+] pods\n[-] limits: not read yet\n", as kube-apiserver prints it
};

[[nodiscard]] Health Ask(const std::vector<Check>& checks);

}  // namespace plimsoll::web
