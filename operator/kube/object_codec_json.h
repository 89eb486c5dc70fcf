// SPDX-License-Identifier: Apache-2.0
//
// Template part of object_codec.h.
#pragma once

#include <nlohmann/json.hpp>
#include <utility>

#include "operator/kube/object_codec.h"

namespace plimsoll::kube {

template <class T>
ObjectCodec<T> JsonCodec(const Resource& resource,
                         std::function<Result<T>(const nlohmann::json& object)> from_json) {
  return {.resource = resource,
          .format = WireFormat::kJson,
          .metadata_only = false,
          .decode = [from_json = std::move(from_json)](std::string_view wire,
                                                       DecodePool&) -> Result<T> {
            const Result<nlohmann::json> object = ParseJson(wire);
            if (!object) return std::unexpected(object.error());
            return from_json(*object);
          }};
}

}  // namespace plimsoll::kube
