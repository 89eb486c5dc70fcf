// SPDX-License-Identifier: Apache-2.0
//
// Apps that behave and apps that do not, over real sockets.
#include "operator/agent/collectors/app_worker.h"

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/operator/agent/support/fake_container.h"
#include "tests/operator/agent/support/listener.h"
#include "tests/operator/agent/support/wait.h"

namespace plimsoll::agent {
namespace {

using testing::Eventually;
using testing::FakeContainer;
using testing::IdOf;
using testing::Listener;

class ScriptedApp final : public v1::Allocator::Service {
 public:
  grpc::Status GetStats(grpc::ServerContext*, const v1::GetStatsRequest*,
                        v1::AllocatorStats* stats) override {
    ++asked;
    if (garbled) return {grpc::StatusCode::UNKNOWN, "what \xff\xfe it says"};
    stats->set_start_time_unix_nano(1'795'000'000'000'000'000);
    // In the reverse order of the test that changes both.
    if (const std::size_t size = padding; size > 0) {
      stats->set_runtime_version(std::string(size, 'x'));
    }
    stats->mutable_heap()->set_live(live);
    stats->set_accepts_tuning(true);
    if (delay > std::chrono::milliseconds(0)) std::this_thread::sleep_for(delay);
    return grpc::Status::OK;
  }
  grpc::Status Tune(grpc::ServerContext*, const v1::TuneRequest* request,
                    v1::TuneReply* reply) override {
    ++tuned;
    if (refuse) return {grpc::StatusCode::PERMISSION_DENIED, "tuning is not allowed here"};
    for (const v1::Setting& setting : request->settings()) {
      v1::Knob& knob = *reply->add_knobs();
      knob.set_name(setting.name());
      knob.set_number(setting.number());
    }
    return grpc::Status::OK;
  }
  std::atomic<int> asked = 0, tuned = 0;
  std::atomic<std::uint64_t> live = 1 << 20;
  std::atomic<std::size_t> padding = 0;
  std::chrono::milliseconds delay{0};
  std::atomic<bool> refuse = false;
  std::atomic<bool> garbled = false;
};

struct Fixture {
  mutable std::mutex mutex;
  std::shared_ptr<const std::vector<AppTarget>> targets =
      std::make_shared<const std::vector<AppTarget>>();
  FakeContainer container{IdOf('a')};
  ReportLog log;
  std::vector<v1::Report> reports;
  std::uint64_t position = 0;
  std::unique_ptr<AppWorker> worker;
  Duration longest{0};  // with more time for who is late; 0: none

