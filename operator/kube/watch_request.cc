// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/watch_request.h"

#include "operator/kube/query.h"

namespace plimsoll::kube {
namespace {

std::string AcceptOf(const WatchTarget& target, bool list) {
  if (target.format == WireFormat::kJson) return "application/json";
  std::string accept = "application/vnd.kubernetes.protobuf";
  if (target.metadata_only) {
    accept += list ? ";as=PartialObjectMetadataList" : ";as=PartialObjectMetadata";
    accept += ";g=meta.k8s.io;v=v1";
  }
  return accept;
}

Query SelectorQuery(const WatchTarget& target) {
  Query query;
  query.AddUnlessEmpty("labelSelector", target.label_selector)
      .AddUnlessEmpty("fieldSelector", target.field_selector);
  return query;
}

HttpRequest MakeRequest(const WatchTarget& target, const Query& query, bool list) {
  return {.method = "GET",
          .path = query.On(target.resource.Path(target.ns)),
          .headers = {{"Accept", AcceptOf(target, list)}},
          .body = {}};
}

Query WatchQuery(const WatchTarget& target, std::string_view resource_version, Duration timeout) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count();
  Query query = SelectorQuery(target);
  query.Add("watch", "true")
      .Add("allowWatchBookmarks", "true")
      .Add("timeoutSeconds", std::to_string(seconds))
      .AddUnlessEmpty("resourceVersion", resource_version);
  return query;
}

}  // namespace

HttpRequest MakeStreamRequest(const WatchTarget& target, std::string_view resource_version,
                              Duration timeout) {
  Query query = WatchQuery(target, resource_version, timeout);
  query.Add("sendInitialEvents", "true").Add("resourceVersionMatch", "NotOlderThan");
  return MakeRequest(target, query, /*list=*/false);
}

HttpRequest MakeWatchRequest(const WatchTarget& target, std::string_view resource_version,
                             Duration timeout) {
  return MakeRequest(target, WatchQuery(target, resource_version, timeout), /*list=*/false);
}

HttpRequest MakeListRequest(const WatchTarget& target, std::string_view resource_version,
                            std::string_view continue_token, std::size_t limit) {
  Query query = SelectorQuery(target);
  if (limit != 0) query.Add("limit", std::to_string(limit));
  if (continue_token.empty()) {
    query.AddUnlessEmpty("resourceVersion", resource_version);
  } else {
    query.Add("continue", continue_token);
  }
  return MakeRequest(target, query, /*list=*/true);
}

}  // namespace plimsoll::kube
