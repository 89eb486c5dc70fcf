// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/credentials.h"

#include <algorithm>
#include <utility>

#include "operator/kube/base64.h"
#include "operator/kube/percent.h"
#include "operator/kube/read_file.h"

namespace plimsoll::kube {
namespace {

constexpr Duration kTokenTrust = std::chrono::seconds(50);  // a minute less some leeway
constexpr Duration kExecLeeway = std::chrono::seconds(10);
constexpr Duration kExecTimeout = std::chrono::seconds(60);

Result<std::string> Load(const PemSource& source) {
  if (source.file.empty()) return source.data;
  return ReadFile(source.file);
}

std::string Trim(std::string text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && is_space(text.back())) text.pop_back();
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_space));
  return text;
}

// A line break inside would begin another header.
Result<std::string> Bearer(const std::string& token) {
  const bool clean =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 127; });
  if (clean && !token.empty()) return "Bearer " + token;
  return Fail(ErrorCode::kInvalid, "the token is empty or holds characters a token cannot have");
}

void Impersonate(const Impersonation& as, HttpHeaders& headers) {
  if (as.user.empty()) return;
  headers.emplace_back("Impersonate-User", as.user);
  if (!as.uid.empty()) headers.emplace_back("Impersonate-Uid", as.uid);
  for (const std::string& group : as.groups) headers.emplace_back("Impersonate-Group", group);
  for (const auto& [key, values] : as.extra) {
    for (const std::string& value : values) {
      std::string name = "Impersonate-Extra-";
      AppendPercentEncoded(name, key);
      headers.emplace_back(std::move(name), value);
    }
  }
}

}  // namespace

Credentials::Credentials(const ClusterConfig& config, const Clock& clock)
    : config_(config), clock_(clock) {}

Result<std::string> Credentials::FileToken() {
  const Instant now = clock_.Monotonic();
  if (token_ && now - token_read_ < kTokenTrust) return *token_;
  Result<std::string> text = ReadFile(config_.token_file);
  if (!text && token_) return *token_;  // mid-rotation: the old one may do a little longer
  if (!text) return std::unexpected(text.error().Context("tokenFile"));
  token_ = Trim(std::move(*text));
  token_read_ = now;
  return *token_;
}

bool Credentials::AsksPlugin() const {
  const bool for_token = config_.token.empty() && config_.token_file.empty();
  return config_.exec && (for_token || config_.client_certificate.empty());
}

bool Credentials::PluginIsFresh() const {
  return exec_ && !exec_refused_ &&
         (!exec_->expires || clock_.Now() + kExecLeeway < *exec_->expires);
}

// Each waits on its own stop: whoever began the run may be told to end later than the others.
Result<ExecCredential> Credentials::FromPlugin(std::unique_lock<std::mutex>& lock,
                                               const std::stop_token& stop) {
  const std::uint64_t failures = exec_failures_;
  while (!PluginIsFresh()) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCanceled, "users[].user.exec: stopped");
    if (exec_failures_ != failures) return std::unexpected(*exec_failure_);
    if (!exec_running_) return RunPlugin(lock, stop);
    exec_end_.wait(lock, stop, [this] { return !exec_running_; });
  }
  return *exec_;
}

Result<ExecCredential> Credentials::RunPlugin(std::unique_lock<std::mutex>& lock,
                                              const std::stop_token& stop) {
  exec_running_ = true;
  lock.unlock();
  Result<ExecCredential> credential = RunExecPlugin(*config_.exec, config_, kExecTimeout, stop);
  lock.lock();
  exec_running_ = false;
  exec_end_.notify_all();
  if (!credential) {
    const Error failure = credential.error().Context("users[].user.exec");
    if (failure.code() != ErrorCode::kCanceled) {
      exec_failure_ = failure;
      ++exec_failures_;
    }
    return std::unexpected(failure);
  }
  exec_ = *credential;
  exec_ran_ = clock_.Monotonic();
  exec_refused_ = false;
  return credential;
}

Result<HttpHeaders> Credentials::Headers(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  HttpHeaders headers;
  Result<std::string> token = config_.token;
  if (AsksPlugin()) {
    const Result<ExecCredential> credential = FromPlugin(lock, stop);
    if (!credential) return std::unexpected(credential.error());
    if (token->empty()) token = credential->token;
  }
  if (!config_.token_file.empty()) token = FileToken();
  if (!token) return std::unexpected(token.error());
  if (!token->empty() || !config_.token_file.empty()) {
    const Result<std::string> bearer = Bearer(*token);
    if (!bearer) {
      const std::string from =
          config_.token_file.empty() ? "token" : "tokenFile " + config_.token_file;
      return std::unexpected(bearer.error().Context(from));
    }
    headers.emplace_back("Authorization", *bearer);
  } else if (!config_.username.empty()) {
    headers.emplace_back("Authorization",
                         "Basic " + EncodeBase64(config_.username + ":" + config_.password));
  }
  Impersonate(config_.impersonate, headers);
  return headers;
}

Result<TlsMaterial> Credentials::Tls() {
  const std::lock_guard lock(mutex_);
  TlsMaterial material;
  const Result<std::string> ca = Load(config_.ca);
  if (!ca) return std::unexpected(ca.error().Context("certificate-authority"));
  material.ca_pem = *ca;
  Result<std::string> certificate = Load(config_.client_certificate);
  Result<std::string> key = Load(config_.client_key);
  if (!certificate) return std::unexpected(certificate.error().Context("client-certificate"));
  if (!key) return std::unexpected(key.error().Context("client-key"));
  if (config_.exec && certificate->empty()) {
    if (!exec_) return Fail(ErrorCode::kRetryable, "users[].user.exec has given nothing yet");
    certificate = exec_->certificate_pem;
    key = exec_->key_pem;
  }
  material.certificate_pem = std::move(*certificate);
  material.key_pem = std::move(*key);
  return material;
}

bool Credentials::Refused(Instant asked) {
  const std::lock_guard lock(mutex_);
  if (!config_.token_file.empty()) {
    if (token_ && token_read_ <= asked) token_.reset();
    return true;
  }
  if (config_.exec) {
    if (exec_ && exec_ran_ <= asked) exec_refused_ = true;
    return true;
  }
  return false;
}

}  // namespace plimsoll::kube
