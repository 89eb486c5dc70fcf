// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/commands.h"

#include <cmath>

#include "operator/agent/cgroup/kube_path.h"

namespace plimsoll::agent {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxPath = 107;  // of a Unix socket's address
constexpr int kMaxSettings = 16;

std::optional<std::string> Complaint(const v1::Container& container) {
  if (!IsContainerId(container.container_id())) {
    return "container_id must be 64 lower-case hex digits, without the runtime's name";
  }
  if (container.pod_uid().empty() || container.pod_uid().size() > kMaxName) {
    return "pod_uid must have 1 to 253 characters";
  }
  if (container.pod_name().size() > kMaxName || container.namespace_().size() > kMaxName ||
      container.name().size() > kMaxName || container.pod_ip().size() > kMaxName) {
    return "pod_name, namespace, name and pod_ip may have 253 characters";
  }
  const std::string& socket = container.stats_socket();
  if (!socket.empty() && (socket.front() != '/' || socket.size() > kMaxPath ||
                          socket.find('\0') != std::string::npos)) {
    return "stats_socket must be an absolute path of at most 107 characters";
  }
  if (container.stats_port() > 65535) return "stats_port must be at most 65535";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Complaint(const v1::WatchSet& watch) {
  if (watch.containers_size() > kMaxWatched) {
    return "watch.containers has " + std::to_string(watch.containers_size()) +
           " entries, at most " + std::to_string(kMaxWatched) + " are taken";
  }
  for (int i = 0; i < watch.containers_size(); ++i) {
    if (const std::optional<std::string> complaint = Complaint(watch.containers(i))) {
      return "watch.containers[" + std::to_string(i) + "]: " + *complaint;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Complaint(const v1::TuneCommand& command) {
  if (command.id().empty() || command.id().size() > kMaxName) {
    return "tune.id must have 1 to 253 characters";
  }
  if (!IsContainerId(command.container_id())) {
    return "tune.container_id must be 64 lower-case hex digits";
  }
  const int settings = command.request().settings_size();
  if (settings < 1 || settings > kMaxSettings) {
    return "tune.request.settings must have 1 to 16 entries";
  }
  for (const v1::Setting& setting : command.request().settings()) {
    if (setting.name().empty() || setting.name().size() > 64) {
      return "tune.request.settings: a name must have 1 to 64 characters";
    }
    if (!std::isfinite(setting.number())) {
      return "tune.request.settings: " + setting.name() + " must be a finite number";
    }
  }
  return std::nullopt;
}

}  // namespace plimsoll::agent
