// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <random>

namespace plimsoll::testing {
namespace {

template <class Write>
std::string ToPem(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* MakeCertificate(EVP_PKEY* key, const std::string& name) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  std::random_device random;
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), random());
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

}  // namespace

struct TestAuthority::Keys {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = nullptr;
  std::string pem;
  ~Keys() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
};

TestAuthority::TestAuthority() : keys_(std::make_unique<Keys>()) {
  std::random_device random;
  X509* certificate = MakeCertificate(keys_->key, "test authority " + std::to_string(random()));
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate, keys_->key, EVP_sha256());
  keys_->certificate = certificate;
  keys_->pem = ToPem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}

TestAuthority::~TestAuthority() = default;

const std::string& TestAuthority::certificate_pem() const { return keys_->pem; }

ServerTls TestAuthority::Issue(const std::string& host) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = MakeCertificate(key, host);
  X509_set_issuer_name(certificate, X509_get_subject_name(keys_->certificate));
  const bool address = host.find_first_not_of("0123456789.") == std::string::npos;
  AddExtension(certificate, keys_->certificate, NID_subject_alt_name,
               (address ? "IP:" : "DNS:") + host);
  X509_sign(certificate, keys_->key, EVP_sha256());
  ServerTls tls{ToPem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); }),
                ToPem([&](BIO* bio) {
                  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
                })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return tls;
}

}  // namespace plimsoll::testing
