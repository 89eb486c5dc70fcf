// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/certificates/x509.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <utility>

namespace plimsoll::certificates {
namespace {

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, Freer<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, Freer<BN_free>>;

std::unexpected<Error> OpenSslFailure(std::string_view what) {
  char text[256] = "no further detail";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    ERR_error_string_n(code, text, sizeof(text));
  }
  ERR_clear_error();
  return Fail(ErrorCode::kInternal, std::string(what) + ": " + text);
}

BioPtr Reading(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

CertPtr ReadCertificate(std::string_view text) {
  CertPtr certificate(PEM_read_bio_X509(Reading(text).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

KeyPtr ReadKey(std::string_view text) {
  // No passphrase callback: an encrypted key must be unreadable rather than ask at a terminal.
  const auto refuse = [](char*, int, int, void*) { return -1; };
  KeyPtr key(PEM_read_bio_PrivateKey(Reading(text).get(), nullptr, refuse, nullptr));
  ERR_clear_error();
  return key;
}

std::time_t Seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

TimePoint FromAsn1(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return TimePoint{};
  return TimePoint(std::chrono::seconds(timegm(&parts)));
}

// 127 random bits, so the number is positive and never repeats.
bool SetSerial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return false;
  bytes[0] &= 0x7f;
  const BignumPtr number(BN_bin2bn(bytes, sizeof(bytes), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetCommonName(X509_NAME* name, const std::string& text) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

struct Extension {
  int nid;
  std::string value;
};

// A certificate for a new key; `issuer` null: it signs itself.
struct Issuer {
  X509* certificate;
  EVP_PKEY* key;
};

Result<KeyPair> Make(const std::string& name, const Validity& validity,
                     const std::vector<Extension>& extensions, const Issuer* issuer) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertPtr certificate(X509_new());
  if (!key || !certificate) return OpenSslFailure("making a key");
  X509* const raw = certificate.get();
  X509* const signer = issuer != nullptr ? issuer->certificate : raw;
  const bool filled = X509_set_version(raw, X509_VERSION_3) == 1 && SetSerial(raw) &&
                      ASN1_TIME_set(X509_getm_notBefore(raw), Seconds(validity.from)) != nullptr &&
                      ASN1_TIME_set(X509_getm_notAfter(raw), Seconds(validity.until)) != nullptr &&
                      X509_set_pubkey(raw, key.get()) == 1 &&
                      SetCommonName(X509_get_subject_name(raw), name) &&
                      X509_set_issuer_name(raw, X509_get_subject_name(signer)) == 1;
  if (!filled) return OpenSslFailure("filling a certificate");
  for (const Extension& extension : extensions) {
    if (!AddExtension(raw, signer, extension.nid, extension.value)) {
      return OpenSslFailure("certificate extension " + extension.value);
    }
  }
  EVP_PKEY* const signing_key = issuer != nullptr ? issuer->key : key.get();
  if (X509_sign(raw, signing_key, EVP_sha256()) == 0) return OpenSslFailure("signing");

  const BioPtr certificate_text(BIO_new(BIO_s_mem()));
  const BioPtr key_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_text.get(), raw) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return OpenSslFailure("writing PEM");
  }
  return KeyPair{.certificate = Written(certificate_text.get()), .key = Written(key_text.get())};
}

std::vector<std::string> DnsNames(X509* certificate) {
  std::vector<std::string> names;
  const NamesPtr list(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    if (name->type != GEN_DNS) continue;
    names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  return names;
}

}  // namespace

Result<KeyPair> MakeAuthority(const std::string& name, const Validity& validity) {
  return Make(name, validity,
              {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
               {NID_key_usage, "critical,keyCertSign,cRLSign"},
               {NID_subject_key_identifier, "hash"}},
              nullptr);
}

Result<KeyPair> Issue(const KeyPair& authority, const std::string& dns_name, Usage usage,
                      const Validity& validity) {
  const CertPtr certificate = ReadCertificate(authority.certificate);
  const KeyPtr key = ReadKey(authority.key);
  if (!certificate || !key) {
    return Fail(ErrorCode::kInvalid, "the authority's certificate or key is not readable PEM");
  }
  const Issuer issuer{.certificate = certificate.get(), .key = key.get()};
  return Make(dns_name, validity,
              {{NID_basic_constraints, "critical,CA:FALSE"},
               {NID_key_usage, "critical,digitalSignature"},
               {NID_ext_key_usage, usage == Usage::kServer ? "serverAuth" : "clientAuth"},
               {NID_subject_alt_name, "DNS:" + dns_name},
               {NID_subject_key_identifier, "hash"},
               {NID_authority_key_identifier, "keyid"}},
              &issuer);
}

Result<Facts> Inspect(std::string_view certificate) {
  const CertPtr read = ReadCertificate(certificate);
  if (!read) return Fail(ErrorCode::kInvalid, "not a PEM certificate");
  const std::uint32_t usage = X509_get_extended_key_usage(read.get());
  return Facts{.dns_names = DnsNames(read.get()),
               .validity = {.from = FromAsn1(X509_get0_notBefore(read.get())),
                            .until = FromAsn1(X509_get0_notAfter(read.get()))},
               .authority = X509_check_ca(read.get()) == 1,
               .server = (usage & XKU_SSL_SERVER) != 0,
               .client = (usage & XKU_SSL_CLIENT) != 0};
}

bool BelongTogether(const KeyPair& pair) {
  const CertPtr certificate = ReadCertificate(pair.certificate);
  const KeyPtr key = ReadKey(pair.key);
  const bool match =
      certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return match;
}

bool SignedBy(std::string_view certificate, std::string_view authority) {
  const CertPtr leaf = ReadCertificate(certificate);
  const CertPtr issuer = ReadCertificate(authority);
  const bool match = leaf && issuer && X509_check_issued(issuer.get(), leaf.get()) == X509_V_OK &&
                     X509_verify(leaf.get(), X509_get0_pubkey(issuer.get())) == 1;
  ERR_clear_error();
  return match;
}

std::vector<std::string> SplitBundle(std::string_view bundle) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::vector<std::string> certificates;
  while (true) {
    const std::size_t begin = bundle.find(kBegin);
    if (begin == std::string_view::npos) return certificates;
    bundle.remove_prefix(begin);
    const std::size_t end = bundle.find(kEnd);
    if (end == std::string_view::npos) return certificates;
    certificates.push_back(std::string(bundle.substr(0, end + kEnd.size())) + "\n");
    bundle.remove_prefix(end + kEnd.size());
  }
}

}  // namespace plimsoll::certificates
