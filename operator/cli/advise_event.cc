// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/advise_event.h"

#include <simdjson.h>

#include <array>
#include <cmath>
#include <unordered_map>

#include "operator/api/oom_kinds.h"
#include "operator/api/text.h"
#include "operator/cli/advise_fields.h"
#include "operator/cli/advise_stats.h"
#include "operator/cli/amounts.h"
#include "operator/cli/shown.h"

namespace plimsoll::cli {
namespace {

namespace json = simdjson::ondemand;

constexpr double kMaxNumber = 9.2e18;         // of seconds and counts: fits into 63 bits
constexpr double kMaxSeconds = 253402300800;  // the year 10000
constexpr std::size_t kMaxShown = 40;

// A number as it stands in the line.
std::string Written(json::value& value) {
  const std::string_view token = value.raw_json_token();
  return Shown(token.substr(0, token.find_last_not_of(" \t") + 1), kMaxShown);
}

std::unexpected<Error> Bad(std::string_view field, std::string_view what) {
  return Fail(ErrorCode::kInvalid, std::string(field) + ": " + std::string(what));
}

}  // namespace

class AdviseEventParser::Impl {
 public:
  Impl() {
    for (std::size_t i = 0; i < kFieldNames.size(); ++i)
      fields_[kFieldNames[i]] = static_cast<Field>(i);
    next_.fill(Field::kCount);
  }

  Result<AdviseEvent> Parse(std::string_view line, std::size_t capacity) {
    event_ = AdviseEvent();
    seen_event_ = seen_time_ = seen_kind_ = hard_seen_ = false;
    window_seconds_ = 300;
    pressure_some_.reset();
    pressure_full_.reset();
    stats_ = {};
    json::document document;
    json::object object;
    auto error = parser_.iterate(line.data(), line.size(), capacity).get(document);
    if (!error) error = document.get_object().get(object);
    if (error)
      return Bad("line", std::string("not a JSON object: ") + simdjson::error_message(error));
    Field before = Field::kCount;
    for (auto each : object) {
      std::string_view key;
      if (each.unescaped_key().get(key)) return Bad("line", "not a JSON object");
      const Field field = Find(key, before);
      if (field == Field::kCount) continue;
      before = field;
      json::value value;
      if (each.value().get(value)) return Bad(key, "has no value");
      if (const auto taken = Take(field, value); !taken) return std::unexpected(taken.error());
    }
    // Past the object there must be nothing: a location is given only where something is left.
    if (const char* rest = nullptr; !document.current_location().get(rest)) {
      return Bad("line", "more than one JSON value; one object a line");
    }
    return Finish();
  }

 private:
  // kCount: unknown. The lines of a stream name their fields in one order, so the field that came
  // after this one the last time is tried first.
  Field Find(std::string_view key, Field before) {
    Field& guess = next_[static_cast<std::size_t>(before)];
    if (guess != Field::kCount && Name(guess) == key) return guess;
    const auto found = fields_.find(key);
    if (found == fields_.end()) return Field::kCount;
    return guess = found->second;
  }

  Status Take(Field field, json::value& value) {
    if (field >= Field::kHardPeak && field < Field::kCensored) return TakeNumber(field, value);
    switch (field) {
      case Field::kTime:
        return TakeTime(value);
      case Field::kContainer:
        return TakeText(field, value, event_.container);
      case Field::kPod:
        return TakeText(field, value, event_.pod);
      case Field::kRelease:
        return TakeText(field, value, event_.release);
      case Field::kEvent:
        return TakeEvent(value);
      case Field::kStats:
        return TakeStats(value);
      case Field::kCensored:
        return TakeFlag(field, value, event_.digest.censored);
      case Field::kBatch:
        return TakeFlag(field, value, event_.batch.emplace());
      default:
        break;
    }
    std::string_view text;
    if (const auto taken = TakeText(field, value, text); !taken) return taken;
    if (field == Field::kId) {
      event_.oom.id = text;
      return {};
    }
    for (const auto& [name, kind] : api::kOomKinds) {
      if (name == text) {
        event_.oom.kind = kind;
        seen_kind_ = true;
        return {};
      }
    }
    return Bad("kind", "'" + Shown(text, kMaxShown) + "' is none of " + Listed(api::kOomKinds));
  }

  Status TakeText(Field field, json::value& value, std::string_view& text) {
    if (value.get_string().get(text)) return Bad(Name(field), "must be a string");
    return {};
  }

  Status TakeFlag(Field field, json::value& value, bool& flag) {
    if (value.get_bool().get(flag)) return Bad(Name(field), "must be true or false");
    return {};
  }

  Status TakeEvent(json::value& value) {
    std::string_view text;
    if (const auto taken = TakeText(Field::kEvent, value, text); !taken) return taken;
    for (const auto& [name, kind] : kEvents) {
      if (name != text) continue;
      event_.kind = kind;
      seen_event_ = true;
      return {};
    }
    return Bad("event", "'" + Shown(text, kMaxShown) + "' is none of " + Listed(kEvents));
  }

  Status TakeTime(json::value& value) {
    seen_time_ = true;
    double seconds = 0;
    if (!value.get_double().get(seconds)) {
      if (!(seconds >= 0 && seconds < kMaxSeconds))
        return Bad("time", "not a time in Unix seconds; if milliseconds, divide by 1000");
      event_.time = TimePoint(Duration(std::llround(seconds * 1000)));
      return {};
    }
    std::string_view text;
    std::optional<TimePoint> time;
    if (!value.get_string().get(text)) time = api::ParseTime(text);
    if (!time) return Bad("time", "neither RFC 3339 nor Unix seconds");
    event_.time = *time;
    return {};
  }

