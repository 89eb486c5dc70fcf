// SPDX-License-Identifier: Apache-2.0
#include "operator/api/base64.h"

#include <openssl/evp.h>

namespace plimsoll::api {

std::string EncodeBase64(std::string_view data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a final 0 byte
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(data.data()),
                                     static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string data(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(data.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  // OpenSSL counts the padding as zero bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  data.resize(static_cast<std::size_t>(length) - padding);
  // It also trims white space and takes stray bits in the last group; only one text is right.
  if (EncodeBase64(data) != text) return std::nullopt;
  return data;
}

}  // namespace plimsoll::api
