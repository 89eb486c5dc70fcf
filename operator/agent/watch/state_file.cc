// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/state_file.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <spdlog/spdlog.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "operator/agent/base/fd.h"
#include "operator/agent/base/small_file.h"

namespace plimsoll::agent {
namespace {

constexpr off_t kMostBytes = 16 << 20;
constexpr std::size_t kDigest = SHA256_DIGEST_LENGTH;

std::string DigestOf(const std::string& bytes) {
  std::string digest(kDigest, '\0');
  ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

Result<std::string> ReadAll(const std::string& path) {
  Result<Fd> fd = OpenAt(AT_FDCWD, path.c_str());
  if (!fd) return std::unexpected(fd.error());
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0 || info.st_size > kMostBytes) {
    return Fail(ErrorCode::kInvalid, path + " is larger than 16 MiB");
  }
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  const ssize_t got = ::read(fd->get(), bytes.data(), bytes.size());
  if (got != info.st_size) return Fail(ErrorCode::kInvalid, path + " cannot be read whole");
  return bytes;
}

}  // namespace

Result<StateFile> StateFile::Open(const std::string& dir) {
  const Result<std::string> boot = ReadSmallAt(AT_FDCWD, "/proc/sys/kernel/random/boot_id");
  const std::string boot_id = boot ? boot->substr(0, boot->find('\n')) : "";
  if (dir.empty()) return StateFile("", boot_id);
  if (::access(dir.c_str(), W_OK | X_OK) != 0) {
    return std::unexpected(
        Error(ErrorCode::kInvalid, FromErrno(errno, "--state-dir " + dir).message() +
                                       ": give a directory that the agent may write to"));
  }
  return StateFile(dir + "/agent-state", boot_id);
}

v1::AgentState StateFile::Load() const {
  if (path_.empty()) return {};
  const Result<std::string> bytes = ReadAll(path_);
  if (!bytes) {
    if (bytes.error().code() != ErrorCode::kGone) {
      spdlog::warn("starting without the saved state: {}", bytes.error().message());
    }
    return {};
  }
  v1::AgentState state;
  const std::string body = bytes->size() < kDigest ? "" : bytes->substr(kDigest);
  if (bytes->size() < kDigest || DigestOf(body) != bytes->substr(0, kDigest) ||
      !state.ParseFromString(body)) {
    spdlog::warn("starting without the saved state: {} is damaged", path_);
    return {};
  }
  if (state.boot_id() != boot_id_) {
    v1::AgentState after_reboot;
    after_reboot.mutable_unacknowledged()->Swap(state.mutable_unacknowledged());
    return after_reboot;
  }
  return state;
}

Status StateFile::Save(v1::AgentState state) const {
  if (path_.empty()) return {};
  state.set_boot_id(boot_id_);
  state.set_saved_unix_nano(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count()));
  const std::string body = state.SerializeAsString();
  const std::string bytes = DigestOf(body) + body;
  const std::string next = path_ + ".next";
  Fd fd(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return std::unexpected(FromErrno(errno, "writing " + next));
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    return std::unexpected(FromErrno(errno, "writing " + next));
  }
  if (::rename(next.c_str(), path_.c_str()) != 0) {
    return std::unexpected(FromErrno(errno, "renaming " + next));
  }
  return {};
}

}  // namespace plimsoll::agent
