// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/sink_gate.h"

#include <utility>

namespace plimsoll::kube {
namespace {

thread_local bool calling = false;

class Call {
 public:
  Call() { calling = true; }
  ~Call() { calling = false; }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
};

}  // namespace

bool SinkGate::IsCalling() { return calling; }

Status SinkGate::Head(const HttpHead& head) {
  const std::lock_guard lock(mutex_);
  const Call call;
  Status status = sink_->OnHead(head);
  if (status && !early_.empty()) status = sink_->OnBody(early_);
  early_ = {};
  head_seen_ = true;
  return Remember(std::move(status));
}

Status SinkGate::Body(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (sink_ == nullptr) return Fail(ErrorCode::kCanceled, "the exchange has ended");
  if (!head_seen_) {
    early_.append(bytes);
    return {};
  }
  const Call call;
  return Remember(sink_->OnBody(bytes));
}

void SinkGate::Close() {
  const std::lock_guard lock(mutex_);
  sink_ = nullptr;
}

std::optional<Error> SinkGate::refused() {
  const std::lock_guard lock(mutex_);
  return refused_;
}

Status SinkGate::Remember(Status status) {
  if (!status && !refused_) refused_ = status.error();
  return status;
}

}  // namespace plimsoll::kube
