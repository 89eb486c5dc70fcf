// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/system_roots.h"

#include <doctest/doctest.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "operator/kube/run_program.h"
#include "tests/support/test_certificates.h"

namespace plimsoll::testing {
namespace {

using namespace kube;
namespace fs = std::filesystem;
using StorePtr = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;

// What this process was started with, whatever was set since.
std::string AtStart(const std::string& name) {
  std::ifstream block("/proc/self/environ");
  for (std::string entry; std::getline(block, entry, '\0');) {
    if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
  }
  return "unset";
}

TEST_CASE("System roots: hidden from us, a program that we start sees the variables as they were") {
  HideSystemRoots();
  HideSystemRoots();  // keeps what the first call found
  CHECK(std::string(std::getenv("SSL_CERT_FILE")) == "/dev/null");
  for (const std::string name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    CAPTURE(name);
    const auto ran = RunProgram("sh", {"-c", "printf %s \"${" + name + "-unset}\""}, {},
                                std::chrono::seconds(60));
    REQUIRE(ran);
    CHECK(ran->out == AtStart(name));
    const auto told = RunProgram("sh", {"-c", "printf %s \"$" + name + "\""}, {{name, "mine"}},
                                 std::chrono::seconds(60));
    REQUIRE(told);
    CHECK(told->out == "mine");
  }
}

TEST_CASE("System roots: a file that was named counts, and is named when it cannot be read") {
  const TestAuthority authority;
  const fs::path file = fs::temp_directory_path() / ("kube-roots." + std::to_string(getpid()));
  std::ofstream(file) << authority.certificate_pem();
  const StorePtr store(X509_STORE_new(), &X509_STORE_free);
  CHECK(AddSystemRoots(store.get(), {.file = file.string()}));
  CHECK(sk_X509_OBJECT_num(X509_STORE_get0_objects(store.get())) == 1);
  fs::remove(file);
  const Status absent = AddSystemRoots(store.get(), {.file = file.string()});
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message().starts_with("SSL_CERT_FILE: \"" + file.string()));
}

}  // namespace
}  // namespace plimsoll::testing
