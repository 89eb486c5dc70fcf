// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/state_file.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace plimsoll::agent {
namespace {

struct Directory {
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "plimsoll-state-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

v1::AgentState SomeState() {
  v1::AgentState state;
  state.add_unacknowledged()->set_id("c/1");
  state.add_kills()->set_kills(1);
  state.mutable_watch()->add_containers()->set_container_id("c");
  return state;
}

TEST_CASE("StateFile: what was saved is loaded, of this boot") {
  const Directory dir;
  const Result<StateFile> file = StateFile::Open(dir.path);
  REQUIRE(file);
  CHECK(file->Load().kills().empty());
  REQUIRE(file->Save(SomeState()));
  const v1::AgentState loaded = StateFile::Open(dir.path)->Load();
  CHECK(loaded.unacknowledged(0).id() == "c/1");
  CHECK(loaded.kills_size() == 1);
  CHECK(loaded.watch().containers_size() == 1);
  CHECK(loaded.saved_unix_nano() > 0);
  REQUIRE(file->Save({}));
  CHECK(file->Load().kills().empty());
}

TEST_CASE("StateFile: a file that is damaged, cut or not ours starts from nothing") {
  const Directory dir;
  const Result<StateFile> file = StateFile::Open(dir.path);
  REQUIRE(file->Save(SomeState()));
  const std::string path = dir.path + "/agent-state";
  std::ifstream in(path, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
  for (const std::string& bad : {flipped, good.substr(0, good.size() - 1), good.substr(0, 10),
                                 std::string(), std::string(17 << 20, 'x')}) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
    CHECK(file->Load().unacknowledged().empty());
  }
}

TEST_CASE("StateFile: a directory that cannot be written is refused by name; none is allowed") {
  const Result<StateFile> missing = StateFile::Open("/nonexistent/dir");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message().find("--state-dir") != std::string::npos);
  const Result<StateFile> none = StateFile::Open("");
  REQUIRE(none);
  CHECK(none->Save(SomeState()));
  CHECK(none->Load().kills().empty());
}

}  // namespace
}  // namespace plimsoll::agent