  Status TakeNumber(Field field, json::value& value) {
    if (bool null = false; !value.is_null().get(null) && null) return {};
    double number = 0;
    if (value.get_double().get(number)) {
      return Bad(Name(field), "must be a number; leave out what is not known");
    }
    const bool bytes = field <= Field::kPeak;
    if (number >= 0 && number <= (bytes ? kMostBytes : kMaxNumber)) {
      SetNumber(field, number);
      return {};
    }
    const std::string shown = Written(value);
    if (!bytes) {
      return Bad(Name(field), shown + " is not between 0 and 9.2e18; leave out what is not known");
    }
    return Bad(Name(field), shown +
                                " is not an amount between 0 and 8 TiB (8796093022208 bytes); "
                                "leave out what is not known or has no bound");
  }

  void SetNumber(Field field, double number) {
    const Bytes bytes = Bytes::FromDouble(number);
    model::MemoryDigest& digest = event_.digest;
    switch (field) {
      case Field::kHardPeak:
        digest.hard_peak = bytes;
        hard_seen_ = true;
        break;
      case Field::kHardMean:
        digest.hard_mean = bytes;
        break;
      case Field::kSoftMean:
        digest.soft_mean = bytes;
        break;
      case Field::kRise:
        digest.rise = bytes;
        break;
      case Field::kSwap:
        digest.swap = bytes;
        break;
      case Field::kUsage:
        digest.usage = bytes;
        break;
      case Field::kWorkingSet:
        digest.working_set = event_.working_set = bytes;
        break;
      case Field::kKernelPeak:
        digest.kernel_peak = bytes;
        break;
      case Field::kLimit:
        digest.limit = event_.limit = event_.oom.limit = bytes;
        break;
      case Field::kRequest:
        event_.request = bytes;
        break;
      case Field::kHigh:
        digest.high = bytes;
        break;
      case Field::kPodLimit:
        digest.pod_limit = bytes;
        break;
      case Field::kPeak:
        event_.oom.peak = bytes;
        break;
      case Field::kWindowSeconds:
        window_seconds_ = number;
        break;
      case Field::kSamples:
        digest.samples = static_cast<std::uint32_t>(std::min(number, 4e9));
        break;
      case Field::kRefaults:
        digest.refaults = static_cast<std::uint64_t>(number);
        break;
      case Field::kPressureSome:
        pressure_some_ = Duration(bytes.count());
        break;
      case Field::kPressureFull:
        pressure_full_ = Duration(bytes.count());
        break;
      case Field::kContainerAge:
        event_.oom.container_age = Duration(Bytes::FromDouble(number * 1000).count());
        break;
      default:
        break;
    }
  }

  // Read in Finish(): the event's time may come after it.
  Status TakeStats(json::value& value) {
    json::object object;
    if (value.get_object().get(object) || object.raw_json().get(stats_))
      return Bad("stats", "must be an object, AllocatorStats as JSON");
    return {};
  }

  Result<AdviseEvent> Finish() {
    if (!seen_event_) return Bad("event", "missing; one of " + Listed(kEvents));
    if (!seen_time_) return Bad("time", "missing");
    if (event_.container.empty() && event_.kind != EventKind::kAdvise)
      return Bad("container", "missing or empty");
    if (event_.kind == EventKind::kOom && !seen_kind_) {
      return Bad("kind", "missing; an oom needs one of " + Listed(api::kOomKinds));
    }
    if (event_.kind == EventKind::kDigest && !hard_seen_ && !event_.working_set) {
      return Bad("hard_peak", "missing; a digest needs hard_peak or working_set");
    }
    if (event_.kind == EventKind::kRuntime) {
      if (stats_.empty()) return Bad("stats", "missing; AllocatorStats as JSON");
      auto stats = ParseStats(stats_, event_.time);
      if (!stats) return std::unexpected(stats.error());
      event_.runtime = std::move(*stats);
    }
    model::MemoryDigest& digest = event_.digest;
    if (digest.hard_mean == Bytes(0)) digest.hard_mean = digest.hard_peak;
    digest.samples = std::max(digest.samples, 1U);
    digest.window_end = event_.time;
    digest.window_start =
        event_.time - Duration(std::llround(std::min(window_seconds_, 1e9) * 1000));
    digest.urgent = window_seconds_ <= 1;
    event_.has_hard = hard_seen_;
    if (pressure_some_)
      digest.pressure = model::PressureDelta{*pressure_some_, pressure_full_.value_or(Duration(0))};
    event_.oom.time = event_.time;
    return event_;
  }

  json::parser parser_;
  std::unordered_map<std::string_view, Field> fields_;
  std::array<Field, static_cast<std::size_t>(Field::kCount) + 1> next_{};
  AdviseEvent event_;
  std::string_view stats_;  // as it stands in the line; empty: none
  double window_seconds_ = 300;
  std::optional<Duration> pressure_some_;
  std::optional<Duration> pressure_full_;
  bool seen_event_ = false;
  bool seen_time_ = false;
  bool seen_kind_ = false;
  bool hard_seen_ = false;
};

AdviseEventParser::AdviseEventParser() : impl_(std::make_unique<Impl>()) {}
AdviseEventParser::~AdviseEventParser() = default;

std::size_t AdviseEventParser::Padding() { return simdjson::SIMDJSON_PADDING; }

Result<AdviseEvent> AdviseEventParser::Parse(std::string_view line, std::size_t capacity) {
  return impl_->Parse(line, capacity);
}

}  // namespace plimsoll::cli
