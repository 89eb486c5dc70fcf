// SPDX-License-Identifier: Apache-2.0
//
// The state behind `advise`: one engine per container, told every event, asked at every `advise`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "advisor/base/result.h"
#include "advisor/replay/engines.h"
#include "operator/cli/advise_event.h"

namespace plimsoll::cli {

struct AdviserOptions {
  std::string engine = "lease";
  // What is allowed to the container of this name; asked once for each.
  std::function<model::Policy(std::string_view name)> policy = [](std::string_view) {
    return model::Policy();
  };
  model::Guard guard{};
  bool equal = false;  // request = limit
  // Times after what this says are told of; asked only for events later than all it said before.
  std::function<TimePoint()> latest = [] { return TimePoint::max(); };
};

class Adviser {
 public:
  static constexpr std::size_t kMaxContainers = 1'000'000;

  // kInvalid when there is no such engine.
  [[nodiscard]] static Result<Adviser> Make(AdviserOptions options);

  // Takes the event; an `advise` appends its lines of JSON to `out`. In `remark`, which is left
  // empty otherwise, field and remedy where the event's time can hardly be meant; told once for
  // each container and kind of fault, the event is taken all the same (but a digest of time 0).
  [[nodiscard]] Status Take(const AdviseEvent& event, std::string& out, std::string& remark);

 private:
  struct Container;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>()(name);
    }
  };
  using Containers = std::unordered_map<std::string, Container, Hash, std::equal_to<>>;

  struct Container {
    std::unique_ptr<replay::Engine> engine;
    model::Policy policy{};
    std::optional<Bytes> request{};
    std::optional<Bytes> limit{};
    std::optional<TimePoint> started{};
    bool batch = false;    // of a Job or a CronJob
    bool no_hard = false;  // a digest told a working set alone
    TimePoint first{};
    TimePoint last{};
    bool told_back = false;  // that its time ran back
    bool told_ahead = false;
    bool told_zero = false;
    Containers::value_type* next = nullptr;  // whose event followed this one's the last time
  };

  explicit Adviser(AdviserOptions options) : options_(std::move(options)) {}
  [[nodiscard]] Result<Container*> Find(const AdviseEvent& event);
  [[nodiscard]] Result<Containers::value_type*> Add(const AdviseEvent& event);
  void Observe(Container& container, const AdviseEvent& event);
  void CheckTime(Container& container, const AdviseEvent& event, std::string& remark);
  void AnswerAll(TimePoint now, std::string& out);
  void Answer(const std::string& name, Container& container, TimePoint now, std::string& out);

  AdviserOptions options_;
  Containers containers_;
  Containers::value_type* last_ = nullptr;  // whose event was the last
  TimePoint latest_{};                      // as options_.latest said it last
};

}  // namespace plimsoll::cli
