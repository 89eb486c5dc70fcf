// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/client.h"

#include <algorithm>
#include <utility>

#include "operator/kube/credentials.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/query.h"
#include "operator/kube/request_sender.h"
#include "operator/kube/tls_context.h"
#include "operator/kube/transport.h"

namespace plimsoll::kube {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxAnswer = 64u << 20;
constexpr std::size_t kPageSize = 500;
constexpr std::string_view kJson = "application/json";

class StringSink final : public HttpSink {
 public:
  Status OnHead(const HttpHead&) override {
    body.clear();  // a retry begins anew
    return {};
  }
  Status OnBody(std::string_view bytes) override {
    if (body.size() + bytes.size() > kMaxAnswer) {
      return Fail(ErrorCode::kInternal, "the answer is larger than 64 MiB");
    }
    body.append(bytes);
    return {};
  }
  std::string body;
};

std::string_view ContentTypeOf(PatchType type) {
  switch (type) {
    case PatchType::kMerge:
      return "application/merge-patch+json";
    case PatchType::kJson:
      return "application/json-patch+json";
    case PatchType::kStrategic:
      return "application/strategic-merge-patch+json";
    case PatchType::kApply:
      return "application/apply-patch+yaml";  // JSON is YAML
  }
  return kJson;
}

Query WriteQuery(const WriteOptions& options) {
  Query query;
  query.AddUnlessEmpty("fieldManager", options.field_manager);
  if (options.force) query.Add("force", "true");
  if (options.dry_run) query.Add("dryRun", "All");
  return query;
}

// Text that is not UTF-8 must not become an exception: it is sent with replacement characters.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string NameOf(const Json& object) {
  const Json::json_pointer at("/metadata/name");
  return object.is_object() && object.contains(at) && object.at(at).is_string()
             ? object.at(at).get<std::string>()
             : std::string();
}

// Whether a request may reach the server twice without harm: its second arrival changes nothing, or
// is refused by the resource version it carries.
bool IsRepeatable(const HttpRequest& request) {
  if (request.method == "POST") return false;
  return std::none_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
    return header.second == ContentTypeOf(PatchType::kJson);
  });
}

// Whether to send it once more, and after how long. The server's own word counts for any request; a
// broken connection (often a pooled one that a restarted server no longer knows) only if
// repeatable.
std::optional<Duration> RetryDelay(const RequestFailure& failure, bool repeatable, int tries) {
  if (failure.status) {
    const bool busy = failure.status->code == 429 || failure.status->code >= 500;
    if (busy && failure.status->retry_after) return failure.status->retry_after;
    return std::nullopt;
  }
  if (!repeatable || failure.transport != TransportErrorKind::kReset) return std::nullopt;
  return tries == 0 ? std::chrono::milliseconds(20) : std::chrono::milliseconds(1000);
}

}  // namespace

class Client::Impl {
 public:
  Impl(ClusterConfig config, ClientOptions options)
      : config_(std::move(config)), options_(std::move(options)) {
    if (!options_.clock) options_.clock = std::make_shared<SystemClock>();
  }

  // The transport asks for TLS material whenever it connects, so both live here.
  Status Connect() {
    auto credentials = std::make_unique<Credentials>(config_, *options_.clock);
    if (!options_.transport) {
      Result<std::unique_ptr<Transport>> made =
          MakeHttpTransport({.url = config_.server,
                             .tls_server_name = config_.tls_server_name,
                             .insecure_skip_tls_verify = config_.insecure_skip_tls_verify,
                             .proxy_url = config_.proxy_url,
                             .tls = [from = credentials.get()] { return from->Tls(); }});
      if (!made) return std::unexpected(made.error());
      if (const Status usable = CheckMaterial(*credentials); !usable) return usable;
      options_.transport = std::move(*made);
    }
    sender_ =
        std::make_unique<RequestSender>(options_.transport, std::move(credentials), options_.clock,
                                        options_.user_agent, options_.observer);
    return {};
  }

  Result<std::string> Call(HttpRequest request, std::stop_token stop) {
    if (!stop.stop_possible()) stop = options_.ending;
    const bool read_only = request.method == "GET";
    const bool repeatable = IsRepeatable(request);
    if (!read_only) {
      if (const Status open = MayWrite(); !open) {
        return Fail(ErrorCode::kCanceled,
                    request.method + " " + request.path + " held back: " + open.error().message());
      }
    }
    request.head_timeout = options_.timeout;
    request.idle_timeout = options_.timeout;
    request.headers.emplace_back("Accept", kJson);
    for (int tries = 0;; ++tries) {
      StringSink sink;
      const auto sent = sender_->Send(request, sink, stop);
      if (sent) return std::move(sink.body);
      const std::optional<Duration> delay = RetryDelay(sent.error(), repeatable, tries);
      if (!delay || tries >= options_.max_retries) return std::unexpected(sent.error().error);
      if (!options_.clock->SleepFor(std::max(*delay, Duration(1)), stop)) {
        return Fail(ErrorCode::kCanceled, request.method + " " + request.path + ": stopped");
      }
      // What was allowed before the pause need not be allowed after it.
      if (read_only) continue;
      if (const Status open = MayWrite(); !open) return std::unexpected(open.error());
    }
  }

  Result<Json> CallJson(HttpRequest request, std::stop_token stop) {
    const std::string what = request.method + " " + request.path;
    const Result<std::string> body = Call(std::move(request), std::move(stop));
    if (!body) return std::unexpected(body.error());
    Json json = Json::parse(*body, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) {
      return Fail(ErrorCode::kInternal, what + ": the answer is no JSON: " + body->substr(0, 128));
    }
    return json;
  }

