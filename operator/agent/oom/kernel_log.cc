// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/kernel_log.h"

#include <fcntl.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include "operator/agent/base/small_file.h"

namespace plimsoll::agent {
namespace {

constexpr std::size_t kMostLines = 2000;
// syslog(2)'s actions have no names in a header of the C library.
constexpr int kReadAll = 3;
constexpr int kSizeOfBuffer = 10;

Result<std::uint64_t> Number(std::string_view& text, char end) {
  std::uint64_t value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::size_t used = static_cast<std::size_t>(at - text.data());
  if (error != std::errc() || used >= text.size() || *at != end) {
    return Fail(ErrorCode::kInvalid, "not a kernel log record");
  }
  text.remove_prefix(used + 1);
  return value;
}

// "[   T42] text", "[    C0] text": kernels with CONFIG_PRINTK_CALLER say which thread or processor
// wrote the line. (Records of /dev/kmsg have it before the text.)
std::string_view WithoutCaller(std::string_view text) {
  std::string_view rest = text;
  if (!rest.starts_with('[')) return text;
  rest.remove_prefix(std::min(rest.find_first_not_of(' ', 1), rest.size()));
  if (!rest.starts_with('T') && !rest.starts_with('C')) return text;
  rest.remove_prefix(1);
  if (!Number(rest, ']')) return text;
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  return rest;
}

class Kmsg final : public KernelLog {
 public:
  explicit Kmsg(Fd fd) : fd_(std::move(fd)) {}

  std::vector<KernelLine> ReadNew() override {
    std::vector<KernelLine> lines;
    std::array<char, 8192> record;
    while (lines.size() < kMostLines) {
      const ssize_t got = ::read(fd_.get(), record.data(), record.size());
      // EPIPE: records were overwritten before we came; the next read goes on after them.
      if (got < 0 && (errno == EPIPE || errno == EINTR || errno == EINVAL)) continue;
      if (got <= 0) break;
      Result<KernelLine> line =
          ParseKmsgRecord(std::string_view(record.data(), static_cast<std::size_t>(got)));
      if (line) lines.push_back(*std::move(line));
    }
    return lines;
  }
  int fd() const override { return fd_.get(); }

 private:
  Fd fd_;
};

class Syslog final : public KernelLog {
 public:
  std::vector<KernelLine> ReadNew() override {
    // The last 64 KiB usually hold all that is new; if not, everything.
    constexpr std::size_t kTail = 64 * 1024;
    std::vector<KernelLine> lines = ReadTail(kTail);
    const bool reaches_back = !lines.empty() && lines.front().usec <= last_usec_;
    if (!reaches_back) {
      const int size = ::klogctl(kSizeOfBuffer, nullptr, 0);
      if (size > 0 && static_cast<std::size_t>(size) > kTail) {
        lines = ReadTail(static_cast<std::size_t>(size));
      }
    }
    std::erase_if(lines, [this](const KernelLine& line) { return line.usec <= last_usec_; });
    if (!lines.empty()) last_usec_ = lines.back().usec;
    return lines;
  }
  int fd() const override { return -1; }

 private:
  [[nodiscard]] static std::vector<KernelLine> ReadTail(std::size_t bytes) {
    std::vector<KernelLine> lines;
    std::string buffer(bytes, '\0');
    const int got = ::klogctl(kReadAll, buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return lines;
    std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (Result<KernelLine> line = ParseSyslogLine(text.substr(0, end))) {
        lines.push_back(*std::move(line));
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
  }
  std::uint64_t last_usec_ = 0;
};

}  // namespace

Result<KernelLine> ParseKmsgRecord(std::string_view record) {
  const std::string_view whole = record;
  const Result<std::uint64_t> priority = Number(record, ',');
  if (!priority) return std::unexpected(priority.error());
  const Result<std::uint64_t> sequence = Number(record, ',');
  if (!sequence) return std::unexpected(sequence.error());
  const Result<std::uint64_t> usec = Number(record, ',');
  if (!usec) return std::unexpected(usec.error());
  // Facility 0 is the kernel; anybody with CAP_SYSLOG may write as another.
  if ((*priority >> 3) != 0) return Fail(ErrorCode::kNotFound, "not of the kernel");
  const std::size_t text_at = whole.find(';');
  if (text_at == std::string_view::npos) return Fail(ErrorCode::kInvalid, "no text in the record");
  std::string_view text = whole.substr(text_at + 1);
  text = text.substr(0, text.find('\n'));
  return KernelLine{*usec, std::string(text)};
}

Result<KernelLine> ParseSyslogLine(std::string_view line) {
  if (line.starts_with('<')) {
    line.remove_prefix(1);
    const Result<std::uint64_t> priority = Number(line, '>');
    if (!priority) return std::unexpected(priority.error());
    if ((*priority >> 3) != 0) return Fail(ErrorCode::kNotFound, "not of the kernel");
  }
  if (!line.starts_with('[')) return Fail(ErrorCode::kInvalid, "no time in the line");
  line.remove_prefix(1);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const Result<std::uint64_t> seconds = Number(line, '.');
  if (!seconds) return std::unexpected(seconds.error());
  const Result<std::uint64_t> micros = Number(line, ']');
  if (!micros) return std::unexpected(micros.error());
  if (line.starts_with(' ')) line.remove_prefix(1);
  line = WithoutCaller(line);
  return KernelLine{*seconds * 1'000'000 + *micros, std::string(line)};
}

TimePoint WallOfKernelTime(std::uint64_t usec) {
  // printk's clock runs with CLOCK_MONOTONIC.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto since_boot = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now() - since_boot +
                                                std::chrono::microseconds(usec));
}

Result<std::unique_ptr<KernelLog>> KernelLog::Open(const std::string& kmsg) {
  Fd fd(::open(kmsg.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (fd.valid()) return std::unique_ptr<KernelLog>(std::make_unique<Kmsg>(std::move(fd)));
  const Error kmsg_error = FromErrno(errno, kmsg);
  std::array<char, 256> probe;
  if (::klogctl(kReadAll, probe.data(), static_cast<int>(probe.size())) >= 0) {
    return std::unique_ptr<KernelLog>(std::make_unique<Syslog>());
  }
  return Fail(ErrorCode::kForbidden, kmsg_error.message() + "; syslog(2): " + std::strerror(errno) +
                                         "; add the capability SYSLOG");
}

}  // namespace plimsoll::agent
