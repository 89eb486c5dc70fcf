// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "k8s/autoscaling.pb.h"
#include "k8s/core.pb.h"
#include "k8s/meta.pb.h"
#include "operator/kube/decode_pool.h"
#include "operator/kube/object_codec.h"
#include "operator/kube/wire/frame_reader.h"
#include "operator/kube/wire/list_reader.h"
#include "operator/kube/wire/watch_event.h"

namespace plimsoll::kube {
namespace {

void SetMemory(google::protobuf::Map<std::string, k8s::Quantity>* map, const std::string& text) {
  (*map)["memory"].set_string(text);
}

k8s::Pod FullPod() {
  k8s::Pod pod;
  auto* meta = pod.mutable_metadata();
  meta->set_name("cart-0");
  meta->set_namespace_("shop");
  meta->set_uid("u-1");
  meta->set_resource_version("42");
  meta->mutable_creation_timestamp()->set_seconds(1'700'000'000);
  (*meta->mutable_labels())["b"] = "2";
  (*meta->mutable_labels())["a"] = "";
  (*meta->mutable_annotations())["kubectl.kubernetes.io/last-applied-configuration"] = "{}";
  (*meta->mutable_annotations())["kept"] = "yes";
  auto* owner = meta->add_owner_references();
  owner->set_kind("ReplicaSet");
  owner->set_name("cart");
  owner->set_controller(true);
  auto* app = pod.mutable_spec()->add_containers();
  app->set_name("app");
  app->set_image("app:1");
  SetMemory(app->mutable_resources()->mutable_limits(), "128Mi");
  (*app->mutable_resources()->mutable_requests())["cpu"].set_string("250m");
  auto* policy = app->add_resize_policy();
  policy->set_resource_name("memory");
  policy->set_restart_policy("RestartContainer");
  auto* init = pod.mutable_spec()->add_init_containers();
  init->set_name("setup");
  auto* sidecar = pod.mutable_spec()->add_init_containers();
  sidecar->set_name("mesh");
  sidecar->set_restart_policy("Always");
  pod.mutable_spec()->set_node_name("node-1");
  auto* status = pod.mutable_status();
  status->set_phase("Running");
  status->set_qos_class("Burstable");
  auto* ready = status->add_conditions();
  ready->set_type("Ready");
  ready->set_status("True");
  auto* pending = status->add_conditions();
  pending->set_type("PodResizePending");
  pending->set_status("True");
  pending->set_reason("Infeasible");
  pending->set_message("node has 1Gi");
  auto* cs = status->add_container_statuses();
  cs->set_name("app");
  cs->set_container_id("containerd://abc");
  cs->mutable_state()->mutable_waiting();
  auto* last = cs->mutable_last_state()->mutable_terminated();
  last->set_reason("OOMKilled");
  last->set_exit_code(137);
  last->mutable_finished_at()->set_seconds(1'700'000'100);
  SetMemory(cs->mutable_resources()->mutable_limits(), "64Mi");
  status->add_init_container_statuses()->set_name("mesh");
  return pod;
}

Result<Pod> Decode(const std::string& wire) {
  DecodePool pool;
  return PodCodec().decode(wire, pool);
}

TEST_CASE("Pod: everything that bears on memory comes through") {
  const auto pod = Decode(FullPod().SerializeAsString());

  REQUIRE_MESSAGE(pod, pod.error().message());
  CHECK(pod->meta.key() == ObjectKey{"shop", "cart-0"});
  CHECK(pod->meta.created.time_since_epoch() == std::chrono::seconds(1'700'000'000));
  CHECK(pod->meta.labels[0].key == "a");
  CHECK(Find(pod->meta.labels, "a") == "");
  CHECK_FALSE(Find(pod->meta.labels, "c"));
  CHECK(pod->meta.annotations.size() == 1);
  REQUIRE(pod->meta.controller());
  CHECK(pod->meta.controller()->kind == "ReplicaSet");
  REQUIRE(pod->containers.size() == 3);
  const Container* app = pod->FindContainer("app");
  CHECK(app->resources.limits.memory == Bytes(128 << 20));
  CHECK_FALSE(app->resources.requests.memory);
  CHECK(app->memory_resize_policy == ResizePolicy::kRestartContainer);
  CHECK(pod->FindContainer("setup")->kind == ContainerKind::kInit);
  CHECK(pod->FindContainer("mesh")->kind == ContainerKind::kSidecar);
  CHECK(pod->FindStatus("mesh")->kind == ContainerKind::kSidecar);
  CHECK(pod->phase == PodPhase::kRunning);
  CHECK(pod->ready);
  REQUIRE(pod->FindCondition("PodResizePending"));
  CHECK(pod->FindCondition("PodResizePending")->reason == "Infeasible");
  const ContainerStatus* status = pod->FindStatus("app");
  CHECK(status->state == ContainerRunState::kWaiting);
  REQUIRE(status->last_terminated);
  CHECK(status->last_terminated->exit_code == 137);
  CHECK(status->resources->limits.memory == Bytes(64 << 20));
  CHECK_FALSE(pod->pod_resources);
}

TEST_CASE("Pod: replicas share their containers and labels in one pool") {
  DecodePool pool;
  const ObjectCodec<Pod> codec = PodCodec();
  k8s::Pod wire = FullPod();
  const auto first = codec.decode(wire.SerializeAsString(), pool);
  wire.mutable_metadata()->set_name("cart-1");
  const auto second = codec.decode(wire.SerializeAsString(), pool);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(&first->containers[0] == &second->containers[0]);
  CHECK(&first->meta.labels[0] == &second->meta.labels[0]);
  CHECK(first->node.identity() == second->node.identity());
}

TEST_CASE("Pod: a quantity that is none names object and field, never becomes zero") {
  k8s::Pod wire = FullPod();
  SetMemory(wire.mutable_spec()->mutable_containers(0)->mutable_resources()->mutable_limits(),
            "lots");
  const auto pod = Decode(wire.SerializeAsString());
  REQUIRE_FALSE(pod);
  CHECK(pod.error().message().find("Pod shop/cart-0") != std::string::npos);
  CHECK(pod.error().message().find("memory: \"lots\"") != std::string::npos);
}

TEST_CASE("Pod: bytes cut or changed anywhere are an error or a pod, never a crash") {
  const std::string good = FullPod().SerializeAsString();
  std::mt19937 random(3);
  int refused = 0;
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (!Decode(good.substr(0, size))) ++refused;
  }
  CHECK(refused > static_cast<int>(good.size() / 2));
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    for (unsigned flips = random() % 4 + 1; flips > 0; --flips) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    (void)Decode(bad);
  }
}

TEST_CASE("LimitRange, ResourceQuota and HorizontalPodAutoscaler: their memory comes through") {
  DecodePool pool;
  k8s::LimitRange range;
  range.mutable_metadata()->set_name("r");
  auto* item = range.mutable_spec()->add_limits();
  item->set_type("Container");
  SetMemory(item->mutable_max(), "1Gi");
  SetMemory(item->mutable_max_limit_request_ratio(), "1500m");
  const auto limits = LimitRangeCodec().decode(range.SerializeAsString(), pool);
  REQUIRE(limits);
  CHECK(limits->items[0].type == LimitType::kContainer);
  CHECK(limits->items[0].max == Bytes(1 << 30));
  CHECK(limits->items[0].max_limit_request_ratio == Ratio(1.5));
  CHECK_FALSE(limits->items[0].min);

  k8s::ResourceQuota wire;
  wire.mutable_metadata()->set_name("q");
  (*wire.mutable_spec()->mutable_hard())["requests.memory"].set_string("8Gi");
  (*wire.mutable_spec()->mutable_hard())["pods"].set_string("10");
  (*wire.mutable_status()->mutable_used())["requests.memory"].set_string("0");
  const auto quota = ResourceQuotaCodec().decode(wire.SerializeAsString(), pool);
  REQUIRE(quota);
  CHECK(quota->hard_requests == Bytes(std::int64_t{8} << 30));
  CHECK(quota->used_requests == Bytes(0));

  k8s::HorizontalPodAutoscaler hpa;
  hpa.mutable_metadata()->set_name("h");
  hpa.mutable_spec()->mutable_scale_target_ref()->set_name("cart");
  auto* metric = hpa.mutable_spec()->add_metrics()->mutable_resource();
  metric->set_name("memory");
  const auto scaler = HorizontalPodAutoscalerCodec().decode(hpa.SerializeAsString(), pool);
  REQUIRE(scaler);
  CHECK(scaler->targets_memory);
  CHECK(scaler->target_name == "cart");
}

// Feeds `bytes` in pieces of every size from 1 to 40 and compares what comes out.
template <class Feed>
void InPieces(const std::string& bytes, const std::vector<std::string>& expected, Feed feed) {
  for (std::size_t step = 1; step <= 40; ++step) {
    CAPTURE(step);
    CHECK(feed(bytes, step) == expected);
  }
}

TEST_CASE("FrameReader: frames come out whole however the bytes are cut") {
  const auto feed = [](WireFormat format) {
    return [format](const std::string& bytes, std::size_t step) {
      std::vector<std::string> frames;
      wire::FrameReader reader(format, 1000, [&](std::string_view frame) -> Status {
        frames.emplace_back(frame);
        return {};
      });
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        REQUIRE(reader.Feed(std::string_view(bytes).substr(at, step)));
      }
      CHECK_FALSE(reader.mid_frame());
      return frames;
    };
  };
  const std::string a(3, '\0');
  const std::string b = "0123456789";
  InPieces(std::string("\0\0\0\3", 4) + a + std::string("\0\0\0\12", 4) + b, {a, b},
           feed(WireFormat::kProtobuf));
  InPieces("one\n\ntwo three\n", {"one", "two three"}, feed(WireFormat::kJson));
}

TEST_CASE("FrameReader: a frame over the bound is refused by its length, before its bytes") {
  const auto ignore = [](std::string_view) -> Status { return {}; };
  wire::FrameReader protobuf(WireFormat::kProtobuf, 1000, ignore);
  CHECK_FALSE(protobuf.Feed(std::string("\xff\xff\xff\xff", 4)));
  wire::FrameReader json(WireFormat::kJson, 1000, ignore);
  CHECK(json.Feed(std::string(1000, 'x')));
  CHECK_FALSE(json.Feed("x"));
}

TEST_CASE("ListReader: items come out whole however the bytes are cut, and a cut list is told") {
  const auto feed = [](WireFormat format) {
    return [format](const std::string& bytes, std::size_t step) {
      std::vector<std::string> items;
      const auto reader = wire::MakeListReader(format, 1000, [&](std::string_view item) -> Status {
        items.emplace_back(item);
        return {};
      });
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        REQUIRE(reader->Feed(std::string_view(bytes).substr(at, step)));
      }
      const auto meta = reader->Finish();
      REQUIRE_MESSAGE(meta, meta.error().message());
      CHECK(meta->resource_version == "7");
      CHECK(meta->continue_token == "more");
      return items;
    };
  };
  const std::string json =
      R"({"kind":"L","metadata":{"resourceVersion":"7","continue":"more","x":["items"]}, "items" : [)"
      R"({"a":"]}\""} , {"b":{"items":[1]}}],"tail":[[]]})";
  InPieces(json, {R"({"a":"]}\""})", R"({"b":{"items":[1]}})"}, feed(WireFormat::kJson));

  k8s::ObjectList list;
  list.mutable_metadata()->set_resource_version("7");
  list.mutable_metadata()->set_continue_("more");
  list.add_items("first");
  list.add_items(std::string(200, 's'));
  k8s::Unknown unknown;
  unknown.mutable_type_meta()->set_kind("L");
  unknown.set_raw(list.SerializeAsString());
  unknown.set_content_type("t");
  const std::string protobuf = std::string("k8s\0", 4) + unknown.SerializeAsString();
  InPieces(protobuf, {"first", std::string(200, 's')}, feed(WireFormat::kProtobuf));

  for (const WireFormat format : {WireFormat::kJson, WireFormat::kProtobuf}) {
    const std::string& whole = format == WireFormat::kJson ? json : protobuf;
    for (std::size_t size = 0; size < whole.size() - 6; ++size) {
      const auto reader =
          wire::MakeListReader(format, 1000, [](std::string_view) { return Status(); });
      REQUIRE(reader->Feed(std::string_view(whole).substr(0, size)));
      CHECK_FALSE(reader->Finish());
    }
  }
}

