// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/reflector.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "operator/kube/backoff.h"
#include "operator/kube/request_sender.h"
#include "operator/kube/watch_request.h"
#include "operator/kube/watch_sink.h"
#include "operator/kube/wire/list_reader.h"

namespace plimsoll::kube {
namespace {

// A watch that ends at once and empty, again and again, must not become a busy loop.
constexpr Duration kVeryShort = std::chrono::seconds(1);
// A frame nobody can read, or a version the server fails on, stands in the way of all behind it:
// after so many tries from the same place the list is read instead.
constexpr int kMaxStuck = 2;
constexpr Duration kOftenExpired = std::chrono::minutes(1);

// Feeds a LIST's body into the object sink.
class PageSink final : public HttpSink {
 public:
  PageSink(const WatchTarget& target, std::size_t max_object, ObjectSink& objects,
           ReflectorEvents& events)
      : target_(target),
        events_(events),
        reader_(wire::MakeListReader(
            target.format, max_object, [&objects, &events](std::string_view item) -> Status {
              const Status status = objects.Collect(ChangeType::kAdded, item);
              if (!status) events.OnUndecodable(status.error());
              return {};
            })) {}

  Status OnHead(const HttpHead& head) override {
    events_.OnActivity();
    return CheckContentType(target_, head);
  }
  Status OnBody(std::string_view bytes) override {
    events_.OnActivity();
    return reader_->Feed(bytes);
  }
  Result<wire::ListMeta> Finish() { return reader_->Finish(); }

 private:
  const WatchTarget& target_;
  ReflectorEvents& events_;
  std::unique_ptr<wire::ListReader> reader_;
};

}  // namespace

class Reflector::Impl final : public ReflectorEvents {
 public:
  Impl(RequestSender& sender, const Clock& clock, WatchTarget target, ObjectSink& sink,
       ReflectorOptions options, std::function<void(const Error&)> on_error)
      : sender_(sender),
        clock_(clock),
        target_(std::move(target)),
        sink_(sink),
        options_(options),
        on_error_(std::move(on_error)),
        backoff_(options.backoff_initial, options.backoff_max, options.jitter_seed) {}

  void Start() {
    thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
  }
  void Stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

  // Read from any thread.
  bool HasSynced() const { return synced_.load(std::memory_order_acquire); }
  bool WaitForSync(Duration timeout) const {
    std::unique_lock lock(mutex_);
    return synced_changed_.wait_for(lock, timeout, [this] { return HasSynced(); });
  }
  std::optional<Duration> LastEventAge() const {
    const std::int64_t at = last_activity_.load(std::memory_order_relaxed);
    if (at == kNever) return std::nullopt;
    return std::max(Duration(0), clock_.Monotonic().time_since_epoch() - Duration(at));
  }
  std::string resource_version() const {
    const std::lock_guard lock(mutex_);
    return version_;
  }
  ReflectorCounters counters() const {
    return {.lists = lists_.load(),
            .watches = watches_.load(),
            .events = events_.load(),
            .bookmarks = bookmarks_.load(),
            .failures = failures_.load(),
            .undecodable = undecodable_.load()};
  }

  std::optional<Error> last_error() const {
    const std::lock_guard lock(mutex_);
    return last_error_;
  }

  // ReflectorEvents: while a body comes in; Run waits meanwhile.
  void OnActivity() override {
    last_activity_.store(clock_.Monotonic().time_since_epoch().count(), std::memory_order_relaxed);
  }
  void OnChange() override { ++events_; }
  void OnBookmark(const std::string&) override { ++bookmarks_; }
  void OnSynced(const std::string& version) override {
    ++lists_;
    OnVersion(version);
    Complete();
  }
  void OnUndecodable(const Error& error) override {
    ++undecodable_;
    if (on_error_) on_error_(error);
  }
  void OnVersion(const std::string& version) override {
    if (version.empty()) return;
    stuck_ = 0;
    const std::lock_guard lock(mutex_);
    version_ = version;
  }

 private:
  static constexpr std::int64_t kNever = -1;

  // What to do after a connection has ended.
  enum class Next {
    kWatch,  // go on from the last version
    kList,   // the store may be wrong: read everything
    kPages,  // read everything, by LIST
  };

