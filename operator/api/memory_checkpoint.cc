// SPDX-License-Identifier: Apache-2.0
#include "operator/api/memory_checkpoint.h"
#include "operator/api/bounds.h"

#include <fmt/format.h>

#include "operator/api/base64.h"
#include "operator/api/json_reader.h"
#include "operator/api/json_writer.h"
#include "operator/api/names.h"

namespace plimsoll::api {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxCheckpointText = (kMaxCheckpointBytes + 2) / 3 * 4;

// Errors: kInvalid naming container and field.
Result<ContainerCheckpoint> ReadContainer(const JsonReader& in) {
  Problem problem;
  const JsonReader reader = in.TellingTo(problem);
  ContainerCheckpoint container;
  container.name = reader.RequiredText("name", 253);
  const std::string text = reader.Text("data", kMaxCheckpointText);
  if (std::optional<std::string> data = DecodeBase64(text)) {
    container.data = *std::move(data);
  } else {
    reader.Report("data", "is not base64");
  }
  if (problem.Found()) {
    return std::unexpected(problem.error().Context("container " + container.name));
  }
  return container;
}

}  // namespace

Result<MemoryCheckpoint> ParseMemoryCheckpoint(const json& object) {
  Problem problem;
  const JsonReader reader(&object, "", problem);
  MemoryCheckpoint checkpoint;
  checkpoint.meta = ReadMeta(reader);
  checkpoint.target = ReadTargetRef(reader.Object("spec").Object("targetRef"));
  const JsonReader status = reader.Object("status");
  checkpoint.updated = status.Time("updatedTime");
  for (const JsonReader& container : status.ObjectList("containers", kMaxContainers)) {
    if (Result<ContainerCheckpoint> read = ReadContainer(container)) {
      checkpoint.containers.push_back(*std::move(read));
    } else {
      checkpoint.damaged.push_back(read.error());
    }
  }
  checkpoint.rollout = status.Text("rollout", kMaxRolloutText);
  if (problem.Found()) return std::unexpected(problem.error().Context("MemoryCheckpoint"));
  return checkpoint;
}

json MemoryCheckpointApply(const MemoryCheckpoint& checkpoint) {
  json document = WriteObject(kMemoryCheckpoints, checkpoint.meta);
  document["spec"]["targetRef"] = WriteTargetRef(checkpoint.target);
  return document;
}

Result<json> MemoryCheckpointStatusApply(const MemoryCheckpoint& checkpoint) {
  json document = WriteIdentity(kMemoryCheckpoints, checkpoint.meta);
  json& status = document["status"];
  Put(status, "updatedTime", checkpoint.updated);
  json containers = json::array();
  for (const ContainerCheckpoint& container : checkpoint.containers) {
    if (container.data.size() > kMaxCheckpointBytes) {
      return Fail(ErrorCode::kInvalid,
                  fmt::format("checkpoint of container {}: {} bytes, at most {} fit",
                              container.name, container.data.size(), kMaxCheckpointBytes));
    }
    containers.push_back({{"name", container.name}, {"data", EncodeBase64(container.data)}});
  }
  status["containers"] = std::move(containers);
  if (checkpoint.rollout.size() > kMaxRolloutText) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("checkpoint of the rollout: {} bytes, at most {} fit",
                            checkpoint.rollout.size(), kMaxRolloutText));
  }
  if (!checkpoint.rollout.empty()) status["rollout"] = checkpoint.rollout;
  return document;
}

}  // namespace plimsoll::api
