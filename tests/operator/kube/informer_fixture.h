// SPDX-License-Identifier: Apache-2.0
//
// An informer on a FakeApiServer, with a second copy kept by its handler alone: the store, the
// handler's copy and the server must agree, whatever happened in between.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "operator/kube/informer.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_api_server.h"

namespace plimsoll::testing {

// A custom resource with a body.
struct Thing {
  kube::ObjectMeta meta;
  std::string text;
};

inline constexpr kube::Resource kThings{"plimsoll.test", "v1", "things", "Thing", true};

template <class T>
kube::ObjectCodec<T> CodecFor();
template <>
inline kube::ObjectCodec<kube::Pod> CodecFor<kube::Pod>() {
  return kube::PodCodec();
}
template <>
inline kube::ObjectCodec<Thing> CodecFor<Thing>() {
  return kube::JsonCodec<Thing>(kThings, [](const nlohmann::json& object) -> Result<Thing> {
    Result<kube::ObjectMeta> meta = kube::MetaFromJson(object);
    if (!meta) return std::unexpected(meta.error());
    return Thing{std::move(*meta), object.at("spec").at("text").get<std::string>()};
  });
}

template <class T>
constexpr FakeApiServer::Format FormatFor() {
  return std::is_same_v<T, Thing> ? FakeApiServer::Format::kJson
                                  : FakeApiServer::Format::kProtobufPods;
}

inline std::unique_ptr<kube::Client> MakeClient(const std::string& url) {
  auto client = kube::Client::Create({.server = url}, {.timeout = std::chrono::seconds(60)});
  REQUIRE_MESSAGE(client, client.error().message());
  return std::move(*client);
}

inline kube::ReflectorOptions QuickOptions() {
  kube::ReflectorOptions options;
  options.backoff_initial = std::chrono::milliseconds(2);
  options.backoff_max = std::chrono::milliseconds(20);
  options.page_size = 3;
  options.jitter_seed = 42;
  return options;
}

// Hangs up on a watch that says nothing for a moment: also on a good one, so requests cannot be
// counted.
inline kube::ReflectorOptions ImpatientOptions() {
  kube::ReflectorOptions options = QuickOptions();
  options.idle_timeout = std::chrono::milliseconds(400);
  return options;
}

template <class T>
class InformerFixture {
 public:
  explicit InformerFixture(kube::ReflectorOptions options = QuickOptions())
      : server(FormatFor<T>()),
        client(MakeClient(server.url())),
        informer(*client, CodecFor<T>(),
                 {.reflector = options, .on_error = [this](const Error& error) {
                    const std::lock_guard lock(mutex_);
                    errors_.push_back(error.message());
                  }}) {
    informer.AddHandler({.on_change = [this](const auto& old, const auto& now, bool) {
      const std::lock_guard lock(mutex_);
      const std::string name = (now ? now : old)->meta.name.str();
      const auto it = mirror_.find(name);
      // `old` must be exactly what was told before.
      const bool fits = old ? it != mirror_.end() && it->second == old->meta.resource_version.str()
                            : it == mirror_.end();
      if (!fits) ++inconsistent_;
      if (now) {
        mirror_[name] = now->meta.resource_version.str();
      } else {
        mirror_.erase(name);
      }
    }});
  }

  void StartAndSync() {
    informer.Start();
    REQUIRE(informer.WaitForSync(std::chrono::seconds(60)));
  }
  [[nodiscard]] std::map<std::string, std::string> Stored() const {
    std::map<std::string, std::string> versions;
    for (const auto& object : informer.List()) {
      versions[object->meta.name.str()] = object->meta.resource_version.str();
    }
    return versions;
  }
  [[nodiscard]] std::map<std::string, std::string> Mirrored() const {
    const std::lock_guard lock(mutex_);
    return mirror_;
  }
  [[nodiscard]] bool Agrees() const {
    const auto versions = server.Versions();
    return Stored() == versions && Mirrored() == versions;
  }
  void RequireAgreement() {
    REQUIRE(Eventually([this] { return Agrees(); }));
    CHECK(inconsistent_ == 0);
  }
  [[nodiscard]] bool HasError(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    for (const std::string& error : errors_) {
      if (error.find(part) != std::string::npos) return true;
    }
    return false;
  }

  FakeApiServer server;
  std::unique_ptr<kube::Client> client;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> mirror_;
  std::vector<std::string> errors_;
  std::atomic<int> inconsistent_ = 0;

 public:
  kube::Informer<T> informer;  // last: its thread uses the rest
};

}  // namespace plimsoll::testing
