// SPDX-License-Identifier: Apache-2.0
#include "operator/config/log.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

namespace plimsoll {
namespace {

void Write(spdlog::logger& logger, spdlog::level::level_enum level, std::string_view message,
           Log::Fields fields) {
  if (!logger.should_log(level)) return;
  nlohmann::ordered_json line;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto rest = std::chrono::floor<std::chrono::milliseconds>(now - seconds);
  line["time"] =
      fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds.count()), rest.count());
  const auto name = spdlog::level::to_string_view(level);
  line["level"] = std::string_view(name.data(), name.size());
  line["msg"] = message;
  for (const auto& [key, value] : fields) line[std::string(key)] = value;
  // Names and messages come from outside: bytes that are no UTF-8 must not throw here.
  logger.log(level, "{}", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

Log::Log(std::string_view level)
    : logger_(std::make_shared<spdlog::logger>("plimsoll",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%v");
  logger_->set_level(level == "debug"   ? spdlog::level::debug
                     : level == "warn"  ? spdlog::level::warn
                     : level == "error" ? spdlog::level::err
                                        : spdlog::level::info);
  logger_->flush_on(spdlog::level::info);
}

Log::Log()
    : logger_(std::make_shared<spdlog::logger>("none",
                                               std::make_shared<spdlog::sinks::null_sink_mt>())) {}

void Log::Debug(std::string_view message, Fields fields) const {
  Write(*logger_, spdlog::level::debug, message, fields);
}
void Log::Info(std::string_view message, Fields fields) const {
  Write(*logger_, spdlog::level::info, message, fields);
}
void Log::Warn(std::string_view message, Fields fields) const {
  Write(*logger_, spdlog::level::warn, message, fields);
}
void Log::Error(std::string_view message, Fields fields) const {
  Write(*logger_, spdlog::level::err, message, fields);
}

}  // namespace plimsoll
