// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/api_status.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "k8s/meta.pb.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/wire/envelope.h"
#include "operator/kube/wire/wire_reader.h"

namespace plimsoll::kube {
namespace {

constexpr std::size_t kMaxMessage = 4096;
constexpr std::size_t kMaxCauses = 16;

std::string Cut(std::string_view text) { return std::string(text.substr(0, kMaxMessage)); }

std::string TextAt(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

void ReadJson(std::string_view body, ApiStatus& status) {
  const Result<nlohmann::json> json = ParseJson(body);
  if (!json || !json->is_object()) return;
  status.message = Cut(TextAt(*json, "message"));
  status.reason = TextAt(*json, "reason");
  if (const auto code = json->find("code"); code != json->end() && code->is_number_integer()) {
    status.code = code->get<int>();
  }
  const auto details = json->find("details");
  if (details == json->end() || !details->is_object()) return;
  if (const auto retry = details->find("retryAfterSeconds");
      retry != details->end() && retry->is_number_integer()) {
    status.retry_after = std::chrono::seconds(
        std::clamp(retry->get<std::int64_t>(), std::int64_t{0}, std::int64_t{3600}));
  }
  const auto causes = details->find("causes");
  if (causes == details->end() || !causes->is_array()) return;
  for (const nlohmann::json& cause : *causes) {
    if (!cause.is_object() || status.causes.size() == kMaxCauses) continue;
    status.causes.push_back(Cut(TextAt(cause, "field") + ": " + TextAt(cause, "message")));
  }
}

std::string ReadCause(std::string_view message) {
  std::string_view field;
  std::string_view text;
  for (wire::WireReader in(message); in.Next();) {
    if (in.field() == k8s::StatusCause::kFieldFieldNumber) field = in.bytes();
    if (in.field() == k8s::StatusCause::kMessageFieldNumber) text = in.bytes();
  }
  return Cut(std::string(field) + ": " + std::string(text));
}

void ReadDetails(std::string_view message, ApiStatus& status) {
  for (wire::WireReader in(message); in.Next();) {
    if (in.field() == k8s::StatusDetails::kRetryAfterSecondsFieldNumber && in.number32() > 0) {
      status.retry_after = std::chrono::seconds(std::min(in.number32(), 3600));
    } else if (in.field() == k8s::StatusDetails::kCausesFieldNumber &&
               status.causes.size() < kMaxCauses) {
      status.causes.push_back(ReadCause(in.bytes()));
    }
  }
}

// What can be read counts, even of a message that breaks off.
void ReadProtobuf(std::string_view message, ApiStatus& status) {
  for (wire::WireReader in(message); in.Next();) {
    switch (in.field()) {
      case k8s::Status::kMessageFieldNumber:
        status.message = Cut(in.bytes());
        break;
      case k8s::Status::kReasonFieldNumber:
        status.reason = Cut(in.bytes());
        break;
      case k8s::Status::kDetailsFieldNumber:
        ReadDetails(in.bytes(), status);
        break;
      case k8s::Status::kCodeFieldNumber:
        status.code = in.number32();
        break;
      default:
        break;
    }
  }
}

}  // namespace

bool ApiStatus::too_large_resource_version() const {
  return std::any_of(causes.begin(), causes.end(),
                     [](const std::string& cause) {
                       return cause.find("Too large resource version") != std::string::npos;
                     }) ||
         message.find("Too large resource version") != std::string::npos;
}

ErrorCode ApiStatus::error_code() const {
  switch (code) {
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kConflict;
    case 410:
      return ErrorCode::kGone;
    case 401:
    case 403:
      return ErrorCode::kForbidden;
    case 408:
    case 429:
      return ErrorCode::kRetryable;
    default:
      if (code >= 500) return ErrorCode::kRetryable;
      return code >= 400 ? ErrorCode::kInvalid : ErrorCode::kInternal;
  }
}

Error ApiStatus::ToError(std::string_view method, std::string_view path) const {
  std::string text = std::string(method) + " " + std::string(path.substr(0, path.find('?'))) +
                     ": " + std::to_string(code);
  if (!reason.empty()) text += " " + reason;
  if (!message.empty()) text += ": " + message;
  if (code == 401) text += " (the credentials were refused: is the token expired or rotated?)";
  return Error(error_code(), std::move(text));
}

ApiStatus ParseApiStatus(int code, std::string_view content_type, std::string_view body) {
  ApiStatus status;
  if (content_type.find("protobuf") != std::string_view::npos) {
    if (const auto object = wire::OpenEnvelope(body)) ReadProtobuf(object->raw, status);
  } else if (content_type.find("json") != std::string_view::npos) {
    ReadJson(body, status);
  }
  status.code = code;
  if (status.message.empty() && status.reason.empty()) {
    status.message = std::string(body.substr(0, 256));
  }
  return status;
}

ApiStatus ParseStatusObject(bool protobuf, std::string_view wire) {
  ApiStatus status;
  protobuf ? ReadProtobuf(wire, status) : ReadJson(wire, status);
  if (status.code == 0) status.message += " (an ERROR event without a code)";
  return status;
}

}  // namespace plimsoll::kube
