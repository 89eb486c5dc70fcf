// SPDX-License-Identifier: Apache-2.0
//
// plimsoll-operator: flags, signals, and the operator itself.
#include <chrono>
#include <csignal>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "operator/cmd/give_back.h"
#include "operator/cmd/operator.h"
#include "operator/config/log.h"
#include "operator/config/options.h"
#include "operator/kube/transport.h"
#include "operator/web/probe.h"

namespace {

int Ask(const std::string& url, std::chrono::seconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  while (true) {
    const auto answer = plimsoll::web::Probe(url);
    if (answer) {
      std::cout << *answer;
      return 0;
    }
    if (answer.error().code() == plimsoll::ErrorCode::kInvalid ||
        std::chrono::steady_clock::now() >= until) {
      std::cerr << "plimsoll-operator: " << answer.error().message() << "\n";
      return 1;
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Blocked before any thread starts, so that only the waiting thread takes them: the first process
  // of a container that takes one anywhere else drops it, and is killed half a minute later.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  plimsoll::kube::InitializeHttpStack();
  const auto parsed = plimsoll::config::ParseOptions({argv + 1, argv + argc});
  if (!parsed) {
    std::cerr << "plimsoll-operator: " << parsed.error().message() << "\n";
    return 2;
  }
  if (!parsed->text.empty()) {
    std::cout << parsed->text;
    return 0;
  }

  if (!parsed->options.probe.empty()) {
    return Ask(parsed->options.probe, std::chrono::seconds(parsed->options.probe_wait));
  }

  std::signal(SIGPIPE, SIG_IGN);

  const plimsoll::Log log(parsed->options.log_level);
  log.Info("plimsoll-operator starts", {{"version", PLIMSOLL_VERSION}});
  auto made = plimsoll::cmd::Operator::Create(parsed->options, log);
  if (!made) {
    log.Error("cannot start", {{"problem", made.error().message()}});
    return 1;
  }
  std::stop_source stop;
  std::jthread waiter([&](std::stop_token ended) {
    const timespec tick{1, 0};
    for (int second = 0; !ended.stop_requested(); ++second) {
      // The first lists are read by then: what only the start needed is let go of.
      if (second == 30 || second % 1800 == 1799) plimsoll::cmd::GiveBackStartMemory();
      if (sigtimedwait(&signals, nullptr, &tick) > 0) {
        log.Info("signal: stopping");
        stop.request_stop();
        return;
      }
    }
  });
  const plimsoll::Status ended = (*made)->Run(stop.get_token());
  if (!ended) {
    log.Error("the operator ends", {{"problem", ended.error().message()}});
    return 1;
  }
  log.Info("stopped");
  return 0;
}
