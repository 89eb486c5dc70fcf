// SPDX-License-Identifier: Apache-2.0
//
// The state behind `advise`: one engine per container, told every event, asked at every `advise`.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "advisor/base/result.h"
#include "advisor/replay/engines.h"
#include "operator/cli/advise_event.h"

namespace plimsoll::cli {

struct AdviserOptions {
  std::string engine = "lease";
  model::Policy policy{};
  model::Guard guard{};
  bool equal = false;  // request = limit
};

class Adviser {
 public:
  static constexpr std::size_t kMaxContainers = 1'000'000;

  // kInvalid when there is no such engine.
  [[nodiscard]] static Result<Adviser> Make(AdviserOptions options);

  // Takes the event; an `advise` appends its lines of JSON to `out`.
  [[nodiscard]] Status Take(const AdviseEvent& event, std::string& out);

 private:
  struct Container {
    std::unique_ptr<replay::Engine> engine;
    std::optional<Bytes> request{};
    std::optional<Bytes> limit{};
    std::optional<TimePoint> started{};
    bool batch = false;  // of a Job or a CronJob
    TimePoint first{};
  };

  explicit Adviser(AdviserOptions options) : options_(std::move(options)) {}
  [[nodiscard]] Result<Container*> Find(const AdviseEvent& event);
  void Observe(Container& container, const AdviseEvent& event);
  void Answer(const std::string& name, Container& container, TimePoint now, std::string& out);

  AdviserOptions options_;
  std::map<std::string, Container, std::less<>> containers_;
  std::map<std::string, Container, std::less<>>::iterator last_{};
  bool has_last_ = false;
};

}  // namespace plimsoll::cli
