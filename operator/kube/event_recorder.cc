// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/event_recorder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

#include "operator/kube/resources.h"
#include "operator/kube/rfc3339.h"
#include "operator/kube/token_bucket.h"

namespace plimsoll::kube {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxNote = 1024;
constexpr std::size_t kMaxWord = 128;
constexpr std::size_t kMaxRemembered = 4096;  // series and budgets; the oldest go first

// Cuts at a character's beginning, so that what is left is UTF-8.
std::string Cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return std::string(text);
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

std::string ReasonOf(const Event& event) {
  return event.regarding.kind + "/" + event.regarding.ns + "/" + event.regarding.name + "/" +
         event.regarding.uid + "\n" + (event.type == EventType::kWarning ? "W" : "N") +
         event.reason;
}

bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool IsLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool IsWord(char c) {
  return IsDigit(c) || IsLetter(c) || c == '-' || c == '.' || c == '_' || c == ':' || c == '>' ||
         c == '/';
}

// What may follow a number; nothing may, too.
bool IsUnit(std::string_view letters) {
  static constexpr std::array<std::string_view, 20> kUnits{
      "",   "B", "k", "K",  "M", "G", "T", "Ki",  "Mi",  "Gi",
      "Ti", "s", "m", "ms", "h", "d", "x", "KiB", "MiB", "GiB"};
  return std::ranges::find(kUnits, letters) != kUnits.end();
}

// Amounts and nothing else: "64Mi->128Mi:", "5.5", "1m30s", "3/4". A pod "7up-x2kf9" is none, nor
// is a node "10.0.0.5".
bool IsAmount(std::string_view word) {
  std::size_t i = 0;
  const auto take = [&](auto of_kind) {
    const std::size_t begin = i;
    while (i < word.size() && of_kind(word[i])) ++i;
    return word.substr(begin, i - begin);
  };
  while (i < word.size()) {
    if (take(IsDigit).empty()) return false;
    if (i + 1 < word.size() && word[i] == '.' && IsDigit(word[i + 1])) {
      ++i;
      take(IsDigit);
    }
    if (!IsUnit(take(IsLetter))) return false;
    const std::string_view rest = word.substr(i);
    if (rest.starts_with("->")) {
      i += 2;
    } else if (rest.starts_with('/') || rest.starts_with(':') || rest == ".") {
      ++i;
    }
  }
  return true;
}

// The note with # for every amount: "limit 64Mi, 7 kills of web-0" has the shape "limit #, # kills
// of web-0". What differs in numbers alone is one thing that goes on. Any other word is kept whole,
// digits and all: web-0 and web-1 are two pods, and so are "pod 7" and "pod 8".
std::string ShapeOf(std::string_view note) {
  std::string shape;
  shape.reserve(note.size());
  bool is_name = false;
  for (std::size_t i = 0; i < note.size();) {
    if (!IsWord(note[i])) {
      shape += note[i++];
      continue;
    }
    const std::size_t begin = i;
    while (i < note.size() && IsWord(note[i])) ++i;
    const std::string_view word = note.substr(begin, i - begin);
    shape += !is_name && IsAmount(word) ? "#" : word;
    is_name = word == "pod" || word == "container";
  }
  return shape;
}

std::string SeriesOf(const Event& event) {
  return ReasonOf(event) + "\n" + event.action + "\n" + ShapeOf(event.note);
}

// Events of cluster-scoped objects live in "default".
std::string NamespaceOf(const Event& event) {
  return event.regarding.ns.empty() ? "default" : event.regarding.ns;
}

}  // namespace

class EventRecorder::Impl {
 public:
  Impl(Client& client, EventRecorderOptions options)
      : client_(client), options_(std::move(options)), clock_(client.clock()) {
    thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
  }
  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      changed_.notify_all();
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(1), [this] { return finished_; });
    lock.unlock();
    thread_.request_stop();
  }

  void Record(Event event) {
    const std::lock_guard lock(mutex_);
    if (closing_ || queue_.size() >= options_.queue_size) {
      ++counters_.dropped;
      return;
    }
    queue_.push_back(std::move(event));
    changed_.notify_all();
  }
  EventCounters counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
  }

 private:
  struct Series {
    std::string ns;
    std::string name;  // of the Event object on the server
    std::string note;  // the newest
    int count = 1;
    int sent_count = 1;
    bool gone = false;  // the server has it no more
    Instant last_seen{};
    Instant last_sent{};
  };

  void Run(std::stop_token stop);
  void Handle(const Event& event, std::stop_token stop);
  void Repeat(Series& series, std::stop_token stop);
  void FlushSeries(std::stop_token stop, bool all);
  [[nodiscard]] std::optional<std::string> Create(const Event& event, std::stop_token stop);
  [[nodiscard]] bool WithinBudget(const Event& event);
  void Forget(Instant now);
  void Count(std::uint64_t EventCounters::* counter) {
    const std::lock_guard lock(mutex_);
    ++(counters_.*counter);
  }

  Client& client_;
  const EventRecorderOptions options_;
  const Clock& clock_;

  // Of the sending thread.
  std::unordered_map<std::string, Series> series_;
  std::unordered_map<std::string, TokenBucket> budgets_;
  std::uint64_t serial_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Event> queue_;
  EventCounters counters_;
  bool closing_ = false;
  bool finished_ = false;
  std::jthread thread_;  // last: it uses the rest
};

