// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_wire.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "k8s/core.pb.h"
#include "k8s/meta.pb.h"

namespace plimsoll::testing {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kNamespace = "shop";
constexpr std::string_view kInitialEnd = "k8s.io/initial-events-end";

std::string Envelope(const std::string& kind, const std::string& raw) {
  k8s::Unknown unknown;
  unknown.mutable_type_meta()->set_api_version("v1");
  unknown.mutable_type_meta()->set_kind(kind);
  unknown.set_raw(raw);
  return std::string("k8s\0", 4) + unknown.SerializeAsString();
}

std::string LengthPrefixed(const std::string& bytes) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame += static_cast<char>((bytes.size() >> shift) & 0xFF);
  }
  return frame + bytes;
}

std::string EncodeJson(const std::string& name, const FakeObject& object) {
  const std::string version = std::to_string(object.version);
  if (!object.whole.empty()) {
    Json whole = Json::parse(object.whole);
    whole["metadata"]["resourceVersion"] = version;
    return whole.dump();
  }
  return Json{{"apiVersion", "plimsoll.test/v1"},
              {"kind", "Thing"},
              {"metadata",
               {{"name", name},
                {"namespace", kNamespace},
                {"uid", "uid-" + name},
                {"resourceVersion", version},
                {"labels", {{"value", object.value}}}}},
              {"spec", {{"text", "braces } ] and \"quotes\" \\ " + object.value}}}}
      .dump();
}

std::string EncodePod(const std::string& name, const FakeObject& object) {
  k8s::Pod pod;
  k8s::ObjectMeta& meta = *pod.mutable_metadata();
  if (!object.whole.empty()) {
    (void)pod.ParseFromString(object.whole);
  } else {
    meta.set_name(name);
    meta.set_namespace_(std::string(kNamespace));
    meta.set_uid("uid-" + name);
    (*meta.mutable_labels())["value"] = object.value;
    pod.mutable_spec()->set_node_name("node-1");
    pod.mutable_spec()->add_containers()->set_name("app");
  }
  pod.mutable_metadata()->set_resource_version(std::to_string(object.version));
  return pod.SerializeAsString();
}

}  // namespace

std::string StatusText(int code, const std::string& reason, const std::string& message) {
  return Json{{"kind", "Status"},         {"apiVersion", "v1"}, {"status", "Failure"},
              {"message", message},       {"reason", reason},   {"code", code},
              {"details", Json::object()}}
      .dump();
}

std::string ReasonOf(int code) {
  switch (code) {
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 409:
      return "Conflict";
    case 422:
      return "Invalid";
    case 429:
      return "TooManyRequests";
    default:
      return "InternalError";
  }
}

std::string FakeWire::ContentType(bool watch) const {
  if (format_ == Format::kJson) return "application/json";
  return watch ? "application/vnd.kubernetes.protobuf;stream=watch"
               : "application/vnd.kubernetes.protobuf";
}

std::string FakeWire::Encode(const std::string& name, const FakeObject& object) const {
  return format_ == Format::kJson ? EncodeJson(name, object) : EncodePod(name, object);
}

std::string FakeWire::List(const std::vector<std::string>& items, std::uint64_t version,
                           const std::string& next) const {
  if (format_ == Format::kJson) {
    std::string body = R"({"kind":"ThingList","metadata":{"resourceVersion":")" +
                       std::to_string(version) + R"(","continue":")" + next + R"("},"items":[)";
    for (std::size_t i = 0; i < items.size(); ++i) body += (i == 0 ? "" : ",") + items[i];
    return body + "]}";
  }
  k8s::ObjectList list;
  list.mutable_metadata()->set_resource_version(std::to_string(version));
  list.mutable_metadata()->set_continue_(next);
  for (const std::string& item : items) list.add_items(item);
  return Envelope("PodList", list.SerializeAsString());
}

std::string FakeWire::Event(const std::string& type, const std::string& object,
                            const std::string& kind) const {
  if (format_ == Format::kJson) {
    return R"({"type":")" + type + R"(","object":)" + object + "}\n";
  }
  k8s::WatchEvent event;
  event.set_type(type);
  event.mutable_object()->set_raw(Envelope(kind, object));
  return LengthPrefixed(event.SerializeAsString());
}

std::string FakeWire::Bookmark(std::uint64_t version, bool initial_end) const {
  if (format_ == Format::kJson) {
    Json metadata{{"resourceVersion", std::to_string(version)}};
    if (initial_end) metadata["annotations"][std::string(kInitialEnd)] = "true";
    return Event("BOOKMARK", Json{{"kind", "Thing"}, {"metadata", metadata}}.dump());
  }
  k8s::Pod pod;
  pod.mutable_metadata()->set_resource_version(std::to_string(version));
  if (initial_end) {
    (*pod.mutable_metadata()->mutable_annotations())[std::string(kInitialEnd)] = "true";
  }
  return Event("BOOKMARK", pod.SerializeAsString());
}

std::string FakeWire::Error(int code, const std::string& reason) const {
  if (format_ == Format::kJson) return Event("ERROR", StatusText(code, reason, "injected"));
  k8s::Status status;
  status.set_code(code);
  status.set_reason(reason);
  status.set_message("injected");
  return Event("ERROR", status.SerializeAsString(), "Status");
}

std::string FakeWire::Garbage() const {
  return format_ == Format::kJson ? "{\"type\": nonsense\n" : LengthPrefixed("\xff\xff\xff");
}

std::string FakeWire::Undecodable() const {
  return Event("MODIFIED", format_ == Format::kJson ? R"({"metadata":7})" : "\xff\xff");
}

std::vector<std::string> FakeWire::Oversize() const {
  if (format_ == Format::kJson) return std::vector<std::string>(64, std::string(1 << 20, 'x'));
  return {std::string("\x06\x40\x00\x00", 4) + std::string(4096, 'x')};
}

}  // namespace plimsoll::testing
