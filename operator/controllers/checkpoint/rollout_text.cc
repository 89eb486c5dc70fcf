// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/checkpoint/rollout_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "operator/api/memory_checkpoint.h"
#include "operator/api/text.h"
#include "operator/controllers/checkpoint/known_kills_text.h"

namespace plimsoll::checkpoint {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxPods = 64;
// Of the text, for the ids of known kills: those of several hundred containers.
constexpr std::size_t kKnownKillsRoom = api::kMaxRolloutText / 2;

void Put(json& object, const char* key, const std::optional<TimePoint>& time) {
  if (time) object[key] = time->time_since_epoch().count();
}
void Put(json& object, const char* key, const std::optional<Bytes>& amount) {
  if (amount) object[key] = amount->count();
}

std::optional<TimePoint> TimeAt(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  return TimePoint(Duration(found->get<std::int64_t>()));
}
std::optional<Bytes> BytesAt(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  return Bytes(found->get<std::int64_t>());
}

// A message is a sentence; what a server adds to it is cut.
constexpr std::size_t kMaxReasonText = 256;

void Put(json& object, const char* key, const recommend::Reason& reason) {
  if (reason.code.empty()) return;
  object[key] = {{"code", reason.code}, {"message", api::FitText(reason.message, kMaxReasonText)}};
}

recommend::Reason ReasonAt(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  return {found->at("code").get<std::string>(), found->at("message").get<std::string>()};
}

// The object of that name; one without entries when there is none.
const json& Section(const json& object, const char* key) {
  static const json kNone = json::object();
  const auto found = object.find(key);
  if (found == object.end()) return kNone;
  (void)found->get_ref<const json::object_t&>();  // throws when it is no object
  return *found;
}

// A cut that was about to be sent: if the pod shows it, it was.
json WriteIntended(const rollout::Unanswered& intended) {
  json out = json::object();
  Put(out, "sent", std::optional(intended.sent));
  out["pod"] = intended.step.pod_name;
  Put(out, "why", intended.step.reason);
  for (const rollout::ContainerResize& resize : intended.step.resizes) {
    json& entry = out["resizes"][resize.container] = json::object();
    Put(entry, "request", resize.request);
    Put(entry, "limit", resize.limit);
    Put(entry, "fromRequest", resize.from_request);
    Put(entry, "fromLimit", resize.from_limit);
  }
  return out;
}

rollout::Unanswered ReadIntended(const json& in, const std::string& pod_uid) {
  rollout::Unanswered out{.step = {.kind = rollout::StepKind::kResize,
                                   .intent = rollout::Intent::kShrink,
                                   .pod_uid = pod_uid,
                                   .pod_name = in.value("pod", std::string()),
                                   .reason = ReasonAt(in, "why")},
                          .sent = TimeAt(in, "sent").value_or(TimePoint{})};
  for (const auto& [container, resize] : Section(in, "resizes").items()) {
    out.step.resizes.push_back({.container = container,
                                .request = BytesAt(resize, "request"),
                                .limit = BytesAt(resize, "limit"),
                                .from_request = BytesAt(resize, "fromRequest"),
                                .from_limit = BytesAt(resize, "fromLimit")});
  }
  return out;
}

json WritePod(const rollout::PodProgress& pod) {
  json out = json::object();
  Put(out, "patched", pod.patched);
  Put(out, "cut", pod.cut);
  Put(out, "refused", pod.refused);
  Put(out, "refusedWhy", pod.refused_why);
  Put(out, "rejected", pod.rejected);
  for (const auto& [container, tuned] : pod.tuned) {
    json& entry = out["tuned"][container] = json::object();
    entry["instance"] = tuned.instance;
    Put(entry, "time", std::optional(tuned.time));
    entry["settings"] = tuned.settings;
    if (!tuned.unanswered.empty()) {
      entry["unanswered"] = api::FitText(tuned.unanswered, kMaxReasonText);
    }
    if (!tuned.refused.empty()) entry["refused"] = api::FitText(tuned.refused, kMaxReasonText);
  }
  for (const auto& [container, wrote] : pod.wrote) {
    json& entry = out["wrote"][container] = json::object();
    Put(entry, "request", wrote.request);
    Put(entry, "limit", wrote.limit);
  }
  for (const rollout::Unanswered& intended : pod.unanswered) {
    if (intended.step.intent == rollout::Intent::kShrink) {
      out["intended"].push_back(WriteIntended(intended));
    }
  }
  return out;
}

rollout::PodProgress ReadPod(const json& in, const std::string& uid) {
  rollout::PodProgress pod{.patched = TimeAt(in, "patched"),
                           .cut = TimeAt(in, "cut"),
                           .refused = TimeAt(in, "refused"),
                           .rejected = TimeAt(in, "rejected")};
  pod.refused_why = ReasonAt(in, "refusedWhy");
  for (const auto& [container, tuned] : Section(in, "tuned").items()) {
    pod.tuned[container] = {.instance = tuned.at("instance").get<std::string>(),
                            .time = TimeAt(tuned, "time").value_or(TimePoint{}),
                            .settings = tuned.at("settings").get<std::map<std::string, double>>(),
                            .unanswered = tuned.value("unanswered", std::string()),
                            .refused = tuned.value("refused", std::string())};
  }
  for (const auto& [container, wrote] : Section(in, "wrote").items()) {
    pod.wrote[container] = {BytesAt(wrote, "request"), BytesAt(wrote, "limit")};
  }
  if (const auto intended = in.find("intended"); intended != in.end()) {
    for (const json& one : intended->get_ref<const json::array_t&>()) {
      pod.unanswered.push_back(ReadIntended(one, uid));
    }
  }
  return pod;
}

json WriteKills(const fleet::Kills& kills) {
  json out = json::object();
  if (kills.last) {
    json& last =
        out["last"] = {{"id", kills.last->id}, {"kind", static_cast<int>(kills.last->kind)}};
    Put(last, "time", std::optional(kills.last->time));
    Put(last, "limit", kills.last->limit);
    Put(last, "peak", kills.last->peak);
    if (kills.last->by_pod_status) last["byPodStatus"] = true;
  }
  if (kills.last_at_limit) {
    json& last = out["atLimit"] = json::object();
    Put(last, "time", std::optional(kills.last_at_limit->time));
    Put(last, "limit", kills.last_at_limit->limit);
  }
  Put(out, "podSlice", kills.last_pod_slice);
  return out;
}

fleet::Kills ReadKills(const json& in) {
  fleet::Kills kills;
  if (const auto last = in.find("last"); last != in.end()) {
    const int kind = last->value("kind", 0);
    kills.last = model::OomEvent{.id = last->value("id", std::string()),
                                 .kind = static_cast<model::OomKind>(std::clamp(
                                     kind, 0, static_cast<int>(model::OomKind::kRuntimeOom))),
                                 .time = TimeAt(*last, "time").value_or(TimePoint{}),
                                 .limit = BytesAt(*last, "limit"),
                                 .peak = BytesAt(*last, "peak"),
                                 .victim = {},
                                 .container_age = {},
                                 .by_pod_status = last->value("byPodStatus", false)};
  }
  if (const auto at_limit = in.find("atLimit"); at_limit != in.end()) {
    kills.last_at_limit = rollout::OomSeen{.time = TimeAt(*at_limit, "time").value_or(TimePoint{}),
                                           .limit = BytesAt(*at_limit, "limit")};
  }
  kills.last_pod_slice = TimeAt(in, "podSlice");
  if (const auto known = in.find("known"); known != in.end()) kills.known = ReadKnownKills(*known);
  return kills;
}

// By container. `room` is for the known ones of all, and divided evenly.
json WriteKillsOfAll(const std::map<std::string, fleet::Kills>& kills, std::size_t room) {
  json out = json::object();
  const auto sharing = std::ranges::count_if(
      kills, [](const auto& entry) { return !entry.second.known.runs().empty(); });
  for (const auto& [container, of_one] : kills) {
    json written = WriteKills(of_one);
    if (sharing > 0) {
      json known = WriteKnownKills(of_one.known, room / static_cast<std::size_t>(sharing));
      if (!known.empty()) written["known"] = std::move(known);
    }
    if (!written.empty()) out[container] = std::move(written);
  }
  return out;
}

// When memory was last taken from it, or something was refused; the epoch: never.
TimePoint LastTrouble(const rollout::PodProgress& pod) {
  return std::max({pod.refused.value_or(TimePoint{}), pod.rejected.value_or(TimePoint{}),
                   pod.cut.value_or(TimePoint{})});
}

using PodEntry = std::pair<const std::string, rollout::PodProgress>;

// Most important first. What was sent, or is about to be, and has no answer: who comes after us
// must know. Then what was cut or refused, the newest first, then what was patched.
std::vector<const PodEntry*> ByImportance(const rollout::Progress& progress) {
  std::vector<const PodEntry*> pods;
  pods.reserve(progress.pods.size());
  for (const PodEntry& entry : progress.pods) pods.push_back(&entry);
  std::ranges::sort(pods, std::greater<>(), [](const PodEntry* entry) {
    const rollout::PodProgress& pod = entry->second;
    return std::tuple(!pod.unanswered.empty(), LastTrouble(pod), pod.patched.value_or(TimePoint{}));
  });
  return pods;
}

bool Matters(const PodEntry* entry) {
  return !entry->second.unanswered.empty() || LastTrouble(entry->second) != TimePoint{};
}

json WriteProgress(const rollout::Progress& progress, std::span<const PodEntry* const> pods) {
  json out = json::object();
  for (const auto& [container, cut] : progress.last_cut) {
    json& entry = out["lastCut"][container] = json::object();
    Put(entry, "time", std::optional(cut.time));
    Put(entry, "from", std::optional(cut.from));
    Put(entry, "to", std::optional(cut.to));
  }
  for (const auto& [container, time] : progress.last_raise) {
    out["lastRaise"][container] = time.time_since_epoch().count();
  }
  Put(out, "holdUntil", progress.hold_until);
  if (progress.hold_length) out["holdMilliseconds"] = progress.hold_length->count();

  for (const PodEntry* entry : pods) out["pods"][entry->first] = WritePod(entry->second);
  return out;
}

Remembered Read(const json& in) {
  (void)in.get_ref<const json::object_t&>();  // throws when it is no object
  Remembered out;
  rollout::Progress& progress = out.progress;
  for (const auto& [container, cut] : Section(in, "lastCut").items()) {
    progress.last_cut[container] = {.time = TimeAt(cut, "time").value_or(TimePoint{}),
                                    .from = BytesAt(cut, "from").value_or(Bytes(0)),
                                    .to = BytesAt(cut, "to").value_or(Bytes(0))};
  }
  for (const auto& [container, time] : Section(in, "lastRaise").items()) {
    progress.last_raise[container] = TimePoint(Duration(time.get<std::int64_t>()));
  }
  progress.hold_until = TimeAt(in, "holdUntil");
  if (const auto length = in.find("holdMilliseconds"); length != in.end()) {
    progress.hold_length = Duration(length->get<std::int64_t>());
  }
  for (const auto& [uid, pod] : Section(in, "pods").items()) {
    progress.pods[uid] = ReadPod(pod, uid);
  }
  for (const auto& [container, kills] : Section(in, "kills").items()) {
    out.kills[container] = ReadKills(kills);
  }
  return out;
}

// What must be kept of very many containers goes first.
std::size_t RoomForKnownKills(const Remembered& remembered) {
  const std::size_t rest = WriteProgress(remembered.progress, {}).dump().size() +
                           WriteKillsOfAll(remembered.kills, 0).dump().size() + 16;
  return std::min(kKnownKillsRoom, api::kMaxRolloutText - std::min(api::kMaxRolloutText, rest));
}

}  // namespace

RememberedText WriteRemembered(const Remembered& remembered) {
  const std::vector<const PodEntry*> pods = ByImportance(remembered.progress);
  const json kills = WriteKillsOfAll(remembered.kills, RoomForKnownKills(remembered));
  for (std::size_t kept = std::min(pods.size(), kMaxPods);; kept -= kept / 8 + 1) {
    json out = WriteProgress(remembered.progress, std::span(pods).first(kept));
    if (!kills.empty()) out["kills"] = kills;
    std::string text = out.empty() ? std::string() : out.dump();
    if (text.size() > api::kMaxRolloutText && kept > 0) continue;
    const auto left_out = std::ranges::count_if(std::span(pods).subspan(kept), Matters);
    return {.text = std::move(text), .pods_left_out = static_cast<std::size_t>(left_out)};
  }
}

Result<Remembered> ReadRemembered(std::string_view text) {
  if (text.empty()) return Remembered{};
  try {
    return Read(json::parse(text));
  } catch (const json::exception& problem) {
    return Fail(ErrorCode::kInvalid, std::string("status.rollout: ") + problem.what());
  }
}

}  // namespace plimsoll::checkpoint
