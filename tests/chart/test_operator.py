# SPDX-License-Identifier: Apache-2.0
"""The real operator on a real API server, with the flags and the rights that the chart gives it."""
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

import yaml

from test_server import OPERATOR, Installed, columns, install, policy
from tools import NAMESPACE, apply, kubectl, one, render

DEPLOYMENT = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
             "template": {"metadata": {"labels": {"app": "web"}},
                          "spec": {"containers": [{"name": "app", "image": "none", "resources": {
                              "requests": {"memory": "64Mi"}, "limits": {"memory": "96Mi"}}}]}}}}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(question, seconds=60):
    """The first answer that is not empty."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.3)
    return None


def condition(kind, name, wanted):
    """The condition of that type; None as long as there is no such object or condition."""
    text = kubectl("get", kind, name, "-n", "shop", "-o", "json", "--ignore-not-found")
    document = json.loads(text or "{}")
    found = [c for c in document.get("status", {}).get("conditions", []) if c["type"] == wanted]
    return found[0] if found else None


class Operator(Installed):
    def start(self, *settings):
        """Runs the operator as the chart would; it ends with the test."""
        install(*settings)
        config = yaml.safe_load(pathlib.Path(os.environ["KUBECONFIG"]).read_text())
        for user in config["users"]:
            user["user"]["as"] = OPERATOR
        folder = self.enterContext(tempfile.TemporaryDirectory())
        kubeconfig = pathlib.Path(folder, "kubeconfig")
        kubeconfig.write_text(yaml.safe_dump(config))
        pod = one(render(*settings), "Deployment")["spec"]["template"]["spec"]
        port = free_port()
        flags = [f for f in pod["containers"][0]["args"] if not f.startswith("--metrics-port")]
        self.log = pathlib.Path(folder, "log")
        with self.log.open("w") as log:
            process = subprocess.Popen(
                [pathlib.Path(os.environ["PLIMSOLL_BUILD"], "plimsoll-operator"), *flags,
                 f"--kubeconfig={kubeconfig}", f"--metrics-port={port}",
                 "--metrics-address=127.0.0.1"], stderr=log, stdout=log)

        def end():
            process.terminate()
            process.wait(timeout=30)

        self.addCleanup(end)
        self.assertTrue(eventually(lambda: self.ready(port)), self.log.read_text())

    @staticmethod
    def ready(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def setUp(self):
        self.addCleanup(kubectl, "delete", "deployment,mempol", "--all", "-n", "shop")
        apply(DEPLOYMENT)

    def row(self):
        if not kubectl("get", "memrec", "-n", "shop").strip():
            return None
        return columns("memrec", "-n", "shop")

    def test_it_needs_no_right_that_the_chart_does_not_give(self):
        apply(policy(mode="AutoPatch"))
        self.start()

        row = eventually(self.row)
        self.assertEqual((row["NAME"], row["MODE"], row["VERDICT"], row["LIMIT"]),
                         ("deployment-web", "AutoPatch", "InsufficientData", "96Mi"))
        accepted = eventually(lambda: condition("mempol", "default", "Accepted"))
        self.assertEqual((accepted["reason"], accepted["message"]),
                         ("Valid", "1 workload matched"))
        self.assertTrue(eventually(lambda: kubectl(
            "get", "secret", "plimsoll-agent-tls", "-n", NAMESPACE, "-o",
            "jsonpath={.data.tls\\.crt}")))
        self.assertNotIn("forbidden", self.log.read_text())

    def test_below_auto_patch_it_works_with_less(self):
        kubectl("label", "namespace", "shop", "plimsoll.dev/mode=auto-patch", "--overwrite")
        self.addCleanup(kubectl, "label", "namespace", "shop", "plimsoll.dev/mode-")
        self.start("settings.maxMode=recommend")

        self.assertEqual(eventually(self.row)["MODE"], "Recommend")
        applied = eventually(lambda: condition("memrec", "deployment-web", "Applied"))
        self.assertEqual(applied["reason"], "CeilingReached")
        self.assertNotIn("forbidden", self.log.read_text())

    def test_a_user_s_mistakes_are_told_where_they_will_look(self):
        kubectl("label", "deployment", "web", "-n", "shop", "plimsoll.dev/mode=on")
        apply(policy())
        time.sleep(1.1)  # creation times have whole seconds: the second policy must be younger
        younger = policy(mode="AutoPatch")
        younger["metadata"]["name"] = "also-default"
        apply(younger)
        self.start()

        applied = eventually(lambda: condition("memrec", "deployment-web", "Applied"))
        self.assertEqual(applied["reason"], "UnknownModeLabel")
        self.assertIn("off, recommend, auto-patch", applied["message"])
        lost = eventually(lambda: condition("mempol", "also-default", "Accepted"))
        self.assertEqual(lost["reason"], "Conflicted")
        self.assertIn("MemoryPolicy default", lost["message"])
        events = eventually(lambda: kubectl("get", "events", "-n", "shop", "-o",
                                            "jsonpath={.items[*].reason}"))
        for reason in ("SettingMistaken", "PolicyConflicted"):
            self.assertTrue(eventually(lambda: reason in kubectl(
                "get", "events", "-n", "shop", "-o", "jsonpath={.items[*].reason}")),
                f"{reason} is not among {events}")


del Installed  # imported, its tests are not to run twice


if __name__ == "__main__":
    unittest.main()
