// SPDX-License-Identifier: Apache-2.0
//
// The credentials of a ClusterConfig, kept current: files are read again when they change, an exec
// plugin runs when its credential nears its end, and a 401 throws away what is cached.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
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
  // for at most a minute; whoever asks meanwhile waits for that run and takes its answer, good or
  // bad. kCanceled when `stop` came first: the run it began is killed, its wait is over.
  [[nodiscard]] Result<HttpHeaders> Headers(std::stop_token stop = {});
  // What the next connection is made with; never waits. Headers() come first: an exec plugin's
  // certificate is the one it gave then.
  [[nodiscard]] Result<TlsMaterial> Tls();
  // The server refused a request whose headers were asked for at `asked`: what is older is dropped.
  // True when another try makes sense.
  [[nodiscard]] bool Refused(Instant asked);

 private:
  // A token file is trusted for a minute, as kubelets rotate long before the end.
  [[nodiscard]] Result<std::string> FileToken();
  [[nodiscard]] bool AsksPlugin() const;
  [[nodiscard]] bool PluginIsFresh() const;
  [[nodiscard]] Result<ExecCredential> FromPlugin(std::unique_lock<std::mutex>& lock,
                                                  const std::stop_token& stop);
  [[nodiscard]] Result<ExecCredential> RunPlugin(std::unique_lock<std::mutex>& lock,
                                                 const std::stop_token& stop);

  const ClusterConfig& config_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<std::string> token_;
  Instant token_read_{};
  std::optional<ExecCredential> exec_;
  Instant exec_ran_{};
  bool exec_refused_ = false;             // by the server, so it is asked for anew
  std::condition_variable_any exec_end_;  // of a run
  bool exec_running_ = false;
  std::uint64_t exec_failures_ = 0;    // runs that failed of themselves, not by a stop
  std::optional<Error> exec_failure_;  // the last of them
};

}  // namespace plimsoll::kube
