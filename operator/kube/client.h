// SPDX-License-Identifier: Apache-2.0
//
// Talks to the API server: get, list, create, update, patch, delete, with credentials, retry on
// 429/5xx that carry Retry-After, and typed errors. One Client holds its own connections; give the
// leader elector a Client of its own so that lease writes never wait behind bulk traffic.
// Thread-safe. Every call blocks the caller; never call it from an informer's handler.
//
// Errors (the message carries verb, path, the server's reason and text):
//   404 kNotFound; 409 kConflict ("AlreadyExists: …" from Create); 410 kGone; 401, 403 kForbidden;
//   400, 405, 406, 413, 415, 422 kInvalid; 429, 5xx, connection and time-out kRetryable; a stop
//   request or a closed write fence kCanceled; an answer that cannot be read kInternal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/kube/clock.h"
#include "operator/kube/config.h"
#include "operator/kube/object_key.h"

namespace plimsoll::kube {

class Transport;
class RequestSender;

// Asked before every write; an error refuses the write. A leader passes LeaderElector::Fence().
using WriteFence = std::function<Status()>;

// Called once per finished request (for metrics): method, HTTP status (0: no answer), time taken.
using RequestObserver = std::function<void(std::string_view method, int status, Duration took)>;

struct ClientOptions {
  std::string user_agent = "plimsoll";          // "plimsoll-operator/0.1.0 (linux/amd64)"
  Duration timeout = std::chrono::seconds(30);  // of one unary request
  int max_retries = 5;                          // only where the server said Retry-After
  WriteFence write_fence = {};
  // The program's own end: requests that were given no stop of their own end with it.
  std::stop_token ending = {};
  RequestObserver observer = {};
  // Below: for tests. Null makes the real ones.
  std::shared_ptr<Transport> transport = {};
  std::shared_ptr<const Clock> clock = {};
};

enum class PatchType {
  kMerge,      // RFC 7396, application/merge-patch+json
  kJson,       // RFC 6902, application/json-patch+json
  kStrategic,  // application/strategic-merge-patch+json, built-in kinds only
  kApply,      // server-side apply; needs field_manager
};

struct WriteOptions {
  std::string subresource = {};    // "status", "resize", "eviction"; "" = the object itself
  std::string field_manager = {};  // required by kApply
  bool force = false;              // kApply: take fields over from other managers
  bool dry_run = false;            // the server checks everything and stores nothing
  std::stop_token stop = {};
};

struct ListOptions {
  std::string ns = {};  // "" = all namespaces
  std::string label_selector = {};
  std::string field_selector = {};
  std::stop_token stop = {};
};

struct DeleteOptions {
  std::string uid = {};               // only if it is still this object; "" = any
  std::string resource_version = {};  // only if unchanged; "" = any
  std::stop_token stop = {};
};

class Client {
 public:
  // kInvalid when the configuration cannot work (the message names the key).
  [[nodiscard]] static Result<std::unique_ptr<Client>> Create(ClusterConfig config,
                                                              ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] Result<nlohmann::json> Get(const Resource& resource, const ObjectKey& key,
                                           std::stop_token stop = {});
  // Every page, merged: `items` is complete. For big collections use an Informer.
  [[nodiscard]] Result<nlohmann::json> List(const Resource& resource,
                                            const ListOptions& options = {});
  // `ns` "" for cluster-scoped kinds. With options.subresource the object's metadata.name names
  // the parent (eviction, token).
  [[nodiscard]] Result<nlohmann::json> Create(const Resource& resource, std::string_view ns,
                                              const nlohmann::json& object,
                                              const WriteOptions& options = {});
  // PUT of the whole object; a metadata.resourceVersion in it makes it conditional.
  [[nodiscard]] Result<nlohmann::json> Update(const Resource& resource, const ObjectKey& key,
                                              const nlohmann::json& object,
                                              const WriteOptions& options = {});
  [[nodiscard]] Result<nlohmann::json> Patch(const Resource& resource, const ObjectKey& key,
                                             PatchType type, const nlohmann::json& patch,
                                             const WriteOptions& options = {});
  [[nodiscard]] Status Delete(const Resource& resource, const ObjectKey& key,
                              const DeleteOptions& options = {});
  // GET of any path ("/version", "/apis"), parsed as JSON.
  [[nodiscard]] Result<nlohmann::json> GetPath(std::string_view path, std::stop_token stop = {});

  // What the write fence says now; for what is written elsewhere than at the API server.
  [[nodiscard]] Status MayWrite() const;

  [[nodiscard]] const ClusterConfig& config() const;
  [[nodiscard]] const Clock& clock() const;
  // What informers use to stream; not for callers.
  [[nodiscard]] RequestSender& sender();

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::kube
