// SPDX-License-Identifier: Apache-2.0
//
// The operator's log: JSON lines on stderr, a constant message and its values apart, so that logs
// can be counted by message.
//
//   log.Info("container resized", {{"namespace", ns}, {"pod", pod}, {"limit", "410Mi"}});
#pragma once

#include <spdlog/fwd.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll {

class Log {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // `level`: "debug", "info", "warn" or "error"; anything else is taken for "info".
  explicit Log(std::string_view level);
  // Nothing is written; for tests.
  Log();

  void Debug(std::string_view message, Fields fields = {}) const;
  void Info(std::string_view message, Fields fields = {}) const;
  void Warn(std::string_view message, Fields fields = {}) const;
  void Error(std::string_view message, Fields fields = {}) const;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace plimsoll
