// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/request_sender.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace plimsoll::kube {
namespace {

constexpr std::size_t kMaxErrorBody = 64 << 10;

// Passes a good answer on and keeps the beginning of a bad one.
class StatusSplitter final : public HttpSink {
 public:
  explicit StatusSplitter(HttpSink& good) : good_(good) {}

  Status OnHead(const HttpHead& head) override {
    head_ = head;
    return is_good() ? good_.OnHead(head) : Status();
  }
  Status OnBody(std::string_view bytes) override {
    if (is_good()) return good_.OnBody(bytes);
    error_body_.append(
        bytes.substr(0, kMaxErrorBody - std::min(kMaxErrorBody, error_body_.size())));
    return {};
  }

  [[nodiscard]] int status() const { return head_.status; }
  [[nodiscard]] bool is_good() const { return head_.status >= 200 && head_.status < 300; }
  [[nodiscard]] ApiStatus Refusal() const {
    ApiStatus status = ParseApiStatus(head_.status, head_.Header("Content-Type"), error_body_);
    const std::string_view text = head_.Header("Retry-After");
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end != text.data() && seconds >= 0) {
      status.retry_after = std::chrono::seconds(std::min(seconds, 3600));
    }
    return status;
  }

 private:
  HttpSink& good_;
  HttpHead head_;
  std::string error_body_;
};

ErrorCode CodeOf(TransportErrorKind kind) {
  switch (kind) {
    case TransportErrorKind::kCanceled:
      return ErrorCode::kCanceled;
    case TransportErrorKind::kSink:
      return ErrorCode::kInternal;
    case TransportErrorKind::kTls:
      return ErrorCode::kForbidden;
    case TransportErrorKind::kConnect:
    case TransportErrorKind::kTimeout:
    case TransportErrorKind::kReset:
    case TransportErrorKind::kProtocol:
      return ErrorCode::kRetryable;
  }
  return ErrorCode::kInternal;
}

}  // namespace

RequestSender::RequestSender(std::shared_ptr<Transport> transport,
                             std::unique_ptr<Credentials> credentials,
                             std::shared_ptr<const Clock> clock, std::string user_agent,
                             Observer observer)
    : transport_(std::move(transport)),
      credentials_(std::move(credentials)),
      clock_(std::move(clock)),
      user_agent_(std::move(user_agent)),
      observer_(std::move(observer)) {}

std::expected<void, RequestFailure> RequestSender::Send(const HttpRequest& request, HttpSink& sink,
                                                        std::stop_token stop) {
  const Instant asked = clock_->Monotonic();
  std::expected<void, RequestFailure> result = SendOnce(request, sink, stop);
  const bool refused = !result && result.error().status && result.error().status->code == 401;
  if (!refused || !credentials_->Refused(asked)) return result;
  return SendOnce(request, sink, stop);
}

std::expected<void, RequestFailure> RequestSender::SendOnce(const HttpRequest& request,
                                                            HttpSink& sink, std::stop_token stop) {
  const std::string_view path = std::string_view(request.path).substr(0, request.path.find('?'));
  const std::string what = request.method + " " + std::string(path);
  const Result<HttpHeaders> credentials = credentials_->Headers(stop);
  if (!credentials) {
    std::optional<TransportErrorKind> kind;
    if (credentials.error().code() == ErrorCode::kCanceled) kind = TransportErrorKind::kCanceled;
    return std::unexpected(RequestFailure{kind, std::nullopt, credentials.error().Context(what)});
  }
  HttpRequest full = request;
  full.headers.insert(full.headers.end(), credentials->begin(), credentials->end());
  full.headers.emplace_back("User-Agent", user_agent_);

  const Instant started = clock_->Monotonic();
  StatusSplitter splitter(sink);
  const TransportResult result = transport_->Exchange(full, splitter, stop);
  if (observer_) observer_(request.method, splitter.status(), clock_->Monotonic() - started);

  // A refusal counts even if its body was cut: the status line has said it.
  if (splitter.status() != 0 && !splitter.is_good()) {
    ApiStatus status = splitter.Refusal();
    Error error = status.ToError(request.method, path);
    return std::unexpected(RequestFailure{std::nullopt, std::move(status), std::move(error)});
  }
  if (result) return {};
  const TransportError& failure = result.error();
  return std::unexpected(RequestFailure{
      failure.kind, std::nullopt, Error(CodeOf(failure.kind), what + ": " + failure.message)});
}

}  // namespace plimsoll::kube
