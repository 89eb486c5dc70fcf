// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/collectors/container_socket.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/operator/agent/support/fake_container.h"
#include "tests/operator/agent/support/listener.h"

namespace plimsoll::agent {
namespace {

using testing::FakeContainer;
using testing::IdOf;
using testing::Listener;

void Ignore(int, const std::stop_token&) {}

Result<Fd> Connect(const FakeContainer& container, const std::string& path = "/tmp/plimsoll.sock") {
  const Result<ProcessTable> processes = ProcessTable::Open(container.proc());
  REQUIRE(processes);
  return ConnectInContainer(*processes, ::getpid(), container.id(), path);
}

TEST_CASE(
    "ContainerSocket: the container's own socket is connected to, through its own links too") {
  const FakeContainer container(IdOf('a'));
  const Listener listener(container.socket(), Ignore);
  REQUIRE(listener.ok());
  CHECK(Connect(container));
  std::filesystem::create_symlink("/tmp/plimsoll.sock", container.root() + "/absolute");
  CHECK(Connect(container, "/absolute"));
  std::filesystem::create_symlink("../../../../tmp/plimsoll.sock", container.root() + "/tmp/up");
  CHECK(Connect(container, "/tmp/up"));
}

TEST_CASE("ContainerSocket: a link or dots that point at the host lead nowhere") {
  const FakeContainer container(IdOf('a'));
  const std::string host_socket = container.outside() + "/host.sock";
  const Listener host(host_socket, Ignore);
  REQUIRE(host.ok());
  std::filesystem::create_symlink(host_socket, container.root() + "/absolute");
  std::filesystem::create_symlink("../host.sock", container.root() + "/relative");
  std::filesystem::create_symlink("/proc/self/root" + host_socket, container.root() + "/magic");
  std::filesystem::create_symlink("loop", container.root() + "/loop");
  for (const char* path :
       {"/absolute", "/relative", "/magic", "/loop", "/../host.sock", "/tmp/../../host.sock"}) {
    CAPTURE(path);
    const Result<Fd> socket = Connect(container, path);
    REQUIRE_FALSE(socket);
    const ErrorCode code = socket.error().code();
    CHECK((code == ErrorCode::kNotFound || code == ErrorCode::kForbidden));
  }
}

TEST_CASE("ContainerSocket: a socket served by a process of another container is refused") {
  const FakeContainer container(IdOf('a'));
  const Listener listener(container.socket(), Ignore);
  // The socket lies in the container (a shared volume), its listener is another's.
  container.AddProcess(::getpid(), IdOf('b'));
  const Result<ProcessTable> processes = ProcessTable::Open(container.proc());
  const Result<Fd> socket = ConnectInContainer(*processes, 1, container.id(), "/tmp/plimsoll.sock");
  REQUIRE_FALSE(socket);
  CHECK(socket.error().code() == ErrorCode::kForbidden);
  CHECK(socket.error().message().find("not a process of this container") != std::string::npos);
}

TEST_CASE("ContainerSocket: a process that is of another container by now is not looked into") {
  const FakeContainer container(IdOf('a'));
  container.AddProcess(::getpid(), IdOf('b'));
  CHECK(Connect(container).error().code() == ErrorCode::kGone);
  const Result<ProcessTable> processes = ProcessTable::Open(container.proc());
  CHECK(ConnectInContainer(*processes, 4'000'000, container.id(), "/x").error().code() ==
        ErrorCode::kGone);
}

TEST_CASE("ContainerSocket: what is no listening stream socket is told apart") {
  const FakeContainer container(IdOf('a'));
  CHECK(Connect(container).error().code() == ErrorCode::kNotFound);
  {
    const Listener dead(container.socket(), Ignore);
  }
  CHECK(Connect(container).error().code() == ErrorCode::kRetryable);
  std::filesystem::remove(container.socket());
  std::ofstream(container.socket()) << "a file";
  CHECK(Connect(container).error().code() == ErrorCode::kInvalid);
  std::filesystem::remove(container.socket());
  REQUIRE(::mkfifo(container.socket().c_str(), 0600) == 0);
  CHECK(Connect(container).error().code() == ErrorCode::kInvalid);
  std::filesystem::remove(container.socket());
  const Listener datagram(container.socket(), Ignore, SOCK_DGRAM);
  CHECK(Connect(container).error().code() == ErrorCode::kInvalid);
}

}  // namespace
}  // namespace plimsoll::agent
