// SPDX-License-Identifier: Apache-2.0
//
// The credentials of a ClusterConfig, kept current: files are read again when they change, an exec
// plugin runs when its credential nears its end, and a 401 throws away what is cached.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/kube/clock.h"
#include "operator/kube/config.h"
#include "operator/kube/exec_plugin.h"
#include "operator/kube/transport.h"

namespace plimsoll::kube {

class Credentials {
 public:
  // `clock` must outlive it.
  Credentials(const ClusterConfig& config, const Clock& clock);

  // Authorization and impersonation headers for a request now. Thread-safe. An exec plugin may run,
  // for at most a minute.
  [[nodiscard]] Result<HttpHeaders> Headers();
  // What the next connection is made with.
  [[nodiscard]] Result<TlsMaterial> Tls();
  // The server refused a request whose headers were asked for at `asked`: what is older is dropped.
  // True when another try makes sense.
  [[nodiscard]] bool Refused(Instant asked);

 private:
  // A token file is trusted for a minute, as kubelets rotate long before the end.
  [[nodiscard]] Result<std::string> FileToken();
  [[nodiscard]] Result<ExecCredential> FromPlugin();

  const ClusterConfig& config_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<std::string> token_;
  Instant token_read_{};
  std::optional<ExecCredential> exec_;
  Instant exec_ran_{};
};

}  // namespace plimsoll::kube
