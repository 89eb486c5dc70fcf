// SPDX-License-Identifier: Apache-2.0
//
// X.509 certificates over ECDSA P-256, as PEM text: make an authority, issue from it, read one. The
// only file that knows OpenSSL's certificate calls. Nothing here reads a clock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::certificates {

struct KeyPair {
  std::string certificate;  // PEM
  std::string key;          // PEM, PKCS#8, not encrypted

  friend bool operator==(const KeyPair&, const KeyPair&) = default;
};

struct Validity {
  TimePoint from{};
  TimePoint until{};
};

// What a leaf may be used for: the other side's TLS checks it, so that an agent's certificate
// cannot act as the operator's.
enum class Usage { kServer, kClient };

struct Facts {
  std::vector<std::string> dns_names;
  Validity validity{};
  bool authority = false;
  bool server = false;  // may be used as a TLS server's
  bool client = false;  // may be used as a TLS client's
};

// Errors of all: kInvalid for text that is not what it should be, kInternal when OpenSSL fails.
[[nodiscard]] Result<KeyPair> MakeAuthority(const std::string& name, const Validity& validity);
// `dns_name` becomes the subject's common name and the only alternative name.
[[nodiscard]] Result<KeyPair> Issue(const KeyPair& authority, const std::string& dns_name,
                                    Usage usage, const Validity& validity);

// The first certificate of the text.
[[nodiscard]] Result<Facts> Inspect(std::string_view certificate);
// Whether the key is the certificate's own; false for anything unreadable.
[[nodiscard]] bool BelongTogether(const KeyPair& pair);
// Whether the authority's key signed it; false for anything unreadable. Times are not looked at.
[[nodiscard]] bool SignedBy(std::string_view certificate, std::string_view authority);

// The certificates of a bundle, each as text of its own; what lies between them is dropped.
[[nodiscard]] std::vector<std::string> SplitBundle(std::string_view bundle);

}  // namespace plimsoll::certificates
