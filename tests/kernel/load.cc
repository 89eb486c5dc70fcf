// SPDX-License-Identifier: Apache-2.0
//
// A program that uses memory on request, inside the cgroup it is told to join:
//   kernel_load CGROUP_PROCS_FILE grow MIB_PER_SECOND MIB     then waits
//   kernel_load CGROUP_PROCS_FILE child MIB_PER_SECOND MIB    a child grows; the parent lives on
//   kernel_load CGROUP_PROCS_FILE group MIB_PER_SECOND MIB    as child, with two more idle children
//   kernel_load CGROUP_PROCS_FILE breathe MIB BASE_MIB        BASE, and up to MIB more that come
//   and go kernel_load CGROUP_PROCS_FILE cache MIB FILE              writes and reads a file, then
//   waits
// "child" and "group" start another child at each SIGRTMIN.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kMib = 1 << 20;

void Grow(double rate, int mib) {
  const auto start = std::chrono::steady_clock::now();
  for (int done = 0; done < mib; ++done) {
    std::this_thread::sleep_until(start + std::chrono::duration<double>(done / rate));
    void* memory =
        ::mmap(nullptr, kMib, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::exit(3);
    std::memset(memory, 1, kMib);
  }
}

[[noreturn]] void WaitForever() {
  for (;;) ::pause();
}

void StartChild(double rate, int mib) {
  if (::fork() != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "load-child");
  if (mib > 0) Grow(rate, mib);
  WaitForever();
}

[[noreturn]] void Breathe(int mib, int base) {
  Grow(1e6, base);
  const std::size_t size = static_cast<std::size_t>(mib) * kMib;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::exit(3);
  for (;;) {
    for (std::size_t at = 0; at < size; at += kMib) {
      std::memset(static_cast<char*>(memory) + at, 1, kMib);
      ::sleep(1);
    }
    ::madvise(memory, size, MADV_DONTNEED);
  }
}

void Cache(int mib, const char* path) {
  const int fd = ::open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  std::vector<char> block(kMib, 'x');
  for (int i = 0; i < mib; ++i) {
    if (::write(fd, block.data(), block.size()) != static_cast<ssize_t>(block.size())) std::exit(4);
  }
  ::fsync(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Blocked from the start: a request that comes early waits.
  sigset_t request;
  sigemptyset(&request);
  sigaddset(&request, SIGRTMIN);
  sigaddset(&request, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &request, nullptr);
  const int procs = ::open(argv[1], O_WRONLY);
  if (procs < 0 || ::write(procs, "0", 1) != 1) {
    std::perror(argv[1]);
    return 2;
  }
  ::close(procs);
  const std::string mode = argv[2];
  if (mode == "cache") {
    Cache(std::atoi(argv[3]), argv[4]);
    WaitForever();
  }
  if (mode == "breathe") Breathe(std::atoi(argv[3]), std::atoi(argv[4]));
  const double rate = std::atof(argv[3]);
  const int mib = std::atoi(argv[4]);
  if (mode == "grow") {
    Grow(rate, mib);
    WaitForever();
  }
  if (mode == "group") {
    StartChild(rate, 0);
    StartChild(rate, 0);
  }
  for (;;) {
    StartChild(rate, mib);
    int signal = 0;
    do {
      ::sigwait(&request, &signal);
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    } while (signal != SIGRTMIN);
  }
}
