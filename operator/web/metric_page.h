// SPDX-License-Identifier: Apache-2.0
//
// Builds the text of /metrics from what the parts of the operator say at that moment. Nothing is
// counted here; labels never hold pod names, so that the number of series stays with the workloads.
//
//   MetricPage page;
//   page.Gauge("workqueue_depth", "Keys waiting", 3, {{"name", "autopatch"}});
//   page.Text();
#pragma once

#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll::web {

class MetricPage {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  void Gauge(std::string_view name, std::string_view help, double value, Labels labels = {});
  void Counter(std::string_view name, std::string_view help, double value, Labels labels = {});

  void Histogram(std::string_view name, std::string_view help,
                 const prometheus::Histogram& histogram, Labels labels = {});

  // Prometheus' text format.
  [[nodiscard]] std::string Text() const;

 private:
  prometheus::ClientMetric& Add(prometheus::MetricType type, std::string_view name,
                                std::string_view help, Labels labels);

  std::map<std::string, prometheus::MetricFamily, std::less<>> families_;
};

// Resident memory, CPU time and start of this process, with the usual names.
void AddProcess(MetricPage& page);

}  // namespace plimsoll::web
