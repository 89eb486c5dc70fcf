// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/server_version.h"

#include <charconv>
#include <string_view>

namespace plimsoll::kube {
namespace {

using Json = nlohmann::json;

// The digits at the front: vendors write "33+".
std::optional<int> LeadingNumber(const Json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_string()) return std::nullopt;
  const std::string& text = it->get_ref<const std::string&>();
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

Result<ServerVersion> ParseServerVersion(const Json& version) {
  if (!version.is_object()) return Fail(ErrorCode::kInternal, "/version: the answer is no object");
  const auto major = LeadingNumber(version, "major");
  const auto minor = LeadingNumber(version, "minor");
  if (!major || !minor) {
    return Fail(ErrorCode::kInternal, "/version: major and minor cannot be read");
  }
  const auto git = version.find("gitVersion");
  return ServerVersion{*major, *minor,
                       git != version.end() && git->is_string() ? git->get<std::string>() : ""};
}

Result<ServerVersion> GetServerVersion(Client& client, std::stop_token stop) {
  const Result<Json> version = client.GetPath("/version", std::move(stop));
  if (!version) return std::unexpected(version.error());
  return ParseServerVersion(*version);
}

Result<bool> Serves(Client& client, const Resource& resource, std::string_view subresource,
                    std::stop_token stop) {
  const std::string path = resource.group.empty() ? "/api/" + std::string(resource.version)
                                                  : "/apis/" + resource.ApiVersion();
  const Result<Json> list = client.GetPath(path, std::move(stop));
  if (!list && list.error().code() == ErrorCode::kNotFound) return false;
  if (!list) return std::unexpected(list.error());
  const auto resources = list->find("resources");
  if (resources == list->end() || !resources->is_array()) {
    return Fail(ErrorCode::kInternal, path + ": no resource list came back");
  }
  std::string wanted(resource.plural);
  if (!subresource.empty()) wanted += "/" + std::string(subresource);
  for (const Json& item : *resources) {
    if (item.is_object() && item.value("name", "") == wanted) return true;
  }
  return false;
}

}  // namespace plimsoll::kube