  Result<Json> Write(std::string method, const std::string& path, std::string_view content_type,
                     const Json& body, const WriteOptions& options) {
    return CallJson({.method = std::move(method),
                     .path = WriteQuery(options).On(path),
                     .headers = {{"Content-Type", std::string(content_type)}},
                     .body = Dump(body)},
                    options.stop);
  }

  Status MayWrite() const { return options_.write_fence ? options_.write_fence() : Status(); }
  const ClusterConfig& config() const { return config_; }
  const Clock& clock() const { return *options_.clock; }
  RequestSender& sender() { return *sender_; }

 private:
  // Before the first connection, which would tell of it only in the log, time and again. What an
  // exec plugin gives is not there yet.
  [[nodiscard]] Status CheckMaterial(Credentials& credentials) const {
    if (!config_.server.starts_with("https://")) return {};
    const Result<TlsMaterial> material = credentials.Tls();
    if (material && material->ca_pem.empty() && material->certificate_pem.empty()) return {};
    if (material) return CheckTls(*material);
    const bool is_to_come = config_.exec && material.error().code() == ErrorCode::kRetryable;
    return is_to_come ? Status() : std::unexpected(material.error());
  }

  const ClusterConfig config_;
  ClientOptions options_;
  std::unique_ptr<RequestSender> sender_;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::Create(ClusterConfig config, ClientOptions options) {
  auto impl = std::make_unique<Impl>(std::move(config), std::move(options));
  if (const Status connected = impl->Connect(); !connected) {
    return std::unexpected(connected.error());
  }
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Result<Json> Client::Get(const Resource& resource, const ObjectKey& key, std::stop_token stop) {
  return GetPath(resource.Path(key.ns, key.name), std::move(stop));
}

Result<Json> Client::GetPath(std::string_view path, std::stop_token stop) {
  return impl_->CallJson({.method = "GET", .path = std::string(path), .headers = {}, .body = {}},
                         std::move(stop));
}

Result<Json> Client::List(const Resource& resource, const ListOptions& options) {
  Json items = Json::array();
  std::string token;
  while (true) {
    Query query;
    query.Add("limit", std::to_string(kPageSize))
        .AddUnlessEmpty("labelSelector", options.label_selector)
        .AddUnlessEmpty("fieldSelector", options.field_selector)
        .AddUnlessEmpty("continue", token);
    Result<Json> page = GetPath(query.On(resource.Path(options.ns)), options.stop);
    // A token that expired mid-way: from the start, once more, in one piece.
    if (!page && page.error().code() == ErrorCode::kGone && !token.empty()) {
      Query all;
      all.AddUnlessEmpty("labelSelector", options.label_selector)
          .AddUnlessEmpty("fieldSelector", options.field_selector);
      return GetPath(all.On(resource.Path(options.ns)), options.stop);
    }
    if (!page) return page;
    if (!page->is_object() || !page->contains("items") || !(*page)["items"].is_array()) {
      return Fail(ErrorCode::kInternal, "GET " + resource.Path(options.ns) + ": no list came back");
    }
    for (Json& item : (*page)["items"]) items.push_back(std::move(item));
    token = (*page)["metadata"].value("continue", "");
    if (token.empty()) {
      (*page)["items"] = std::move(items);
      return page;
    }
  }
}

Result<Json> Client::Create(const Resource& resource, std::string_view ns, const Json& object,
                            const WriteOptions& options) {
  const std::string name = options.subresource.empty() ? std::string() : NameOf(object);
  if (!options.subresource.empty() && name.empty()) {
    return Fail(ErrorCode::kInvalid, "metadata.name is missing: it names the object whose " +
                                         options.subresource + " is created");
  }
  return impl_->Write("POST", resource.Path(ns, name, options.subresource), kJson, object, options);
}

Result<Json> Client::Update(const Resource& resource, const ObjectKey& key, const Json& object,
                            const WriteOptions& options) {
  return impl_->Write("PUT", resource.Path(key.ns, key.name, options.subresource), kJson, object,
                      options);
}

Result<Json> Client::Patch(const Resource& resource, const ObjectKey& key, PatchType type,
                           const Json& patch, const WriteOptions& options) {
  if (type == PatchType::kApply && options.field_manager.empty()) {
    return Fail(ErrorCode::kInvalid, "server-side apply needs a field_manager");
  }
  return impl_->Write("PATCH", resource.Path(key.ns, key.name, options.subresource),
                      ContentTypeOf(type), patch, options);
}

Status Client::Delete(const Resource& resource, const ObjectKey& key,
                      const DeleteOptions& options) {
  Json body{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid;
  if (!options.resource_version.empty()) {
    body["preconditions"]["resourceVersion"] = options.resource_version;
  }
  const Result<std::string> answer = impl_->Call({.method = "DELETE",
                                                  .path = resource.Path(key.ns, key.name),
                                                  .headers = {{"Content-Type", std::string(kJson)}},
                                                  .body = Dump(body)},
                                                 options.stop);
  if (!answer) return std::unexpected(answer.error());
  return {};
}

Status Client::MayWrite() const { return impl_->MayWrite(); }
const ClusterConfig& Client::config() const { return impl_->config(); }
const Clock& Client::clock() const { return impl_->clock(); }
RequestSender& Client::sender() { return impl_->sender(); }

}  // namespace plimsoll::kube
