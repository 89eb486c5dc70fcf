// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/collectors/stats_check.h"

#include <google/protobuf/descriptor.h>

#include <cmath>

#include "operator/agent/cgroup/parse.h"

namespace plimsoll::agent {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMostEntries = 256;
constexpr std::size_t kLongestText = 256;

// Counters of bytes grow beyond any memory's size; these are the only ones.
bool IsByteCounter(const std::string& name) { return name.ends_with("_total"); }

// GOGC=off is -1, a limit that is off has no number; anything else is not negative.
bool NumberIsSound(const FieldDescriptor& field, double value) {
  return std::isfinite(value) && (value >= 0 || field.name() == "number");
}

std::optional<std::string> Check(const Message& message, const std::string& path) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string name = path + field->name();
    if (field->is_repeated()) {
      const int size = reflection.FieldSize(message, field);
      if (size > kMostEntries) return name + " has " + std::to_string(size) + " entries";
      for (int i = 0; i < size; ++i) {
        if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
        const Message& entry = reflection.GetRepeatedMessage(message, field, i);
        if (auto complaint = Check(entry, name + "[" + std::to_string(i) + "].")) return complaint;
      }
      continue;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (auto complaint = Check(reflection.GetMessage(message, field), name + ".")) {
          return complaint;
        }
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        if (reflection.GetString(message, field).size() > kLongestText) {
          return name + " is longer than 256 characters";
        }
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (!NumberIsSound(*field, reflection.GetDouble(message, field))) {
          return name + " is not a sound number";
        }
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        if (!IsByteCounter(field->name()) && !field->name().ends_with("_unix_nano") &&
            reflection.GetUInt64(message, field) > kMaxBytes) {
          return name + " is absurd";
        }
        break;
      default:
        break;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Complaint(const v1::AllocatorStats& stats) {
  // From 2000 to 2100.
  constexpr std::uint64_t kFirst = 946'684'800'000'000'000;
  constexpr std::uint64_t kLast = 4'102'444'800'000'000'000;
  const std::uint64_t start = stats.start_time_unix_nano();
  if (start < kFirst || start > kLast) return "start_time_unix_nano is missing or absurd";
  return Check(stats, "");
}

std::optional<std::string> Complaint(const v1::TuneReply& reply) { return Check(reply, ""); }

}  // namespace plimsoll::agent
