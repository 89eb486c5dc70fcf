// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <utility>

#include "operator/kube/wire/json_members.h"
#include "operator/kube/wire/list_reader.h"

namespace plimsoll::kube::wire {
namespace {

// The shell is the list without its items: {"kind":…,"metadata":{…},"items":[]}. It is parsed at
// the end; the items go by one at a time.
class JsonListReader final : public ListReader {
 public:
  JsonListReader(std::size_t max_item, OnItem on_item)
      : max_item_(max_item), on_item_(std::move(on_item)) {}

  Status Feed(std::string_view chunk) override {
    for (const char c : chunk) {
      if (const Status status = Step(c); !status) return status;
    }
    return {};
  }

  Result<ListMeta> Finish() override {
    if (depth_.depth() != 0 || shell_.empty()) {
      return Fail(ErrorCode::kRetryable, "the list was cut off");
    }
    const Result<nlohmann::json> shell = ParseJson(shell_);
    if (!shell) return std::unexpected(shell.error().Context("list"));
    const auto text = [&](const char* pointer) {
      const nlohmann::json::json_pointer at(pointer);
      return shell->contains(at) && shell->at(at).is_string() ? shell->at(at).get<std::string>()
                                                              : std::string();
    };
    ListMeta meta{text("/metadata/resourceVersion"), text("/metadata/continue")};
    if (meta.resource_version.empty()) {
      return Fail(ErrorCode::kInvalid, "the list has no metadata.resourceVersion");
    }
    return meta;
  }

 private:
  Status Step(char c) {
    const int before = depth_.depth();
    const int after = depth_.Step(c);
    if (in_items_ && after < 2) in_items_ = false;
    if (!in_items_) {
      shell_ += c;
      if (shell_.size() > max_item_) return TooLarge("the list's head");
      if (before == 1 && after == 2 && c == '[') in_items_ = AfterItemsKey();
      return {};
    }
    if (after == 2 && before == 2 && !depth_.in_string()) return {};  // commas, space
    item_ += c;
    if (item_.size() > max_item_) return TooLarge("an item");
    if (after != 2 || depth_.in_string()) return {};
    const Status status = on_item_(item_);
    item_.clear();
    return status;
  }

  // shell_ ends with: "items" : [
  [[nodiscard]] bool AfterItemsKey() const {
    std::string_view text(shell_);
    text.remove_suffix(1);
    const auto trim = [&text] {
      while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\t' ||
                               text.back() == '\r')) {
        text.remove_suffix(1);
      }
    };
    trim();
    if (!text.ends_with(':')) return false;
    text.remove_suffix(1);
    trim();
    return text.ends_with("\"items\"");
  }

  [[nodiscard]] std::unexpected<Error> TooLarge(const char* what) const {
    return Fail(ErrorCode::kInvalid, std::string(what) + " is over the bound of " +
                                         std::to_string(max_item_) + " bytes");
  }

  const std::size_t max_item_;
  const OnItem on_item_;
  JsonDepth depth_;
  bool in_items_ = false;
  std::string shell_;
  std::string item_;
};

}  // namespace

std::unique_ptr<ListReader> MakeJsonListReader(std::size_t max_item, ListReader::OnItem on_item) {
  return std::make_unique<JsonListReader>(max_item, std::move(on_item));
}

}  // namespace plimsoll::kube::wire
