# SPDX-License-Identifier: Apache-2.0
"""The real operator on a real API server, with the flags and the rights that the chart gives it."""
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import yaml

from test_server import OPERATOR, Installed, columns, eventually, install, policy, served
from tools import CHART, NAMESPACE, CommandFailed, apply, kubectl, one, render, run

DEPLOYMENT = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
             "template": {"metadata": {"labels": {"app": "web"}},
                          "spec": {"containers": [{"name": "app", "image": "none", "resources": {
                              "requests": {"memory": "64Mi"}, "limits": {"memory": "96Mi"}}}]}}}}

ROLLOUTS = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "rollouts.example.org"},
    "spec": {"group": "example.org", "scope": "Namespaced",
             "names": {"kind": "Rollout", "plural": "rollouts", "singular": "rollout"},
             "versions": [{"name": "v1", "served": True, "storage": True, "schema": {
                 "openAPIV3Schema": {"type": "object"}}}]}}

AUTOSCALERS = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "verticalpodautoscalers.autoscaling.k8s.io",
                 "annotations": {"api-approved.kubernetes.io": "unapproved, of a test"}},
    "spec": {"group": "autoscaling.k8s.io", "scope": "Namespaced",
             "names": {"kind": "VerticalPodAutoscaler", "plural": "verticalpodautoscalers",
                       "singular": "verticalpodautoscaler"},
             "versions": [{"name": "v1", "served": True, "storage": True, "schema": {
                 "openAPIV3Schema": {"type": "object",
                                     "x-kubernetes-preserve-unknown-fields": True}}}]}}


