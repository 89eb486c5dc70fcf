// SPDX-License-Identifier: Apache-2.0
#include "tests/operator/controllers/certificates/tls_pair.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string_view>

namespace plimsoll::certificates {
namespace {

struct ContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, ContextFree>;
using SslPtr = std::unique_ptr<SSL, SslFree>;
using BioPtr = std::unique_ptr<BIO, BioFree>;

BioPtr Reading(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

ContextPtr ContextFor(const SecretData& side, const SSL_METHOD* method, TimePoint now) {
  ContextPtr context(SSL_CTX_new(method));
  X509* certificate =
      PEM_read_bio_X509(Reading(side.at("tls.crt")).get(), nullptr, nullptr, nullptr);
  EVP_PKEY* key =
      PEM_read_bio_PrivateKey(Reading(side.at("tls.key")).get(), nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context.get(), certificate);
  SSL_CTX_use_PrivateKey(context.get(), key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  for (const std::string& text : SplitBundle(side.at("ca.crt"))) {
    X509* authority = PEM_read_bio_X509(Reading(text).get(), nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority);
    X509_free(authority);
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  X509_VERIFY_PARAM_set_time(
      SSL_CTX_get0_param(context.get()),
      std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
  return context;
}

std::string Problem(SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  const unsigned long code = ERR_peek_error();
  return code == 0 ? "" : ERR_reason_error_string(code);
}

}  // namespace

TlsOutcome Handshake(const SecretData& client, const SecretData& server,
                     const std::string& expected_name, TimePoint now) {
  ERR_clear_error();
  const ContextPtr client_context = ContextFor(client, TLS_client_method(), now);
  const ContextPtr server_context = ContextFor(server, TLS_server_method(), now);
  const SslPtr dialer(SSL_new(client_context.get()));
  const SslPtr listener(SSL_new(server_context.get()));
  BIO* near = nullptr;
  BIO* far = nullptr;
  BIO_new_bio_pair(&near, 0, &far, 0);
  SSL_set_bio(dialer.get(), near, near);
  SSL_set_bio(listener.get(), far, far);
  SSL_set1_host(dialer.get(), expected_name.c_str());
  SSL_set_connect_state(dialer.get());
  SSL_set_accept_state(listener.get());

  for (int round = 0; round < 10; ++round) {
    const int dialed = SSL_do_handshake(dialer.get());
    const int listened = SSL_do_handshake(listener.get());
    if (dialed == 1 && listened == 1) return {.connected = true, .problem = ""};
  }
  const std::string problem = Problem(dialer.get());
  return {.connected = false, .problem = problem.empty() ? Problem(listener.get()) : problem};
}

}  // namespace plimsoll::certificates
