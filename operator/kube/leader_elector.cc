// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/leader_elector.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include "operator/kube/lease.h"
#include "operator/kube/resources.h"
#include "operator/kube/rfc3339.h"

namespace plimsoll::kube {
namespace {

// Until when we may write, on our own monotonic clock. Shared with the fences that were given out.
class Tenure {
 public:
  // The client owns the clock; a fence may outlive the elector.
  explicit Tenure(std::shared_ptr<Client> client) : client_(std::move(client)) {}
  void ExtendTo(Instant until) { until_.store(until.time_since_epoch().count()); }
  void End() { until_.store(0); }
  [[nodiscard]] bool Holds() const {
    return client_->clock().Monotonic().time_since_epoch().count() < until_.load();
  }

 private:
  const std::shared_ptr<Client> client_;
  std::atomic<std::int64_t> until_ = 0;
};

}  // namespace

class LeaderElector::Impl {
 public:
  Impl(std::unique_ptr<Client> client, LeaderElectionOptions options)
      : client_(std::move(client)),
        options_(std::move(options)),
        clock_(client_->clock()),
        tenure_(std::make_shared<Tenure>(client_)) {}

  Status Run(std::stop_token stop);
  bool IsLeader() const { return tenure_->Holds(); }
  std::string leader() const {
    const std::lock_guard lock(mutex_);
    return leader_;
  }
  WriteFence Fence() const {
    return [tenure = tenure_]() -> Status {
      if (tenure->Holds()) return {};
      return Fail(ErrorCode::kCanceled, "this replica does not hold the leader's lease");
    };
  }

 private:
  [[nodiscard]] Status Compete(std::stop_token stop);
  [[nodiscard]] Status Lead(std::stop_token stop);
  [[nodiscard]] Status TryAcquireOrRenew(std::stop_token stop);
  [[nodiscard]] Result<LeaseRecord> Read(std::stop_token stop);
  [[nodiscard]] Status Write(LeaseRecord record, Instant started, std::stop_token stop);
  void Observe(const LeaseRecord& record);
  void Release();
  void Report(const Error& error) const {
    if (options_.on_error) options_.on_error(error);
  }
  [[nodiscard]] Duration LongestPause() const {
    return options_.retry_period + options_.retry_period / 5;
  }
  [[nodiscard]] Duration RetryPause();
  // From when on the record that we know counts as given up. Who never saw it renewed came after
  // its holder's death, or just now, and lets those who did go first: they are warm.
  [[nodiscard]] Instant TakeableAt() const {
    return observed_at_ + observed_->duration + (saw_renewal_ ? Duration::zero() : LongestPause());
  }

  const std::shared_ptr<Client> client_;
  const LeaderElectionOptions options_;
  const Clock& clock_;
  const std::shared_ptr<Tenure> tenure_;
  std::mt19937_64 random_{std::random_device()()};

  std::optional<LeaseRecord> observed_;
  Instant observed_at_{};
  bool saw_renewal_ = false;  // the record changed while we looked on

