// SPDX-License-Identifier: Apache-2.0
//
// Keeps the two Secrets of the connection between operator and agents filled and fresh. Call
// Reconcile at start and then every minute; what it publishes is used by the next dial, nothing
// restarts.
//
// The chart makes both Secrets, empty: the operator has the right to read and change these two and
// to create none.
#pragma once

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/controllers/certificates/secrets.h"
#include "operator/kube/client.h"

namespace plimsoll::certificates {

struct Options {
  std::string ns;               // where the Secrets are: the release's namespace
  std::string operator_secret;  // --operator-tls-secret
  std::string agent_secret;     // --agent-tls-secret
  Schedule schedule{};
};

// What the operator dials agents with.
struct Identity {
  std::string authority;    // the trusted bundle, PEM
  std::string certificate;  // PEM
  std::string key;          // PEM

  friend bool operator==(const Identity&, const Identity&) = default;
};

class CertificateController {
 public:
  // `client` must outlive it.
  CertificateController(kube::Client& client, Options options);

  // One pass. A leader writes what has to change; the others (`lead` false) only read. Returns what
  // was changed. Errors: kNotFound when a Secret is missing (the message says who makes it),
  // kConflict when another operator wrote meanwhile (the next pass reads its work), else the
  // client's own.
  [[nodiscard]] Result<std::vector<std::string>> Reconcile(bool lead, TimePoint now,
                                                           const std::stop_token& stop = {});

  // Absent until there is a certificate that works. Thread-safe.
  [[nodiscard]] std::optional<Identity> identity() const;

 private:
  struct Stored {
    SecretData data;
    std::string resource_version;
  };

  [[nodiscard]] Result<Stored> Read(const std::string& name, const std::stop_token& stop);
  [[nodiscard]] Status Write(const std::string& name, const SecretData& data,
                             const std::string& resource_version, const std::stop_token& stop);
  void Publish(const SecretData& operator_side, TimePoint now);

  kube::Client& client_;
  const Options options_;
  mutable std::mutex mutex_;
  std::optional<Identity> identity_;
};

}  // namespace plimsoll::certificates