void EventRecorder::Impl::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::optional<Event> event;
    {
      std::unique_lock lock(mutex_);
      if (queue_.empty() && !closing_) {
        clock_.WaitUntil(lock, changed_, clock_.Monotonic() + std::chrono::seconds(5));
      }
      if (!queue_.empty()) {
        event = std::move(queue_.front());
        queue_.pop_front();
      } else if (closing_) {
        break;
      }
    }
    Forget(clock_.Monotonic());
    if (event) Handle(*event, stop);
    FlushSeries(stop, /*all=*/false);
  }
  FlushSeries(stop, /*all=*/true);
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

void EventRecorder::Impl::Handle(const Event& event, std::stop_token stop) {
  const Instant now = clock_.Monotonic();
  const std::string key = SeriesOf(event);
  if (const auto it = series_.find(key); it != series_.end() && !it->second.gone) {
    ++it->second.count;
    it->second.note = event.note;
    it->second.last_seen = now;
    Count(&EventCounters::merged);
    // The first repeat shows at once that it is a series; later ones as the refresh allows.
    if (it->second.sent_count == 1) Repeat(it->second, stop);
    if (!it->second.gone) return;
  }
  series_.erase(key);  // somebody deleted it on the server, or its time to live is over: told anew
  if (!WithinBudget(event)) return Count(&EventCounters::dropped);
  const std::optional<std::string> name = Create(event, stop);
  if (!name) return Count(&EventCounters::refused);
  Count(&EventCounters::sent);
  series_.emplace(key, Series{.ns = NamespaceOf(event),
                              .name = *name,
                              .note = event.note,
                              .last_seen = now,
                              .last_sent = now});
}

std::optional<std::string> EventRecorder::Impl::Create(const Event& event, std::stop_token stop) {
  const TimePoint now = clock_.Now();
  // Object names are at most 253 bytes; the time and a serial number keep them apart.
  std::string name = Cut(event.regarding.name, 200) + "." +
                     std::to_string(now.time_since_epoch().count()) + "." +
                     std::to_string(++serial_);
  Json regarding{{"apiVersion", event.regarding.api_version},
                 {"kind", event.regarding.kind},
                 {"name", event.regarding.name}};
  if (!event.regarding.ns.empty()) regarding["namespace"] = event.regarding.ns;
  if (!event.regarding.uid.empty()) regarding["uid"] = event.regarding.uid;
  const Json object{{"apiVersion", kEvents.ApiVersion()},
                    {"kind", "Event"},
                    {"metadata", {{"name", name}, {"namespace", NamespaceOf(event)}}},
                    {"eventTime", FormatMicroTime(now)},
                    {"reportingController", options_.controller},
                    {"reportingInstance", Cut(options_.instance, kMaxWord)},
                    {"type", event.type == EventType::kWarning ? "Warning" : "Normal"},
                    {"reason", Cut(event.reason, kMaxWord)},
                    {"action", Cut(event.action, kMaxWord)},
                    {"note", Cut(event.note, kMaxNote)},
                    {"regarding", std::move(regarding)}};
  const Result<Json> answer =
      client_.Create(kEvents, NamespaceOf(event), object, {.stop = std::move(stop)});
  if (!answer) return std::nullopt;
  return name;
}

void EventRecorder::Impl::Repeat(Series& series, std::stop_token stop) {
  // Only the older API lets a note be changed, and calls it message.
  const Json patch{
      {"message", Cut(series.note, kMaxNote)},
      {"series", {{"count", series.count}, {"lastObservedTime", FormatMicroTime(clock_.Now())}}}};
  const Result<Json> answer = client_.Patch(kCoreEvents, {series.ns, series.name},
                                            PatchType::kMerge, patch, {.stop = std::move(stop)});
  // Not tried again before the refresh: the count is told with the next one.
  series.sent_count = series.count;
  series.last_sent = clock_.Monotonic();
  series.gone = !answer && answer.error().code() == ErrorCode::kNotFound;
  Count(answer ? &EventCounters::sent : &EventCounters::refused);
}

void EventRecorder::Impl::FlushSeries(std::stop_token stop, bool all) {
  for (auto& [key, series] : series_) {
    if (series.count == series.sent_count || stop.stop_requested()) continue;
    const bool due = clock_.Monotonic() - series.last_sent >= options_.series_refresh;
    if (due || all) Repeat(series, stop);
  }
}

bool EventRecorder::Impl::WithinBudget(const Event& event) {
  const double per_second =
      1000.0 / static_cast<double>(std::max<std::int64_t>(1, options_.refill.count()));
  const auto it = budgets_.try_emplace(ReasonOf(event), per_second, options_.burst).first;
  return it->second.Take(clock_.Monotonic());
}

void EventRecorder::Impl::Forget(Instant now) {
  std::erase_if(series_, [&](const auto& entry) {
    const Series& series = entry.second;
    return series.count == series.sent_count && now - series.last_seen > options_.series_window;
  });
  if (series_.size() > kMaxRemembered) series_.clear();
  if (budgets_.size() > kMaxRemembered) budgets_.clear();
}

EventRecorder::EventRecorder(Client& client, EventRecorderOptions options)
    : impl_(std::make_unique<Impl>(client, std::move(options))) {}
EventRecorder::~EventRecorder() = default;
void EventRecorder::Record(Event event) { impl_->Record(std::move(event)); }
EventCounters EventRecorder::counters() const { return impl_->counters(); }

}  // namespace plimsoll::kube