  void Run(std::stop_token stop);
  [[nodiscard]] Next Stream(std::stop_token stop);
  [[nodiscard]] Next Pages(std::stop_token stop);
  [[nodiscard]] Next Watch(std::stop_token stop);
  [[nodiscard]] Next AfterWatch(const WatchSink& body,
                                const std::expected<void, RequestFailure>& result, Instant started,
                                std::stop_token stop);
  [[nodiscard]] Next AfterStreamRefused(const WatchSink& body, const RequestFailure& failure,
                                        std::stop_token stop);
  [[nodiscard]] Next AfterListFailed(const RequestFailure& failure, std::stop_token stop);
  [[nodiscard]] Next AfterAbsent(std::stop_token stop);
  [[nodiscard]] std::expected<wire::ListMeta, RequestFailure> FetchPage(std::string_view version,
                                                                        const std::string& token,
                                                                        std::size_t limit,
                                                                        std::stop_token stop);
  [[nodiscard]] std::expected<std::string, RequestFailure> FetchAllPages(std::stop_token stop);

  void Complete() {
    const std::lock_guard lock(mutex_);
    last_error_.reset();
    synced_.store(true, std::memory_order_release);
    synced_changed_.notify_all();
  }
  [[nodiscard]] bool MayBeAbsent(const std::optional<ApiStatus>& status) const {
    return options_.absent_retry && status && status->code == 404;
  }
  void Failed(const Error& error) {
    ++failures_;
    {
      const std::lock_guard lock(mutex_);
      last_error_ = error;
    }
    if (on_error_) on_error_(error);
  }
  // Reports, then sleeps: the back-off, or longer if the server said so.
  void Pause(const Error& error, std::optional<Duration> retry_after, std::stop_token stop) {
    Failed(error);
    const Duration pause = backoff_.Next(clock_.Monotonic());
    (void)clock_.SleepFor(std::max(pause, retry_after.value_or(Duration(0))), std::move(stop));
  }

  RequestSender& sender_;
  const Clock& clock_;
  const WatchTarget target_;
  ObjectSink& sink_;
  const ReflectorOptions options_;
  const std::function<void(const Error&)> on_error_;

  // Of the reflector's thread.
  Backoff backoff_;
  bool consistent_read_ = false;  // the last version cannot be served: ask for the newest
  int stuck_ = 0;  // unreadable frames and server errors since the version last moved
  std::optional<Instant> last_expired_;

