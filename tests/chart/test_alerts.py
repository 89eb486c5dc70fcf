# SPDX-License-Identifier: Apache-2.0
"""The alert rules: Prometheus takes them, each fires when it should, on series that we export."""
import pathlib
import re
import tempfile
import unittest

import yaml

from tools import CHART, ROOT, one, render, run

RULES = CHART / "files" / "alerts.yaml"
SCENES = pathlib.Path(__file__).with_name("alerts.yaml")
# Given by Prometheus to every series of a target, not by us.
OF_THE_TARGET = {"job", "instance", "pod", "namespace"}


def promtool(*arguments):
    return run(run(pathlib.Path(__file__).with_name("promtool")).strip(), *arguments)


def exported():
    """Metric name to labels, from the page that docs/generate makes of the code."""
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| ([^|]*)\|",
                      (ROOT / "docs/reference/metrics.md").read_text(), re.M)
    assert rows
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def series(document):
    """(metric, labels) of every input series of promtool's scenes."""
    for test in document["tests"]:
        for entry in test["input_series"]:
            name, _, labels = entry["series"].partition("{")
            yield name, set(re.findall(r"(\w+)=", labels))


class Alerts(unittest.TestCase):
    def test_prometheus_takes_them_and_each_fires_when_it_should_and_only_then(self):
        promtool("check", "rules", RULES)
        with tempfile.TemporaryDirectory() as folder:
            scenes = pathlib.Path(folder, "scenes.yaml")
            scenes.write_text(SCENES.read_text().replace("RULES", str(RULES)))
            promtool("test", "rules", scenes)

    def test_every_alert_has_a_scene_in_which_it_fires_and_one_in_which_it_does_not(self):
        alerts = {rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"]
                  for rule in group["rules"]}
        checks = [check for test in yaml.safe_load(SCENES.read_text())["tests"]
                  for check in test["alert_rule_test"]]
        self.assertEqual(alerts, {c["alertname"] for c in checks if c.get("exp_alerts")})
        self.assertEqual(alerts, {c["alertname"] for c in checks if not c.get("exp_alerts")})

    def test_the_how_to_page_tells_of_each(self):
        page = (ROOT / "docs" / "how-to" / "monitor.md").read_text()
        alerts = re.findall(r"^ *- alert: (\w+)", RULES.read_text(), re.M)
        self.assertEqual(re.findall(r"^\| `(\w+)` \|", page, re.M), alerts)

    def test_they_ask_for_series_that_the_operator_exports(self):
        ours = exported()
        words = set(re.findall(r"\b(?:plimsoll|process|leader_election)_[a-z_]+\b",
                               " ".join(rule["expr"] for group in yaml.safe_load(
                                   RULES.read_text())["groups"] for rule in group["rules"])))
        self.assertLessEqual(words, set(ours))
        self.assertGreaterEqual(len(words), 6)
        for name, labels in series(yaml.safe_load(SCENES.read_text())):
            if name.startswith("kube_"):  # kube-state-metrics'
                continue
            with self.subTest(series=name):
                self.assertEqual(labels - OF_THE_TARGET, ours[name] - OF_THE_TARGET)

    def test_the_chart_writes_them_with_the_names_of_the_release(self):
        rule = one(render("metrics.prometheusRule.enabled=true", "fullnameOverride=ops-memory",
                          "metrics.prometheusRule.labels.release=prometheus"), "PrometheusRule")
        self.assertEqual(rule["metadata"]["labels"]["release"], "prometheus")
        self.assertEqual(len(rule["spec"]["groups"][0]["rules"]), 7)
        text = yaml.safe_dump(rule["spec"])
        self.assertIn('name="ops-memory-leader"', text)
        self.assertIn('job="ops-memory-metrics"', text)
        self.assertNotIn('"plimsoll-', text)
        self.assertIn("{{ $labels.workload }}", text)
        with tempfile.TemporaryDirectory() as folder:
            rules = pathlib.Path(folder, "rules.yaml")
            rules.write_text(yaml.safe_dump(rule["spec"]))
            promtool("check", "rules", rules)


if __name__ == "__main__":
    unittest.main()
