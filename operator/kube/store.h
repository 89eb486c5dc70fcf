// SPDX-License-Identifier: Apache-2.0
//
// The local copy of one collection. Written by one reflector, read by anybody: a read takes a
// shared pointer to an immutable object.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "operator/kube/decode_pool.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/object_sink.h"

namespace plimsoll::kube {

// See Informer::AddHandler.
template <class T>
struct StoreHandler {
  std::function<void(const std::shared_ptr<const T>& old, const std::shared_ptr<const T>& now,
                     bool initial)>
      on_change;
};

enum class IndexId : std::size_t {};

template <class T>
using IndexFunction =
    std::function<void(const T& object, const std::function<void(std::string_view)>& add)>;

template <class T>
class Store final : public ObjectSink {
 public:
  using Ptr = std::shared_ptr<const T>;

  explicit Store(ObjectCodec<T> codec) : codec_(std::move(codec)) {}

  void AddHandler(StoreHandler<T> handler) { handlers_.push_back(std::move(handler)); }
  [[nodiscard]] IndexId AddIndex(IndexFunction<T> keys) {
    indexes_.push_back({std::move(keys), {}});
    return IndexId(indexes_.size() - 1);
  }

  [[nodiscard]] Ptr Get(const ObjectKey& key) const {
    const std::shared_lock lock(mutex_);
    const auto it = objects_.find(key);
    return it == objects_.end() ? nullptr : *it;
  }
  [[nodiscard]] std::vector<Ptr> List() const {
    const std::shared_lock lock(mutex_);
    return {objects_.begin(), objects_.end()};
  }
  [[nodiscard]] std::vector<Ptr> ByIndex(IndexId index, std::string_view key) const;
  [[nodiscard]] std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return objects_.size();
  }

  // ObjectSink, called by the reflector.
  void BeginReplace() override;
  [[nodiscard]] Status Collect(ChangeType type, std::string_view wire) override;
  void FinishReplace() override;
  [[nodiscard]] Result<std::string> Apply(ChangeType type, std::string_view wire) override;

 private:
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(const ObjectKey& key) const { return std::hash<ObjectKey>()(key); }
    std::size_t operator()(const Ptr& object) const { return (*this)(object->meta.key()); }
  };
  struct KeyEqual {
    using is_transparent = void;
    static const ObjectKey& KeyOf(const ObjectKey& key) { return key; }
    static ObjectKey KeyOf(const Ptr& object) { return object->meta.key(); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return KeyOf(a) == KeyOf(b);
    }
  };
  using Objects = std::unordered_set<Ptr, KeyHash, KeyEqual>;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Index {
    IndexFunction<T> keys;
    std::unordered_map<std::string, Objects, TextHash, std::equal_to<>> entries;
  };

  void Put(const Ptr& now, bool initial);
  void Remove(const ObjectKey& key);
  void Reindex(const Ptr& old, const Ptr& now);
  void Tell(const Ptr& old, const Ptr& now, bool initial) const {
    for (const StoreHandler<T>& handler : handlers_) handler.on_change(old, now, initial);
  }

  ObjectCodec<T> codec_;
  DecodePool pool_;
  std::vector<StoreHandler<T>> handlers_;

  mutable std::shared_mutex mutex_;
  Objects objects_;
  std::vector<Index> indexes_;

  // Used by the reflector only.
  std::optional<Objects> collecting_;
  bool replaced_once_ = false;
};

template <class T>
std::vector<std::shared_ptr<const T>> Store<T>::ByIndex(IndexId index, std::string_view key) const {
  const std::shared_lock lock(mutex_);
  const auto& entries = indexes_.at(static_cast<std::size_t>(index)).entries;
  const auto it = entries.find(key);
  if (it == entries.end()) return {};
  return {it->second.begin(), it->second.end()};
}

template <class T>
void Store<T>::BeginReplace() {
  collecting_.emplace();
}

template <class T>
Status Store<T>::Collect(ChangeType type, std::string_view wire) {
  Result<T> object = codec_.decode(wire, pool_);
  if (!object) return std::unexpected(object.error());
  const ObjectKey key = object->meta.key();
  if (const auto it = collecting_->find(key); it != collecting_->end()) collecting_->erase(it);
  if (type == ChangeType::kDeleted) return {};
  // An unchanged object keeps its place in memory: a re-list must not double the store.
  Ptr known = Get(key);
  const bool unchanged = known && known->meta.uid == object->meta.uid &&
                         known->meta.resource_version == object->meta.resource_version;
  collecting_->insert(unchanged ? std::move(known) : std::make_shared<const T>(std::move(*object)));
  return {};
}

template <class T>
void Store<T>::FinishReplace() {
  Objects fresh = std::move(*collecting_);
  collecting_.reset();
  const bool initial = !std::exchange(replaced_once_, true);

  std::vector<std::pair<Ptr, Ptr>> changes;  // old, now
  {
    const std::unique_lock lock(mutex_);
    for (const Ptr& old : objects_) {
      if (!fresh.contains(old)) changes.emplace_back(old, nullptr);
    }
    for (const Ptr& now : fresh) {
      const auto it = objects_.find(now);
      if (it == objects_.end()) {
        changes.emplace_back(nullptr, now);
      } else if (*it != now) {
        changes.emplace_back(*it, now);
      }
    }
    objects_ = std::move(fresh);
    for (const auto& [old, now] : changes) Reindex(old, now);
  }
  for (const auto& [old, now] : changes) Tell(old, now, initial);
}

template <class T>
Result<std::string> Store<T>::Apply(ChangeType type, std::string_view wire) {
  Result<T> object = codec_.decode(wire, pool_);
  if (!object) return std::unexpected(object.error());
  std::string version = object->meta.resource_version.str();
  if (type == ChangeType::kDeleted) {
    Remove(object->meta.key());
  } else {
    Put(std::make_shared<const T>(std::move(*object)), /*initial=*/false);
  }
  return version;
}

template <class T>
void Store<T>::Put(const Ptr& now, bool initial) {
  Ptr old;
  {
    const std::unique_lock lock(mutex_);
    if (const auto it = objects_.find(now); it != objects_.end()) {
      old = *it;
      objects_.erase(it);
    }
    objects_.insert(now);
    Reindex(old, now);
  }
  Tell(old, now, initial);
}

template <class T>
void Store<T>::Remove(const ObjectKey& key) {
  Ptr old;
  {
    const std::unique_lock lock(mutex_);
    const auto it = objects_.find(key);
    if (it == objects_.end()) return;
    old = *it;
    objects_.erase(it);
    Reindex(old, nullptr);
  }
  Tell(old, nullptr, /*initial=*/false);
}

template <class T>
void Store<T>::Reindex(const Ptr& old, const Ptr& now) {
  for (Index& index : indexes_) {
    if (old) {
      index.keys(*old, [&](std::string_view key) {
        const auto it = index.entries.find(key);
        if (it == index.entries.end()) return;
        it->second.erase(old);
        if (it->second.empty()) index.entries.erase(it);
      });
    }
    if (now) {
      index.keys(*now, [&](std::string_view key) {
        const auto it = index.entries.try_emplace(std::string(key)).first;
        it->second.insert(now);
      });
    }
  }
}

}  // namespace plimsoll::kube