def free_port():
    """Below those that the kernel gives to whoever connects somewhere, until the operator listens."""
    while True:
        port = random.randrange(20000, 30000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def condition(kind, name, wanted):
    """The condition of that type; None as long as there is no such object or condition."""
    text = kubectl("get", kind, name, "-n", "shop", "-o", "json", "--ignore-not-found")
    document = json.loads(text or "{}")
    found = [c for c in document.get("status", {}).get("conditions", []) if c["type"] == wanted]
    return found[0] if found else None


def because(kind, name, wanted, reason):
    """The condition of that type once it has that reason; what it is instead when that never comes."""
    eventually(lambda: (condition(kind, name, wanted) or {}).get("reason") == reason)
    return condition(kind, name, wanted)


class Operator(Installed):
    def start(self, *settings):
        """Installs the chart and runs the operator with its flags until it is ready; its port."""
        install(*settings)
        port = self.run_operator(*settings)
        self.assertTrue(eventually(lambda: self.ready(port)), self.log.read_text())
        return port

    def run_operator(self, *settings):
        """Runs the operator as the chart would; it ends with the test, or by self.stop()."""
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

        self.stop = end
        self.addCleanup(end)
        return port

    @staticmethod
    def ask(port, path):
        """Status and body; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except OSError:
            return 0, ""

    def ready(self, port):
        return self.ask(port, "/readyz")[0] == 200

    @staticmethod
    def mode(name):
        found = kubectl("get", "memrec", name, "-n", "shop", "--ignore-not-found", "-o",
                        "jsonpath={.status.effectivePolicy.mode}")
        return found.strip()

    def setUp(self):
        # What the operator wrote goes as well: the next test must not take it for its own.
        self.addCleanup(kubectl, "delete", "deployment,mempol,memoryrecommendations,"
                        "memorycheckpoints", "--all", "-n", "shop")
        apply(DEPLOYMENT)

    def row(self):
        """The one recommendation, once its status, which is written after it, is there."""
        if len(kubectl("get", "memrec", "-n", "shop").splitlines()) != 2:
            return None
        row = columns("memrec", "-n", "shop")
        return row if row["MODE"] else None

    def test_it_needs_no_right_that_the_chart_does_not_give(self):
        apply(policy(mode="AutoPatch"))
        self.start()

        row = eventually(self.row)
        self.assertEqual((row["NAME"], row["MODE"], row["VERDICT"], row["LIMIT"]),
                         ("deployment-web", "AutoPatch", "InsufficientData", "96Mi"))
        # The policy may be looked at before the Deployment's first pod is there.
        accepted = because("mempol", "default", "Accepted", "Valid")
        self.assertEqual((accepted["reason"], accepted["message"]), ("Valid", "1 workload matched"))
        self.assertTrue(eventually(lambda: kubectl(
            "get", "secret", "plimsoll-agent-tls", "-n", NAMESPACE, "-o",
            "jsonpath={.data.tls\\.crt}")))
        self.assertNotIn("forbidden", self.log.read_text())

    def test_it_exports_what_the_alert_rules_ask_for(self):
        text = (CHART / "files" / "alerts.yaml").read_text()
        asked = set(re.findall(r"\b(?:plimsoll|process|leader_election)_[a-z_]+\b", text))
        asked.remove("plimsoll_oom_kills_total")  # comes with the first kill
        port = self.start()

        def missing():
            page = self.ask(port, "/metrics")[1]
            return {name for name in asked if not re.search(rf"^{name}[ {{]", page, re.M)}

        self.assertTrue(eventually(lambda: not missing()), missing())
        leads = 'leader_election_master_status{name="plimsoll-leader"} 1'
        self.assertTrue(eventually(lambda: leads in self.ask(port, "/metrics")[1]))

    def test_its_metrics_are_read_by_prometheus_and_by_boards_for_controller_runtime(self):
        port = self.start()
        tool = run(pathlib.Path(__file__).with_name("promtool")).strip()
        page = self.ask(port, "/metrics")[1]
        linted = subprocess.run([tool, "check", "metrics"], input=page, capture_output=True,
                                text=True, check=False)
        self.assertEqual((linted.returncode, linted.stderr), (0, ""), page)
        worked = re.compile(r'^controller_runtime_reconcile_time_seconds_count'
                            r'\{controller="discovery"\} [1-9]', re.M)
        self.assertTrue(eventually(lambda: worked.search(self.ask(port, "/metrics")[1])), page)
        for name in ("workqueue_queue_duration_seconds_count", "workqueue_adds_total"):
            self.assertRegex(self.ask(port, "/metrics")[1],
                             re.compile(rf'^{name}\{{name="discovery",controller="discovery"\}} [1-9]', re.M))

    def test_a_node_that_never_had_an_agent_is_counted_and_what_pods_have_is_shown(self):
        self.addCleanup(kubectl, "delete", "pod", "bound", "-n", "shop", "--force",
                        "--ignore-not-found")
        apply({"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "bound", "namespace": "shop"},
               "spec": {"nodeName": "no-agent-here", "containers": [{"name": "app", "image": "none"}]}})
        port = self.start()
        wanted = ['plimsoll_agent_nodes{state="disconnected"} 1',
                  'container="app",field="request",bound="current"} 67108864',
                  'container="app",field="limit",bound="current"} 100663296']
        for line in wanted:
            self.assertTrue(eventually(lambda: line in self.ask(port, "/metrics")[1]),
                            self.ask(port, "/metrics")[1])

    def test_without_the_definitions_it_says_which_is_missing_and_goes_on_when_it_comes(self):
        install()
        kubectl("delete", "crd", "memorypolicies.plimsoll.dev")
        self.addCleanup(install)
        port = self.run_operator()
        said = eventually(lambda: "memorypolicies.plimsoll.dev is not installed" in self.log.read_text())
        self.assertTrue(said, self.log.read_text())
        self.assertTrue(eventually(lambda: self.ask(port, "/readyz")[0] == 503))
        for line in ("[+] nodes and limits\n", "[-] namespaces and policies: memorypolicies: the "
                     "definition memorypolicies.plimsoll.dev is not installed"):
            self.assertTrue(eventually(lambda: line in self.ask(port, "/readyz")[1]), line)
        install()
        self.assertTrue(eventually(lambda: self.ready(port)), self.log.read_text())

    def test_healthz_names_its_loops_and_the_probe_of_helm_test_reads_readyz(self):
        port = self.start()
        self.assertEqual(self.ask(port, "/healthz"), (200, "[+] loops\n[+] lease\n"))
        program = pathlib.Path(os.environ["PLIMSOLL_BUILD"], "plimsoll-operator")
        self.assertIn("[+] leadership", run(program, f"--probe=http://127.0.0.1:{port}/readyz"))
        with self.assertRaisesRegex(CommandFailed, "404"):
            run(program, f"--probe=http://127.0.0.1:{port}/nowhere")
        # No agent runs here, and that is said, by the leader.
        with self.assertRaisesRegex(CommandFailed, "no pod of an agent has an address"):
            run(program, f"--probe=http://127.0.0.1:{port}/agentz", "--probe-wait=60")

    def test_a_custom_owner_has_its_mode_from_its_own_labels_or_from_its_pods(self):
        kubectl("apply", "-f", "-", text=json.dumps(ROLLOUTS))
        self.addCleanup(kubectl, "delete", "crd", "rollouts.example.org")
        kubectl("wait", "crd/rollouts.example.org", "--for=condition=Established", "--timeout=90s")
        self.assertTrue(eventually(lambda: served("rollouts.example.org")))
        apply({"apiVersion": "example.org/v1", "kind": "Rollout", "metadata": {
            "name": "canary", "namespace": "shop", "labels": {"plimsoll.dev/mode": "auto-patch"}}})
        uid = kubectl("get", "rollouts.example.org", "canary", "-n", "shop", "-o",
                      "jsonpath={.metadata.uid}")
        owner = {"apiVersion": "example.org/v1", "kind": "Rollout", "name": "canary", "uid": uid,
                 "controller": True}
        self.addCleanup(kubectl, "delete", "pod", "canary-1", "-n", "shop", "--force")
        apply({"apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": "canary-1", "namespace": "shop", "ownerReferences": [owner],
            "labels": {"plimsoll.dev/mode": "recommend"}},
            "spec": {"containers": [{"name": "app", "image": "none"}]}})

        self.start()
        self.assertEqual(eventually(lambda: self.mode("rollout-canary")), "Recommend")
        found = because("memrec", "rollout-canary", "TargetResolved", "OwnerUnreadable")
        self.assertEqual(found["reason"], "OwnerUnreadable")
        self.assertIn("rbac.extraRules", found["message"])
        self.stop()

        self.start("rbac.extraRules[0].apiGroups={example.org}",
                   "rbac.extraRules[0].resources={rollouts}", "rbac.extraRules[0].verbs={get}")
        self.assertTrue(eventually(lambda: self.mode("rollout-canary") == "AutoPatch"),
                        self.log.read_text())
        self.assertEqual(because("memrec", "rollout-canary", "TargetResolved", "Found")["reason"],
                         "Found")

    def test_a_vertical_pod_autoscaler_is_seen_although_its_kind_is_installed_later(self):
        kind = "verticalpodautoscalers.autoscaling.k8s.io"
        apply(policy(mode="AutoPatch"))
        self.start()
        self.assertTrue(eventually(self.row))
        self.assertNotIn(kind.split(".")[0], self.log.read_text())

        kubectl("apply", "-f", "-", text=json.dumps(AUTOSCALERS))
        self.addCleanup(kubectl, "delete", "crd", kind)
        self.assertTrue(eventually(lambda: served(kind)))
        apply({"apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler",
               "metadata": {"name": "web", "namespace": "shop"},
               "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment",
                                      "name": "web"}}})
        # A minute until the kind is asked for again, another until the workload is looked at.
        eventually(lambda: condition("memrec", "deployment-web", "Applied")["reason"] ==
                   "FieldOwnedByOther", seconds=240)
        applied = condition("memrec", "deployment-web", "Applied")
        self.assertEqual(applied["reason"], "FieldOwnedByOther", self.log.read_text())
        self.assertIn("VerticalPodAutoscaler web sets the memory", applied["message"])

    def test_below_auto_patch_it_works_with_less(self):
        kubectl("label", "namespace", "shop", "plimsoll.dev/mode=auto-patch", "--overwrite")
        self.addCleanup(kubectl, "label", "namespace", "shop", "plimsoll.dev/mode-")
        self.start("settings.maxMode=recommend")

        self.assertEqual(eventually(self.row)["MODE"], "Recommend")
        applied = because("memrec", "deployment-web", "Applied", "CeilingReached")
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

        applied = because("memrec", "deployment-web", "Applied", "UnknownModeLabel")
        self.assertEqual(applied["reason"], "UnknownModeLabel")
        self.assertIn("off, recommend, auto-patch", applied["message"])
        lost = because("mempol", "also-default", "Accepted", "Conflicted")
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
