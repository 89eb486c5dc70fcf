// SPDX-License-Identifier: Apache-2.0
#include "operator/web/health.h"

namespace plimsoll::web {

Health Ask(const std::vector<Check>& checks) {
  Health health;
  for (const Check& check : checks) {
    const std::string problem = check.problem();
    health.fine = health.fine && problem.empty();
    health.text +=
        problem.empty() ? "[+] " + check.name + "\n" : "[-] " + check.name + ": " + problem + "\n";
  }
  return health;
}

}  // namespace plimsoll::web