TEST_CASE("ListReader and watch events: random bytes are refused, never a crash") {
  std::mt19937 random(11);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (random() % 2 == 0) bytes = std::string("k8s\0", 4) + bytes;
    if (random() % 4 == 0) bytes = "{\"items\":[" + bytes;
    for (const WireFormat format : {WireFormat::kJson, WireFormat::kProtobuf}) {
      const auto reader =
          wire::MakeListReader(format, 32, [](std::string_view) { return Status(); });
      if (reader->Feed(bytes)) (void)reader->Finish();
      (void)wire::OpenWatchEvent(format, bytes);
      (void)wire::ReadBookmark(format, bytes);
    }
  }
}

TEST_CASE("JSON: too deep, too large and malformed texts are refused") {
  CHECK_FALSE(ParseJson(std::string(1'000'000, '[')));
  CHECK_FALSE(ParseJson(std::string((8u << 20) + 1, ' ')));
  CHECK_FALSE(ParseJson("{\"a\":}"));
  CHECK_FALSE(ParseJson("\"\xff\""));
  CHECK(ParseJson("{\"a\":[1,2,{\"b\":null}]}"));
  const auto meta = MetaFromJson(nlohmann::json{{"metadata", {{"labels", {{"a", 7}}}}}});
  REQUIRE_FALSE(meta);
  CHECK(meta.error().message() == "metadata.labels has a value that is not a string");
}

}  // namespace
}  // namespace plimsoll::kube
