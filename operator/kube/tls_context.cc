// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

#include "operator/kube/system_roots.h"

namespace plimsoll::kube {
namespace {

std::string OpenSslError() {
  char text[256] = "unknown";
  if (const unsigned long code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
BioPtr OpenPem(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

Status AddAuthorities(X509_STORE* store, const std::string& pem) {
  const BioPtr bio = OpenPem(pem);
  int count = 0;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(store, certificate);
    X509_free(certificate);
    ++count;
  }
  ERR_clear_error();
  if (count > 0) return {};
  return Fail(ErrorCode::kInvalid, "certificate-authority holds no PEM certificate");
}

Status UseClientCertificate(SSL_CTX* context, const TlsMaterial& material) {
  const BioPtr certificates = OpenPem(material.certificate_pem);
  X509* leaf = PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr);
  const bool used = leaf != nullptr && SSL_CTX_use_certificate(context, leaf) == 1;
  X509_free(leaf);
  if (!used) {
    return Fail(ErrorCode::kInvalid,
                "client-certificate holds no certificate that can be read: " + OpenSslError());
  }
  while (X509* next = PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add_extra_chain_cert(context, next);  // takes it over
  }
  ERR_clear_error();
  const BioPtr bio = OpenPem(material.key_pem);
  // Without this OpenSSL would ask a terminal for the passphrase.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr);
  if (key == nullptr) {
    return Fail(ErrorCode::kInvalid,
                "client-key holds no key that can be read without a passphrase: " + OpenSslError());
  }
  const bool matches =
      SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
  EVP_PKEY_free(key);
  ERR_clear_error();
  if (matches) return {};
  return Fail(ErrorCode::kInvalid,
              "client-key is not the key of client-certificate; give the two that were made "
              "together");
}

}  // namespace

Status CheckTls(const TlsMaterial& material) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  if (!context) return Fail(ErrorCode::kInternal, "OpenSSL: " + OpenSslError());
  return ConfigureTls(context.get(), material);
}

Status ConfigureTls(SSL_CTX* context, const TlsMaterial& material) {
  X509_STORE* store = X509_STORE_new();
  SSL_CTX_set_cert_store(context, store);  // takes it over, and frees the library's
  const Status added = material.ca_pem.empty() ? AddSystemRoots(store, FindSystemRoots())
                                               : AddAuthorities(store, material.ca_pem);
  if (!added) return added;
  if (material.certificate_pem.empty() && material.key_pem.empty()) return {};
  return UseClientCertificate(context, material);
}

}  // namespace plimsoll::kube