  mutable std::mutex mutex_;
  std::string leader_;
};

Status LeaderElector::Impl::Run(std::stop_token stop) {
  if (const Status won = Compete(stop); !won) return {};  // stopped before we ever led
  if (options_.on_leading) options_.on_leading();
  Status kept = Lead(stop);
  tenure_->End();
  if (options_.on_lost) options_.on_lost();
  if (stop.stop_requested()) {
    if (options_.release_on_stop) Release();
    return {};
  }
  return kept;
}

Status LeaderElector::Impl::Compete(std::stop_token stop) {
  while (true) {
    const Status acquired = TryAcquireOrRenew(stop);
    if (acquired) return {};
    if (acquired.error().code() != ErrorCode::kConflict) Report(acquired.error());
    if (!clock_.SleepFor(RetryPause(), stop)) return Fail(ErrorCode::kCanceled, "stopped");
  }
}

// Not later than the lease ends: a standby that slept past it would leave nobody leading meanwhile.
Duration LeaderElector::Impl::RetryPause() {
  std::uniform_int_distribution<std::int64_t> extra(
      0, (LongestPause() - options_.retry_period).count());
  const Duration pause = options_.retry_period + Duration(extra(random_));
  if (!observed_ || observed_->holder.empty()) return pause;
  const Duration left = TakeableAt() - clock_.Monotonic();
  return left > Duration::zero() ? std::min(pause, left) : pause;
}

Status LeaderElector::Impl::Lead(std::stop_token stop) {
  Instant renewed = clock_.Monotonic();
  while (clock_.SleepFor(options_.retry_period, stop)) {
    const Status kept = TryAcquireOrRenew(stop);
    if (kept) {
      renewed = clock_.Monotonic();
      continue;
    }
    Report(kept.error());
    const bool taken = observed_ && observed_->holder != options_.identity;
    if (taken || clock_.Monotonic() - renewed >= options_.renew_deadline) {
      return Fail(ErrorCode::kCanceled,
                  "lost the lease " + options_.ns + "/" + options_.name + ": " +
                      (taken ? "now held by " + observed_->holder : kept.error().message()));
    }
  }
  return {};
}

// kConflict while somebody else holds it.
Status LeaderElector::Impl::TryAcquireOrRenew(std::stop_token stop) {
  const Instant started = clock_.Monotonic();
  // The fast path: we wrote it last, so write it again without reading.
  if (IsLeader() && observed_ && observed_->holder == options_.identity) {
    const Status renewed = Write(*observed_, started, stop);
    if (renewed || renewed.error().code() != ErrorCode::kConflict) return renewed;
  }
  const Result<LeaseRecord> record = Read(stop);
  if (!record && record.error().code() == ErrorCode::kNotFound) return Write({}, started, stop);
  if (!record) return std::unexpected(record.error());
  const bool held_by_other = !record->holder.empty() && record->holder != options_.identity;
  if (held_by_other && clock_.Monotonic() < TakeableAt()) {
    return Fail(ErrorCode::kConflict, "the lease is held by " + record->holder);
  }
  return Write(*record, started, stop);
}

Result<LeaseRecord> LeaderElector::Impl::Read(std::stop_token stop) {
  const Result<nlohmann::json> object =
      client_->Get(kLeases, {options_.ns, options_.name}, std::move(stop));
  if (!object) return std::unexpected(object.error());
  Result<LeaseRecord> record = LeaseFromJson(*object);
  if (record) Observe(*record);
  return record;
}

// Conditional on the version of `record`: of two that try, the server lets one.
Status LeaderElector::Impl::Write(LeaseRecord record, Instant started, std::stop_token stop) {
  const std::string now = FormatMicroTime(clock_.Now());
  if (record.holder != options_.identity) {
    if (!record.resource_version.empty()) ++record.transitions;
    record.acquire_time = now;
    record.holder = options_.identity;
  }
  record.renew_time = now;
  record.duration = options_.lease_duration;
  const nlohmann::json object = LeaseToJson(options_.ns, options_.name, record);
  const WriteOptions options{.subresource = {}, .field_manager = {}, .stop = std::move(stop)};
  const Result<nlohmann::json> answer =
      record.resource_version.empty()
          ? client_->Create(kLeases, options_.ns, object, options)
          : client_->Update(kLeases, {options_.ns, options_.name}, object, options);
  if (!answer) return std::unexpected(answer.error());
  const Result<LeaseRecord> written = LeaseFromJson(*answer);
  if (!written) return std::unexpected(written.error());
  Observe(*written);
  // Counted from before the request: others count from when they see it, which is later.
  tenure_->ExtendTo(started + options_.renew_deadline);
  return {};
}

void LeaderElector::Impl::Observe(const LeaseRecord& record) {
  if (observed_ && *observed_ == record) return;
  saw_renewal_ = observed_.has_value();
  observed_at_ = clock_.Monotonic();
  observed_ = record;
  {
    const std::lock_guard lock(mutex_);
    if (leader_ == record.holder) return;
    leader_ = record.holder;
  }
  if (options_.on_new_leader && !record.holder.empty()) options_.on_new_leader(record.holder);
}

// A stop cuts a renewal off wherever it is, so the server may hold a newer record of ours than the
// one we know: a conflict is answered by reading it. The bound is for a renewal still on its way.
void LeaderElector::Impl::Release() {
  for (int tries = 0; tries < 3; ++tries) {
    if (!observed_ || observed_->holder != options_.identity) return;
    LeaseRecord record = *observed_;
    record.holder.clear();
    record.duration = std::chrono::seconds(1);
    record.renew_time = FormatMicroTime(clock_.Now());
    const Result<nlohmann::json> answer = client_->Update(
        kLeases, {options_.ns, options_.name}, LeaseToJson(options_.ns, options_.name, record));
    if (answer) return;
    if (answer.error().code() != ErrorCode::kConflict) {
      return Report(answer.error().Context("releasing the lease"));
    }
    const Result<LeaseRecord> newest = Read({});
    if (!newest) return Report(newest.error().Context("releasing the lease"));
  }
}

LeaderElector::LeaderElector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LeaderElector::~LeaderElector() = default;

Result<std::unique_ptr<LeaderElector>> LeaderElector::Create(std::unique_ptr<Client> client,
                                                             LeaderElectionOptions options) {
  if (options.name.empty() || options.ns.empty() || options.identity.empty()) {
    return Fail(ErrorCode::kInvalid, "leader election needs ns, name and identity");
  }
  const bool ordered = options.lease_duration > options.renew_deadline &&
                       options.renew_deadline * 10 > options.retry_period * 12 &&
                       options.retry_period > Duration::zero();
  if (!ordered) {
    return Fail(ErrorCode::kInvalid,
                "leader election: lease_duration > renew_deadline > 1.2 * retry_period must hold");
  }
  return std::unique_ptr<LeaderElector>(
      new LeaderElector(std::make_unique<Impl>(std::move(client), std::move(options))));
}

Status LeaderElector::Run(std::stop_token stop) { return impl_->Run(std::move(stop)); }
bool LeaderElector::IsLeader() const { return impl_->IsLeader(); }
std::string LeaderElector::leader() const { return impl_->leader(); }
WriteFence LeaderElector::Fence() const { return impl_->Fence(); }

std::string MakeIdentity() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::random_device random;
  std::string identity = std::string(host.data()) + "_";
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int i = 0; i < 16; ++i) identity += kHex[random() & 15];
  return identity;
}

}  // namespace plimsoll::kube
