// SPDX-License-Identifier: Apache-2.0
//
// What the decoders of one object pass around: the pool they share repeated parts through, which
// annotations to keep, and the first thing that was wrong.
#pragma once

#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "operator/kube/decode_pool.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/wire/wire_reader.h"

namespace plimsoll::kube::wire {

class DecodeContext {
 public:
  DecodeContext(DecodePool& pool, const CodecOptions& options) : pool_(pool), options_(options) {}

  [[nodiscard]] DecodePool& pool() { return pool_; }
  [[nodiscard]] const CodecOptions& options() const { return options_; }
  [[nodiscard]] InternedString Text(std::string_view text) { return pool_.Text(text); }

  // Remembers the first problem; decoding goes on, its result is thrown away.
  void Refuse(std::string_view field, std::string_view problem) {
    if (problem_.empty()) problem_ = std::string(field) + ": " + std::string(problem);
  }
  // Call after the loop over a message's fields.
  void Check(const WireReader& in, std::string_view message) {
    if (!in.ok()) Refuse(message, "malformed protobuf");
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  DecodePool& pool_;
  const CodecOptions& options_;
  std::string problem_;
};

}  // namespace plimsoll::kube::wire