  void Watch(const std::string& id, const std::string& socket, int port = 0, int pid = ::getpid()) {
    AppTarget target;
    target.spec.set_pod_uid(testing::kUid);
    target.spec.set_container_id(id);
    target.spec.set_stats_socket(socket);
    target.spec.set_stats_port(static_cast<std::uint32_t>(port));
    target.spec.set_pod_ip("127.0.0.1");
    target.init_pid = pid;
    // The worker may be reading the ones of before.
    auto all = std::make_shared<std::vector<AppTarget>>(*Targets());
    std::erase_if(*all, [&](const AppTarget& one) { return one.spec.container_id() == id; });
    all->push_back(target);
    const std::lock_guard lock(mutex);
    targets = std::move(all);
  }
  std::shared_ptr<const std::vector<AppTarget>> Targets() const {
    const std::lock_guard lock(mutex);
    return targets;
  }
  // Short deadlines where an endpoint hangs; generous ones where it answers on a busy machine.
  void Start(Duration deadline = Duration(15'000)) {
    AppWorkerOptions options;
    options.proc_root = container.proc();
    options.every = Duration(200);
    options.longest = Duration(2000);
    options.stats_deadline = deadline;
    options.tune_deadline = deadline;
    options.longest_stats_deadline = longest;
    Result<std::unique_ptr<AppWorker>> started =
        AppWorker::Start(options, [this] { return Targets(); }, log);
    REQUIRE(started);
    worker = *std::move(started);
  }
  void Drain() {
    while (auto report = log.Next(position)) reports.push_back(*std::move(report));
  }
  bool Until(const std::function<bool()>& condition) {
    return Eventually([&] {
      Drain();
      return condition();
    });
  }
  std::vector<v1::RuntimeReport> Of(const std::string& id) {
    std::vector<v1::RuntimeReport> found;
    for (const v1::Report& report : reports) {
      if (report.has_runtime() && report.runtime().container_id() == id) {
        found.push_back(report.runtime());
      }
    }
    return found;
  }
  std::vector<v1::TuneResult> Results() {
    std::vector<v1::TuneResult> found;
    for (const v1::Report& report : reports) {
      if (report.has_tune_result()) found.push_back(report.tune_result());
    }
    return found;
  }
  bool HasProblem(const std::string& id, const std::string& text) {
    return Until([&] {
      for (const v1::RuntimeReport& report : Of(id)) {
        if (report.problem().find(text) != std::string::npos) return true;
      }
      return false;
    });
  }
};

struct Served {
  ScriptedApp app;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  explicit Served(const std::string& address) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&app);
    server = builder.BuildAndStart();
    REQUIRE(server);
  }
  ~Served() { server->Shutdown(std::chrono::system_clock::now()); }
};

v1::TuneCommand TuneOf(const std::string& id, const std::string& container) {
  v1::TuneCommand command;
  command.set_id(id);
  command.set_container_id(container);
  v1::Setting& setting = *command.mutable_request()->add_settings();
  setting.set_name("GOGC");
  setting.set_number(50);
  return command;
}

TEST_CASE("AppWorker: stats come again and again, a restart of the app does not end them") {
  Fixture test;
  test.Watch(IdOf('a'), "");
  {
    const Served served("unix:" + test.container.socket());
    test.Start();
    REQUIRE(test.Until([&] { return test.Of(IdOf('a')).size() >= 2; }));
    CHECK(test.Of(IdOf('a')).front().stats().heap().live() == 1 << 20);
    CHECK(test.Of(IdOf('a')).front().pod_uid() == testing::kUid);
  }
  Served again("unix:" + test.container.socket());
  again.app.live = 7;
  CHECK(test.Until([&] {
    const auto reports = test.Of(IdOf('a'));
    return reports.back().has_stats() && reports.back().stats().heap().live() == 7;
  }));
}

TEST_CASE(
    "AppWorker: an app without an endpoint is no problem, a missing one that was asked for is") {
  Fixture test;
  test.Watch(IdOf('a'), "");
  test.Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  test.Drain();
  CHECK(test.reports.empty());
  test.Watch(IdOf('a'), "/run/own.sock");
  CHECK(test.HasProblem(IdOf('a'), "/run/own.sock"));
}

void Wait(int, const std::stop_token& stop) {
  while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

void Flood(int fd, const std::stop_token& stop) {
  const std::string block(64 * 1024, '\0');
  while (!stop.stop_requested()) {
    if (::send(fd, block.data(), block.size(), MSG_NOSIGNAL) >= 0) continue;
    if (errno != EAGAIN) return;
    pollfd room{fd, POLLOUT, 0};
    (void)::poll(&room, 1, 20);
  }
}

// HTTP/2 settings, then a frame that claims 16 MiB.
void Lie(int fd, const std::stop_token& stop) {
  const char frames[] = "\0\0\0\4\0\0\0\0\0\xff\xff\xff\0\0\0\0\0\1";
  (void)::send(fd, frames, sizeof(frames) - 1, MSG_NOSIGNAL);
  Wait(fd, stop);
}

void Close(int, const std::stop_token&) {}

TEST_CASE("AppWorker: many endpoints that hang, flood, lie or close do not starve a good one") {
  Fixture test;
  std::vector<std::unique_ptr<Listener>> bad;
  for (const char digit : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'b', 'c'}) {
    const Listener::Serve serves[] = {Wait, Flood, Lie, Close};
    bad.push_back(std::make_unique<Listener>("", serves[bad.size() % 4]));
    test.Watch(IdOf(digit), "", bad.back()->port(), /*pid=*/0);
  }
  const Served good("unix:" + test.container.socket());
  test.Watch(IdOf('a'), "");
  test.Start(Duration(1000));
  CHECK(test.Until([&] {
    const auto reports = test.Of(IdOf('a'));
    return std::ranges::count_if(reports, [](const auto& r) { return r.has_stats(); }) >= 5;
  }));
  for (const AppTarget& target : *test.Targets()) {
    if (target.init_pid == 0) CHECK(test.HasProblem(target.spec.container_id(), "the endpoint"));
  }
}

TEST_CASE("AppWorker: each kind of bad endpoint is told as a problem, and asked ever less often") {
  struct Bad {
    std::string text;
    Listener::Serve serve;
  };
  const std::vector<Bad> all{{"did not answer within 1 s", Wait},
                             {"closed the connection", Close},
                             // Found out by HTTP/2 or by the clock, whichever is first.
                             {"the endpoint", Flood},
                             {"the endpoint", Lie}};
  for (const Bad& bad : all) {
    CAPTURE(bad.text);
    Fixture test;
    const Listener listener(test.container.socket(), bad.serve);
    REQUIRE(listener.ok());
    test.Watch(IdOf('a'), "");
    test.Start(Duration(1000));
    const bool told = test.HasProblem(IdOf('a'), bad.text);
    const auto since = std::chrono::steady_clock::now();
    const auto reports = test.Of(IdOf('a'));
    CAPTURE(reports.empty() ? std::string("nothing") : reports.back().problem());
    CHECK(told);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    test.Drain();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - since;
    // At one question each 200 ms it would be five more each second.
    const auto more = static_cast<double>(test.Of(IdOf('a')).size() - reports.size());
    CHECK(more <= passed.count() * 2.5);
  }
}

TEST_CASE("AppWorker: an app whose words are no UTF-8 is told of like any other") {
  Fixture test;
  Served served("unix:" + test.container.socket());
  served.app.garbled = true;
  test.Watch(IdOf('a'), "");
  test.Start();
  CHECK(test.HasProblem(IdOf('a'), "what ?? it says"));
}

TEST_CASE("AppWorker: answers that are too large or absurd are left out, and that is told") {
  Fixture test;
  Served served("unix:" + test.container.socket());
  served.app.padding = 200 * 1024;
  test.Watch(IdOf('a'), "");
  test.Start();
  CHECK(test.HasProblem(IdOf('a'), "too large"));
  served.app.live = std::uint64_t{1} << 62;
  served.app.padding = 0;
  CHECK(test.HasProblem(IdOf('a'), "heap.live is absurd"));
  for (const v1::RuntimeReport& report : test.Of(IdOf('a'))) CHECK_FALSE(report.has_stats());
}

TEST_CASE("AppWorker: without a socket the port of the pod is read, but never tuned through") {
  Fixture test;
  Served served("127.0.0.1:0");
  test.Watch(IdOf('a'), "", served.port);
  test.Start();
  REQUIRE(test.Until([&] { return !test.Of(IdOf('a')).empty(); }));
  REQUIRE(test.Of(IdOf('a')).front().has_stats());
  CHECK(test.Of(IdOf('a')).front().stats().heap().live() == 1 << 20);
  CHECK(test.Of(IdOf('a')).front().read_only());
  CHECK_FALSE(test.Of(IdOf('a')).front().stats().accepts_tuning());  // though the app says so
  test.worker->Tune(TuneOf("1", IdOf('a')));
  REQUIRE(test.Until([&] { return !test.Results().empty(); }));
  CHECK(test.Results().front().error().find("nothing is set over TCP") != std::string::npos);
  CHECK_FALSE(test.Results().front().undecided());
  CHECK(served.app.tuned == 0);
}

TEST_CASE("AppWorker: the socket that was asked for is read and tuned through, before any port") {
  Fixture test;
  std::filesystem::create_directories(test.container.root() + "/run");
  Served usual("unix:" + test.container.socket());
  Served port("127.0.0.1:0");
  Served own("unix:" + test.container.root() + "/run/own.sock");
  own.app.live = 7;
  test.Watch(IdOf('a'), "/run/own.sock", port.port);
  test.Start();
  REQUIRE(test.Until([&] { return !test.Of(IdOf('a')).empty(); }));
  CHECK(test.Of(IdOf('a')).front().stats().heap().live() == 7);
  CHECK(test.Of(IdOf('a')).front().stats().accepts_tuning());
  CHECK_FALSE(test.Of(IdOf('a')).front().read_only());
  test.worker->Tune(TuneOf("1", IdOf('a')));
  REQUIRE(test.Until([&] { return !test.Results().empty(); }));
  CHECK(test.Results().front().error().empty());
  CHECK(own.app.tuned == 1);
  CHECK(usual.app.asked + usual.app.tuned + port.app.asked + port.app.tuned == 0);
}

TEST_CASE("AppWorker: an app that must not be asked is not, though it serves") {
  Fixture test;
  Served silent("unix:" + test.container.socket());
  Served asked("127.0.0.1:0");
  test.Watch(IdOf('a'), "");
  auto all = std::make_shared<std::vector<AppTarget>>(*test.Targets());
  all->front().spec.set_no_stats(true);
  test.targets = std::move(all);
  test.Watch(IdOf('b'), "", asked.port, /*pid=*/0);
  test.Start();
  REQUIRE(test.Until([&] { return test.Of(IdOf('b')).size() >= 3; }));
  CHECK(silent.app.asked == 0);
  CHECK(test.Of(IdOf('a')).empty());
}

TEST_CASE("AppWorker: a tuning command is carried out once, and answered each time it is sent") {
  Fixture test;
  Served served("unix:" + test.container.socket());
  test.Watch(IdOf('a'), "");
  test.Start();
  test.worker->Tune(TuneOf("1", IdOf('a')));
  REQUIRE(test.Until([&] { return test.Results().size() == 1; }));
  CHECK(test.Results()[0].error().empty());
  CHECK(test.Results()[0].container_id() == IdOf('a'));
  REQUIRE(test.Results()[0].knobs_size() == 1);
  CHECK(test.Results()[0].knobs(0).number() == 50);
  test.worker->Tune(TuneOf("1", IdOf('a')));
  REQUIRE(test.Until([&] { return test.Results().size() == 2; }));
  CHECK(test.Results()[1].knobs(0).number() == 50);
  CHECK(served.app.tuned == 1);
}

TEST_CASE("AppWorker: refused, unknown and hanging tunings come back as errors") {
  Fixture test;
  test.Watch(IdOf('a'), "");
  {
    Served served("unix:" + test.container.socket());
    served.app.refuse = true;
    test.Start();
    test.worker->Tune(TuneOf("refused", IdOf('a')));
    REQUIRE(test.Until([&] { return test.Results().size() == 1; }));
    CHECK(test.Results()[0].error() == "tuning is not allowed here");
    CHECK_FALSE(test.Results()[0].undecided());
  }
  test.worker->Tune(TuneOf("nobody", IdOf('f')));
  REQUIRE(test.Until([&] { return test.Results().size() == 2; }));
  CHECK(test.Results()[1].error() == "this container is not watched on this node");
}

TEST_CASE("AppWorker: a tuning that is not answered is an error after its deadline") {
  Fixture test;
  test.Watch(IdOf('a'), "");
  const Listener hangs(test.container.socket(), Wait);
  test.Start(Duration(1000));
  test.worker->Tune(TuneOf("hangs", IdOf('a')));
  REQUIRE(test.Until([&] { return test.Results().size() == 1; }));
  CHECK(test.Results()[0].error().find("did not answer within") != std::string::npos);
  CHECK(test.Results()[0].undecided());
}

TEST_CASE("AppWorker: an app on a slow node is given more time instead of being asked less often") {
  Fixture test;
  Served served("unix:" + test.container.socket());
  served.app.delay = std::chrono::milliseconds(700);
  test.Watch(IdOf('a'), "");
  test.longest = Duration(60'000);
  test.Start(Duration(100));
  REQUIRE(test.HasProblem(IdOf('a'), "did not answer"));
  CHECK(test.Until([&] {
    const auto reports = test.Of(IdOf('a'));
    return std::ranges::count_if(reports, [](const auto& r) { return r.has_stats(); }) >= 3;
  }));
}

}  // namespace
}  // namespace plimsoll::agent
