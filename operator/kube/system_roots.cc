// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/system_roots.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstdlib>

namespace plimsoll::kube {
namespace {

std::optional<std::string> Variable(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): never set after the start
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

SystemRoots FromEnvironment() {
  return {.file = Variable(X509_get_default_cert_file_env()),
          .dir = Variable(X509_get_default_cert_dir_env())};
}

// What the variables said, once they are hidden.
std::optional<SystemRoots>& Hidden() {
  static std::optional<SystemRoots> hidden;
  return hidden;
}

void AddBundle(X509_STORE* store) {
  for (const char* file : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                           "/etc/ssl/cert.pem"}) {
    if (X509_STORE_load_locations(store, file, nullptr) == 1) break;
  }
}

}  // namespace

void HideSystemRoots() {
  if (Hidden()) return;
  Hidden() = FromEnvironment();
  // NOLINTBEGIN(concurrency-mt-unsafe): before any other thread
  setenv(X509_get_default_cert_file_env(), "/dev/null", /*overwrite=*/1);
  setenv(X509_get_default_cert_dir_env(), "/nonexistent", /*overwrite=*/1);
  // NOLINTEND(concurrency-mt-unsafe)
}

SystemRoots FindSystemRoots() { return Hidden() ? *Hidden() : FromEnvironment(); }

Status AddSystemRoots(X509_STORE* store, const SystemRoots& roots) {
  Status status;
  if (!roots.file) {
    AddBundle(store);
  } else if (X509_STORE_load_locations(store, roots.file->c_str(), nullptr) != 1) {
    status = Fail(ErrorCode::kInvalid,
                  std::string(X509_get_default_cert_file_env()) + ": \"" + *roots.file +
                      "\" holds no certificate that can be read; name a file of PEM certificates");
  }
  if (roots.dir) X509_STORE_load_locations(store, nullptr, roots.dir->c_str());
  ERR_clear_error();
  return status;
}

std::vector<RootsVariable> HiddenRootsVariables() {
  if (!Hidden()) return {};
  return {{X509_get_default_cert_file_env(), Hidden()->file},
          {X509_get_default_cert_dir_env(), Hidden()->dir}};
}

}  // namespace plimsoll::kube