  mutable std::mutex mutex_;
  mutable std::condition_variable synced_changed_;
  std::string version_;
  std::optional<Error> last_error_;
  std::atomic<bool> synced_ = false;
  std::atomic<std::int64_t> last_activity_ = kNever;
  std::atomic<std::uint64_t> lists_ = 0;
  std::atomic<std::uint64_t> watches_ = 0;
  std::atomic<std::uint64_t> events_ = 0;
  std::atomic<std::uint64_t> bookmarks_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<std::uint64_t> undecodable_ = 0;
  std::jthread thread_;
};

void Reflector::Impl::Run(std::stop_token stop) {
  const bool stream = options_.initial_list == InitialList::kStream;
  Next next = Next::kList;
  while (!stop.stop_requested()) {
    switch (next) {
      case Next::kWatch:
        next = Watch(stop);
        break;
      case Next::kList:
        next = stream ? Stream(stop) : Pages(stop);
        break;
      case Next::kPages:
        next = Pages(stop);
        break;
    }
  }
}

Reflector::Impl::Next Reflector::Impl::Stream(std::stop_token stop) {
  const std::string from = consistent_read_ ? std::string() : resource_version();
  HttpRequest request = MakeStreamRequest(target_, from, backoff_.Jitter(options_.watch_timeout));
  request.idle_timeout = options_.idle_timeout;
  WatchSink body(target_, options_.max_object_size, /*collecting=*/true, sink_, *this);
  const Instant started = clock_.Monotonic();
  ++watches_;
  const auto result = sender_.Send(request, body, stop);
  if (stop.stop_requested()) return Next::kList;
  if (!body.collecting()) {
    consistent_read_ = false;
    return AfterWatch(body, result, started, stop);
  }
  if (!result) return AfterStreamRefused(body, result.error(), stop);
  Pause(Error(ErrorCode::kRetryable,
              "the streamed list of " + std::string(target_.resource.plural) + " was cut off"),
        std::nullopt, stop);
  return Next::kPages;
}

// Why the initial state did not come decides whether LIST can do better.
Reflector::Impl::Next Reflector::Impl::AfterStreamRefused(const WatchSink& body,
                                                          const RequestFailure& failure,
                                                          std::stop_token stop) {
  const std::optional<ApiStatus>& status = body.error_event() ? body.error_event() : failure.status;
  if (body.not_streaming()) return Next::kPages;
  if (!status) {  // connection, time-out, garbage
    Pause(failure.error, std::nullopt, stop);
    return failure.transport == TransportErrorKind::kSink ? Next::kPages : Next::kList;
  }
  if (MayBeAbsent(status)) return AfterAbsent(stop);
  if (status->expired() || status->too_large_resource_version()) {
    const bool again = !std::exchange(consistent_read_, true);
    if (!again) Pause(failure.error, status->retry_after, stop);
    return Next::kList;
  }
  if (status->code == 429) {
    Pause(failure.error, status->retry_after, stop);
    return Next::kList;
  }
  const bool no_list_either = status->code == 401 || status->code == 403 || status->code == 404;
  if (no_list_either) {
    Pause(failure.error, status->retry_after, stop);
    return Next::kList;
  }
  return Next::kPages;  // 400, 422: the server does not know streamed lists; or its etcd does not
}

Reflector::Impl::Next Reflector::Impl::Pages(std::stop_token stop) {
  const auto version = FetchAllPages(stop);
  if (stop.stop_requested()) return Next::kList;
  if (!version) return AfterListFailed(version.error(), stop);
  sink_.FinishReplace();
  consistent_read_ = false;
  OnSynced(*version);
  return Next::kWatch;
}

Reflector::Impl::Next Reflector::Impl::AfterListFailed(const RequestFailure& failure,
                                                       std::stop_token stop) {
  if (MayBeAbsent(failure.status)) return AfterAbsent(stop);
  const bool behind =
      failure.status && (failure.status->expired() || failure.status->too_large_resource_version());
  if (behind && !std::exchange(consistent_read_, true)) return Next::kPages;
  Pause(failure.error, failure.status ? failure.status->retry_after : std::nullopt, stop);
  return Next::kList;
}

// The kind is not installed: what was in it went with it.
Reflector::Impl::Next Reflector::Impl::AfterAbsent(std::stop_token stop) {
  OnActivity();
  sink_.BeginReplace();
  sink_.FinishReplace();
  Complete();
  (void)clock_.SleepFor(*options_.absent_retry, std::move(stop));
  return Next::kList;
}

std::expected<wire::ListMeta, RequestFailure> Reflector::Impl::FetchPage(std::string_view version,
                                                                         const std::string& token,
                                                                         std::size_t limit,
                                                                         std::stop_token stop) {
  HttpRequest request = MakeListRequest(target_, version, token, limit);
  request.head_timeout = std::chrono::seconds(60);
  request.idle_timeout = std::chrono::seconds(60);
  PageSink body(target_, options_.max_object_size, sink_, *this);
  const auto sent = sender_.Send(request, body, std::move(stop));
  if (!sent) return std::unexpected(sent.error());
  Result<wire::ListMeta> meta = body.Finish();
  if (!meta) {
    return std::unexpected(
        RequestFailure{TransportErrorKind::kReset, std::nullopt,
                       meta.error().Context("list " + std::string(target_.resource.plural))});
  }
  return std::move(*meta);
}

std::expected<std::string, RequestFailure> Reflector::Impl::FetchAllPages(std::stop_token stop) {
  const std::string last = resource_version();
  // "0": any state the server has at hand; later never older than what we have seen.
  const std::string version = consistent_read_ ? std::string() : (last.empty() ? "0" : last);
  const bool paged = version.empty() || version == "0";
  std::string token;
  sink_.BeginReplace();
  while (true) {
    auto page = FetchPage(version, token, paged ? options_.page_size : 0, stop);
    const bool token_expired =
        !page && !token.empty() && page.error().status && page.error().status->expired();
    if (token_expired) {  // all in one answer, which cannot expire
      token.clear();
      sink_.BeginReplace();
      page = FetchPage({}, token, 0, stop);
    }
    if (!page) return std::unexpected(page.error());
    if (page->continue_token.empty()) return page->resource_version;
    token = page->continue_token;
  }
}

Reflector::Impl::Next Reflector::Impl::Watch(std::stop_token stop) {
  HttpRequest request =
      MakeWatchRequest(target_, resource_version(), backoff_.Jitter(options_.watch_timeout));
  request.idle_timeout = options_.idle_timeout;
  WatchSink body(target_, options_.max_object_size, /*collecting=*/false, sink_, *this);
  const Instant started = clock_.Monotonic();
  ++watches_;
  const auto result = sender_.Send(request, body, stop);
  if (stop.stop_requested()) return Next::kWatch;
  return AfterWatch(body, result, started, stop);
}

// The store is complete up to the last version here, so nearly everything can go on from there.
Reflector::Impl::Next Reflector::Impl::AfterWatch(const WatchSink& body,
                                                  const std::expected<void, RequestFailure>& result,
                                                  Instant started, std::stop_token stop) {
  if (stop.stop_requested()) return Next::kWatch;
  if (result && !body.mid_frame()) {
    const bool very_short = body.received() == 0 && clock_.Monotonic() - started < kVeryShort;
    if (very_short) {
      Pause(Error(ErrorCode::kRetryable, "the watch of " + std::string(target_.resource.plural) +
                                             " ended at once and empty"),
            std::nullopt, stop);
    }
    return Next::kWatch;
  }
  if (result) {
    Pause(Error(ErrorCode::kRetryable,
                "the watch of " + std::string(target_.resource.plural) + " ended inside an event"),
          std::nullopt, stop);
    return Next::kWatch;
  }
  const RequestFailure& failure = result.error();
  const std::optional<ApiStatus>& status = body.error_event() ? body.error_event() : failure.status;
  if (status && (status->expired() || status->too_large_resource_version())) {
    consistent_read_ = true;
    // Once is the ordinary fate of a client that was away; over and over must not be a busy loop.
    const Instant now = clock_.Monotonic();
    const bool again = last_expired_ && now - *last_expired_ < kOftenExpired;
    last_expired_ = now;
    if (again) {
      Pause(failure.error, status->retry_after, stop);
    } else {
      Failed(failure.error);
    }
    return Next::kList;
  }
  if (MayBeAbsent(status)) return AfterAbsent(stop);
  Pause(failure.error, status ? status->retry_after : std::nullopt, stop);
  if (status && status->code == 429) return Next::kWatch;
  if (status && status->code < 500) return Next::kList;
  const bool no_way_on = status || failure.transport == TransportErrorKind::kSink;
  if (!no_way_on || ++stuck_ < kMaxStuck) return Next::kWatch;
  stuck_ = 0;
  return Next::kPages;
}

Reflector::Reflector(RequestSender& sender, const Clock& clock, WatchTarget target,
                     ObjectSink& sink, ReflectorOptions options,
                     std::function<void(const Error&)> on_error)
    : impl_(std::make_unique<Impl>(sender, clock, std::move(target), sink, options,
                                   std::move(on_error))) {}
Reflector::~Reflector() { Stop(); }
void Reflector::Start() { impl_->Start(); }
void Reflector::Stop() { impl_->Stop(); }
bool Reflector::HasSynced() const { return impl_->HasSynced(); }
bool Reflector::WaitForSync(Duration timeout) const { return impl_->WaitForSync(timeout); }
std::optional<Duration> Reflector::LastEventAge() const { return impl_->LastEventAge(); }
std::string Reflector::resource_version() const { return impl_->resource_version(); }
ReflectorCounters Reflector::counters() const { return impl_->counters(); }
std::optional<Error> Reflector::last_error() const { return impl_->last_error(); }

}  // namespace plimsoll::kube
