// SPDX-License-Identifier: Apache-2.0
#include "operator/web/metric_page.h"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <vector>

namespace plimsoll::web {

prometheus::ClientMetric& MetricPage::Add(prometheus::MetricType type, std::string_view name,
                                          std::string_view help, Labels labels) {
  prometheus::MetricFamily& family = families_[std::string(name)];
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  for (const auto& [key, value] : labels) {
    metric.label.push_back({std::string(key), std::string(value)});
  }
  return metric;
}

void MetricPage::Gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  Add(prometheus::MetricType::Gauge, name, help, labels).gauge.value = value;
}

void MetricPage::Counter(std::string_view name, std::string_view help, double value,
                         Labels labels) {
  Add(prometheus::MetricType::Counter, name, help, labels).counter.value = value;
}

void MetricPage::Histogram(std::string_view name, std::string_view help,
                           const prometheus::Histogram& histogram, Labels labels) {
  Add(prometheus::MetricType::Histogram, name, help, labels).histogram =
      histogram.Collect().histogram;
}

std::string MetricPage::Text() const {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(families_.size());
  for (const auto& [name, family] : families_) families.push_back(family);
  return prometheus::TextSerializer().Serialize(families);
}

void AddProcess(MetricPage& page) {
  std::ifstream statm("/proc/self/statm");
  long pages = 0;
  long resident = 0;
  if (statm >> pages >> resident) {
    page.Gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
               static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    page.Counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                 seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
}

}  // namespace plimsoll::web
