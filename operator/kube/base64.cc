// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/base64.h"

#include <openssl/evp.h>

#include <cstdint>

namespace plimsoll::kube {

Result<std::string> DecodeBase64(std::string_view text) {
  std::string packed;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') packed += c;
  }
  std::string bytes(packed.size() / 4 * 3 + 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(packed.data()),
                                     static_cast<int>(packed.size()));
  if (length < 0 || packed.size() % 4 != 0) return Fail(ErrorCode::kInvalid, "is no base64");
  std::size_t size = static_cast<std::size_t>(length);
  if (packed.ends_with("==")) {
    size -= 2;
  } else if (packed.ends_with('=')) {
    size -= 1;
  }
  bytes.resize(size);
  return bytes;
}

std::string EncodeBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace plimsoll::kube
