// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/base/json_log.h"

#include <fmt/chrono.h>
#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace plimsoll::agent {
namespace {

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& into) override {
    const auto time = std::chrono::time_point_cast<std::chrono::milliseconds>(message.time);
    const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(time);
    // Whatever bytes a path or a peer's message holds, the line stays valid JSON.
    const std::string text =
        nlohmann::json(std::string(message.payload.data(), message.payload.size()))
            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::string line =
        fmt::format(R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}","msg":{}}})"
                    "\n",
                    fmt::gmtime(seconds), (time - seconds).count(),
                    fmt::string_view(spdlog::level::to_string_view(message.level).data(),
                                     spdlog::level::to_string_view(message.level).size()),
                    text);
    into.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

// gRPC writes its own lines; a refused handshake is an error to it and a warning to us.
void LogOfGrpc(gpr_log_func_args* args) {
  if (args->severity == GPR_LOG_SEVERITY_ERROR) {
    spdlog::warn("grpc: {}", args->message);
  } else {
    spdlog::debug("grpc: {}", args->message);
  }
}

}  // namespace

Status LogAsJson(const std::string& level) {
  const spdlog::level::level_enum parsed = spdlog::level::from_str(level);
  if (level != "debug" && level != "info" && level != "warn" && level != "error") {
    return Fail(ErrorCode::kInvalid,
                "--log-level must be debug, info, warn or error, not '" + level + "'");
  }
  auto logger =
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<JsonFormatter>());
  logger->set_level(parsed);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  gpr_set_log_function(LogOfGrpc);
  return {};
}

}  // namespace plimsoll::agent
