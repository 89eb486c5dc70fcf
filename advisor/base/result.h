// SPDX-License-Identifier: Apache-2.0
//
// Result<T>: a value or an Error. Expected failures are values everywhere in Plimsoll; exceptions
// of libraries are caught in the one file that adapts the library.
//
//   Result<Bytes> limit = ParseLimit(text);
//   if (!limit) return std::unexpected(limit.error().Context("reading memory.max"));
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll {

// What the caller should do about a failure; the message says what happened and the remedy.
enum class ErrorCode {
  kInvalid,    // the input is wrong: fix the named field, do not retry
  kNotFound,   // the thing is not there
  kConflict,   // somebody else changed it: read again, then retry
  kGone,       // the position asked for no longer exists: start over
  kForbidden,  // not allowed: permissions or credentials
  kRetryable,  // may work later: back off and retry
  kCanceled,   // we were asked to stop
  kInternal,   // a bug or a broken invariant
};

class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  // The same failure as seen one level up: "<what>: <message>".
  [[nodiscard]] Error Context(std::string_view what) const {
    return Error(code_, std::string(what) + ": " + message_);
  }

  friend bool operator==(const Error&, const Error&) = default;

 private:
  ErrorCode code_;
  std::string message_;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected(Error(code, std::move(message)));
}

}  // namespace plimsoll
