// SPDX-License-Identifier: Apache-2.0
//
// Keeps a local copy of one collection in step with the server: reflector (list, watch, recover)
// plus store plus handlers.
//
//   Informer<Pod> pods(*client, PodCodec(), {});
//   pods.AddHandler({.on_change = [&](const auto& old, const auto& now, bool initial) { … }});
//   auto by_node = pods.AddIndex([](const Pod& p, auto add) { add(p.node); });
//   pods.Start();
//   … pods.HasSynced(), pods.Get(key), pods.List(), pods.ByIndex(by_node, "node-1")
//
// Objects are immutable and shared: a snapshot stays valid as long as its holder likes. Handlers
// run one at a time on the reflector's thread, in the server's order, after the store has changed;
// they may only enqueue. An object lost while we were disconnected is reported as deleted with its
// last known state.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/kube/client.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/object_key.h"
#include "operator/kube/reflector.h"
#include "operator/kube/store.h"

namespace plimsoll::kube {

struct InformerOptions {
  std::string ns = {};  // "" = all namespaces
  std::string label_selector = {};
  std::string field_selector = {};
  ReflectorOptions reflector = {};
  // Called with every failure of list, watch or decoding (already retried as needed): for logs.
  std::function<void(const Error&)> on_error = {};
};

template <class T>
class Informer {
 public:
  using Ptr = std::shared_ptr<const T>;

  // `client` must outlive the informer.
  Informer(Client& client, ObjectCodec<T> codec, InformerOptions options);
  ~Informer() { Stop(); }
  Informer(const Informer&) = delete;
  Informer& operator=(const Informer&) = delete;

  // Before Start. `on_change(old, now, initial)`: old is null for an add, now is null for a delete,
  // `initial` is true for objects of the first list (queue them with low priority).
  void AddHandler(StoreHandler<T> handler) { store_.AddHandler(std::move(handler)); }
  // Before Start. `keys(object, add)` calls add(key) for every key the object is found by.
  [[nodiscard]] IndexId AddIndex(IndexFunction<T> keys) { return store_.AddIndex(std::move(keys)); }

  void Start();
  // Ends the stream and waits for the reflector; no handler runs after it returns. The store keeps
  // its last state.
  void Stop();

  // True once the store holds a complete list; stays true through later reconnects.
  [[nodiscard]] bool HasSynced() const { return reflector_ && reflector_->HasSynced(); }
  // False when it did not sync in time.
  [[nodiscard]] bool WaitForSync(Duration timeout) const {
    return reflector_ && reflector_->WaitForSync(timeout);
  }
  // Time since the server last proved to be there (event, bookmark, list); nothing before the
  // first. Above about three minutes the copy is stale.
  [[nodiscard]] std::optional<Duration> LastEventAge() const {
    return reflector_ ? reflector_->LastEventAge() : std::nullopt;
  }
  // Resource version up to which the store is known to be complete; "" before the first sync.
  [[nodiscard]] std::string ResourceVersion() const {
    return reflector_ ? reflector_->resource_version() : std::string();
  }
  // The newest failure since the last complete list, also where a watch has gone on after it;
  // nothing when there was none.
  [[nodiscard]] std::optional<Error> last_error() const {
    return reflector_ ? reflector_->last_error() : std::nullopt;
  }
  [[nodiscard]] const Resource& resource() const { return target_.resource; }
  [[nodiscard]] ReflectorCounters counters() const {
    return reflector_ ? reflector_->counters() : ReflectorCounters{};
  }

  [[nodiscard]] Ptr Get(const ObjectKey& key) const { return store_.Get(key); }
  [[nodiscard]] std::vector<Ptr> List() const { return store_.List(); }
  [[nodiscard]] std::vector<Ptr> ByIndex(IndexId index, std::string_view key) const {
    return store_.ByIndex(index, key);
  }
  [[nodiscard]] std::size_t size() const { return store_.size(); }

 private:
  Client& client_;
  InformerOptions options_;
  WatchTarget target_;
  Store<T> store_;
  std::unique_ptr<Reflector> reflector_;
};

template <class T>
Informer<T>::Informer(Client& client, ObjectCodec<T> codec, InformerOptions options)
    : client_(client),
      options_(std::move(options)),
      target_{.resource = codec.resource,
              .format = codec.format,
              .metadata_only = codec.metadata_only,
              .ns = options_.ns,
              .label_selector = options_.label_selector,
              .field_selector = options_.field_selector},
      store_(std::move(codec)) {}

template <class T>
void Informer<T>::Start() {
  reflector_ = std::make_unique<Reflector>(client_.sender(), client_.clock(), target_, store_,
                                           options_.reflector, options_.on_error);
  reflector_->Start();
}

template <class T>
void Informer<T>::Stop() {
  if (reflector_) reflector_->Stop();
}

}  // namespace plimsoll::kube
