// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <map>
#include <string_view>

#include "operator/kube/system_roots.h"

extern char** environ;  // NOLINT: POSIX

namespace plimsoll::kube {
namespace {

constexpr std::size_t kMaxOutput = 1u << 20;

// A pipe whose ends close themselves.
struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) == 0) read = ends[0], write = ends[1];
  }
  ~Pipe() {
    Close(read);
    Close(write);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void Close(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

std::vector<std::string> Merge(
    const std::vector<std::pair<std::string, std::string>>& environment) {
  std::map<std::string, std::string, std::less<>> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equal = text.find('=');
    if (equal != std::string_view::npos)
      merged[std::string(text.substr(0, equal))] = text.substr(equal + 1);
  }
  for (const RootsVariable& variable : HiddenRootsVariables()) {
    merged.erase(variable.name);
    if (variable.value) merged[variable.name] = *variable.value;
  }
  for (const auto& [name, value] : environment) merged[name] = value;
  std::vector<std::string> texts;
  texts.reserve(merged.size());
  for (const auto& [name, value] : merged)
    texts.push_back(std::string(name).append("=").append(value));
  return texts;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Reads what is there; false at the end.
bool Drain(int end, std::string& into) {
  std::array<char, 16384> block{};
  const ssize_t count = read(end, block.data(), block.size());
  if (count < 0) return errno == EINTR;
  if (count == 0) return false;
  if (into.size() < kMaxOutput) into.append(block.data(), static_cast<std::size_t>(count));
  return true;
}

struct EventFd {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  EventFd() = default;
  ~EventFd() {
    if (fd >= 0) close(fd);
  }
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;
};

// Until when a program may run: a time, or a stop that a poll() sees at once.
class Bound {
 public:
  Bound(Duration timeout, std::stop_token stop)
      : deadline_(std::chrono::steady_clock::now() + timeout),
        stop_(std::move(stop)),
        on_stop_(stop_, [this] { eventfd_write(event_.fd, 1); }) {}
  ~Bound() = default;
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

  [[nodiscard]] bool Reached() const { return stop_.stop_requested() || Left() <= Duration(); }
  [[nodiscard]] Duration Left() const {
    return std::chrono::duration_cast<Duration>(deadline_ - std::chrono::steady_clock::now());
  }
  [[nodiscard]] pollfd Event() const { return {event_.fd, POLLIN, 0}; }

 private:
  const std::chrono::steady_clock::time_point deadline_;
  const std::stop_token stop_;
  const EventFd event_;  // before the callback that writes to it: closed when that has ended
  const std::stop_callback<std::function<void()>> on_stop_;
};

// Collects both outputs until both are closed; false when the bound is reached first.
bool Collect(Pipe& out, Pipe& err, ProgramOutput& output, const Bound& bound) {
  while (out.read >= 0 || err.read >= 0) {
    if (bound.Reached()) return false;
    std::array<pollfd, 3> ends{pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0},
                               bound.Event()};
    if (poll(ends.data(), ends.size(), static_cast<int>(bound.Left().count())) < 0 &&
        errno != EINTR) {
      return false;
    }
    if (ends[0].revents != 0 && !Drain(out.read, output.out)) Pipe::Close(out.read);
    if (ends[1].revents != 0 && !Drain(err.read, output.err)) Pipe::Close(err.read);
  }
  return true;
}

// A program may close its outputs and go on: its end is waited for too. False as above.
bool AwaitEnd(pid_t pid, int& status, const Bound& bound) {
  while (true) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return true;
    if ((ended < 0 && errno != EINTR) || bound.Reached()) return false;
    pollfd event = bound.Event();
    poll(&event, 1, 5);
  }
}

class Actions {
 public:
  Actions() { posix_spawn_file_actions_init(&actions_); }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// A process group of its own, so that all of it can be killed; and no signal blocked, whatever the
// thread that starts it blocks.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  posix_spawnattr_t* get() { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<ProgramOutput> RunProgram(
    const std::string& command, const std::vector<std::string>& args,
    const std::vector<std::pair<std::string, std::string>>& environment, Duration timeout,
    std::stop_token stop) {
  if (stop.stop_requested()) return Fail(ErrorCode::kCanceled, command + ": stopped");
  Pipe out;
  Pipe err;
  if (out.write < 0 || err.write < 0) return Fail(ErrorCode::kRetryable, "no pipe left");
  const Bound bound(timeout, stop);
  Actions actions;
  Attributes attributes;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), err.write, STDERR_FILENO);

  std::vector<std::string> words{command};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<std::string> variables = Merge(environment);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, command.c_str(), actions.get(), attributes.get(),
                                  Pointers(words).data(), Pointers(variables).data());
  if (failed != 0) {
    return Fail(failed == ENOENT ? ErrorCode::kNotFound : ErrorCode::kForbidden,
                command + ": " + std::strerror(failed));
  }
  Pipe::Close(out.write);
  Pipe::Close(err.write);
  ProgramOutput output;
  int status = 0;
  const bool ended = Collect(out, err, output, bound) && AwaitEnd(pid, status, bound);
  if (!ended) {
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (stop.stop_requested()) return Fail(ErrorCode::kCanceled, command + ": stopped");
    return Fail(ErrorCode::kRetryable,
                command + ": did not end within " + std::to_string(timeout.count() / 1000) + " s");
  }
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

}  // namespace plimsoll::kube
