# SPDX-License-Identifier: Apache-2.0
"""What a real API server makes of the CRDs and of the installed chart (KUBECONFIG names it)."""
import base64
import json
import os
import pathlib
import re
import time
import unittest

import yaml

from tools import CHART, NAMESPACE, CommandFailed, apply, kubectl, run

OPERATOR = f"system:serviceaccount:{NAMESPACE}:plimsoll-operator"
AGENT = f"system:serviceaccount:{NAMESPACE}:plimsoll-agent"
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}


def policy(**spec):
    return {"apiVersion": "plimsoll.dev/v1alpha1", "kind": "MemoryPolicy",
            "metadata": {"name": "default", "namespace": "shop"},
            "spec": {"targetSelector": {}, **spec}}


def containers(*entries):
    return policy(containers=[{"name": f"c{i}", **entry} for i, entry in enumerate(entries)])


def bounds(least=None, most=None):
    entry = {}
    if least is not None:
        entry["minAllowed"] = {"memory": least}
    if most is not None:
        entry["maxAllowed"] = {"memory": most}
    return entry


def may(account, *question):
    try:
        return kubectl("auth", "can-i", *question, "--as", account).strip() == "yes"
    except CommandFailed:
        return False


def becomes(expected, account, *question):
    """Whether the account's right becomes this: the server reads changed roles a moment later."""
    return bool(eventually(lambda: may(account, *question) == expected))


def eventually(question, seconds=120):
    """The first answer that is not empty; one more is asked for when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        over = time.monotonic() >= deadline
        if (answer := question()) or over:
            return answer
        time.sleep(0.3)


def served(*kinds):
    """Whether the server has all of them: Established is said before every path serves it."""
    try:
        for kind in kinds:
            kubectl("get", kind, "-A")
    except CommandFailed:
        return False
    return True


def install(*settings):
    flags = [flag for setting in settings for flag in ("--set", setting)]
    run("helm", "upgrade", "--install", "plimsoll", CHART, "--namespace", NAMESPACE,
        "--create-namespace", "--reset-values", *flags)


def wait_established():
    kinds = [f"{plural}.plimsoll.dev" for plural in
             ("memorypolicies", "memoryrecommendations", "memorycheckpoints")]
    kubectl("wait", "--for=condition=Established", "--timeout=90s", "crd", *kinds)
    if not eventually(lambda: served(*kinds)):
        raise AssertionError(f"not all of {kinds} are served")


class Installed(unittest.TestCase):
    """The chart, on the server; it stays until the last test is done."""

    @classmethod
    def setUpClass(cls):
        install()
        wait_established()
        kubectl("apply", "-f", "-", text=json.dumps(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}))
        # Before its service account is there no pod is let in, before its rights the operator fails.
        assert eventually(lambda: kubectl("get", "serviceaccount", "default", "-n", "shop",
                                          "--ignore-not-found"))
        for question in (["get", "secrets/plimsoll-operator-tls", "-n", NAMESPACE],
                         ["watch", "pods"]):
            assert becomes(True, OPERATOR, *question), question

    def refused(self, body, *says):
        with self.assertRaises(CommandFailed) as caught:
            apply(body)
        for text in says:
            self.assertIn(text, str(caught.exception))


class Policies(Installed):
    def tearDown(self):
        kubectl("delete", "mempol", "--all", "-n", "shop")

    def test_the_examples_of_every_field_are_taken(self):
        apply(policy(
            mode="AutoPatch", objective="Reliability", runtime={"gc": "Recommend"},
            containers=[{"name": "*", "minAllowed": {"memory": "64Mi"},
                         "maxAllowed": {"memory": "4Gi"}, "controlled": "RequestsAndLimits"},
                        {"name": "proxy", "controlled": "None"}],
            autoPatch={"minChange": {"percent": 10, "memory": "32Mi"}, "maxStepDownPercent": 15,
                       "cooldownSeconds": 600,
                       "windows": [{"days": ["Mon", "Sun"], "start": "22:00", "end": "06:00",
                                    "timeZone": "America/Argentina/Buenos_Aires"},
                                   {"start": "00:00", "end": "23:59", "timeZone": "Etc/GMT+5"}]}))
        named = policy()
        del named["spec"]["targetSelector"]
        named["spec"]["targetRefs"] = [TARGET, {"kind": "StatefulSet", "name": "db"}]
        named["metadata"]["name"] = "named"
        apply(named)

    def test_every_form_of_amount_is_compared_by_what_it_means(self):
        for least, most in (("512Mi", 1 << 30), ("1e7", "10M"), ("8Mi", "1Pi"), ("1.5Gi", "1.6Gi"), ("1Gi", "1024Mi"),
                            ("900M", "1Gi")):
            with self.subTest(least=least):
                apply(containers(bounds(least, most)))
        for least, most in (("2Gi", "1Gi"), ("1Gi", "1G"), (1 << 25, "1e7"), ("1025Mi", "1Gi")):
            with self.subTest(least=least):
                self.refused(containers(bounds(least, most)),
                             "minAllowed.memory must not be above maxAllowed.memory")

    def test_what_is_no_amount_is_refused_in_words(self):
        for amount in ("64MB", "-1Gi", 0, "lots", "", -5, "100m", "8191Ki", "1e400", "1025Ti"):
            with self.subTest(amount=amount):
                self.refused(containers(bounds(amount)), "spec.containers[0].minAllowed.memory",
                             "must be an amount from 8Mi to 1Pi such as 64Mi, 2Gi or 500M")
                self.refused(containers(bounds(None, amount)), "maxAllowed.memory")

    def test_a_policy_says_for_whom_it_is_once(self):
        self.refused({**policy(), "spec": {}}, "set exactly one of targetRefs and targetSelector")
        self.refused(policy(targetRefs=[TARGET]), "set exactly one of targetRefs and targetSelector")

    def test_wrong_words_and_numbers_are_refused_by_name(self):
        selector = {"matchExpressions": [{"key": "a", "operator": "In"}]}
        for body, field in (
                (policy(mode="Auto"), "spec.mode"), (policy(mode="auto-patch"), "spec.mode"),
                (policy(objective="Cheap"), "spec.objective"),
                (policy(runtime={"gc": "On"}), "spec.runtime.gc"),
                (policy(autoPatch={"maxStepDownPercent": 21}), "spec.autoPatch.maxStepDownPercent"),
                (policy(autoPatch={"maxStepDownPercent": 0}), "spec.autoPatch.maxStepDownPercent"),
                (policy(autoPatch={"cooldownSeconds": 604801}), "spec.autoPatch.cooldownSeconds"),
                (policy(autoPatch={"minChange": {"percent": -1}}), "spec.autoPatch.minChange.percent"),
                (policy(autoPatch={"minChange": {"memory": "x"}}), "spec.autoPatch.minChange.memory"),
                (policy(targetSelector=selector), "values goes with the operators In and NotIn"),
                (policy(containers=[{"name": "a"}, {"name": "a"}]), "spec.containers"),
                (policy(containers=[{"name": f"c{i}"} for i in range(65)]), "spec.containers"),
                (policy(windows=[]), "windows")):
            with self.subTest(field):
                self.refused(body, field)

    def test_what_is_no_window_is_refused_in_words(self):
        hours = {"start": "09:00", "end": "16:00"}
        day, zone = "must be a time of day such as", "must be a name of the IANA time zone database"
        for windows, field, says in (
                ([{"start": "09:00"}], "windows[0].end", "Required value"),
                ([hours, {**hours, "start": "9:00"}], "windows[1].start", day),
                ([{**hours, "end": "24:00"}], "windows[0].end", day),
                ([{**hours, "start": 540}], "windows[0].start", "string"),
                ([{**hours, "days": ["Monday"]}], "windows[0].days[0]", "Unsupported value"),
                ([{**hours, "days": ["Mon", "Mon"]}], "windows[0].days", "uplicate"),
                ([{**hours, "days": []}], "windows[0].days", "at least 1"),
                ([{**hours, "timeZone": "/etc/passwd"}], "windows[0].timeZone", zone),
                ([{**hours, "timeZone": "../Berlin"}], "windows[0].timeZone", zone),
                ([{**hours, "timeZone": ""}], "windows[0].timeZone", zone),
                ([], "windows", "at least 1"), ([hours] * 17, "windows", "at most 16")):
            with self.subTest(windows=windows):
                self.refused(policy(autoPatch={"windows": windows}), "spec.autoPatch." + field, says)

    def test_the_example_of_the_docs_is_accepted(self):
        page = (CHART.parents[1] / "docs" / "how-to" / "policies.md").read_text()
        example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.S)[1])
        self.assertEqual(example["metadata"]["namespace"], "shop")
        apply(example)

    def test_columns(self):
        apply(policy(mode="AutoPatch", objective="Savings"))
        sample = next(line for line in samples() if '"MemoryPolicy"' in line)
        apply(json.loads(sample), status=True)
        self.assertEqual(columns("mempol", "-n", "shop"),
                         {"NAME": "default", "MODE": "AutoPatch", "OBJECTIVE": "Savings",
                          "MATCHED": "12", "ACCEPTED": "Valid", "AGE": None})


def samples():
    """What the operator's own code would apply, every field filled."""
    program = pathlib.Path(os.environ["PLIMSOLL_BUILD"], "operator_api_samples")
    return run(program).splitlines()


def columns(*question):
    """The one row of `kubectl get` by column; ages are None."""
    header, row = (line for line in kubectl("get", *question).splitlines())
    names = header.split()
    # Columns begin where their names do; GC has a space in it.
    starts = [header.index(f" {name}") + 1 if i else 0 for i, name in enumerate(names)]
    cells = [row[a:b].strip() for a, b in zip(starts, starts[1:] + [None])]
    return {name: None if name in ("AGE", "UPDATED") else cell for name, cell in zip(names, cells)}


class Recommendations(Installed):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        apply({"apiVersion": "apps/v1", "kind": "Deployment",
               "metadata": {"name": "checkout", "namespace": "shop"},
               "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "checkout"}},
                        "template": {"metadata": {"labels": {"app": "checkout"}},
                                     "spec": {"containers": [{"name": "app", "image": "none"}]}}}})
        uid = kubectl("get", "deployment", "checkout", "-n", "shop", "-o", "jsonpath={.metadata.uid}")
        objects = [json.loads(line) for line in samples()]
        for owner in objects[0]["metadata"]["ownerReferences"]:
            owner["uid"] = uid  # the garbage collector takes what has no living owner
        for each in objects:
            if "spec" in each:
                apply(each)
        for each in objects:
            if each["kind"] != "MemoryPolicy" and "status" in each:
                apply(each, status=True)

    @classmethod
    def tearDownClass(cls):
        kubectl("delete", "memckpt", "--all", "-n", "shop")
        kubectl("delete", "deployment", "checkout", "-n", "shop")
        kubectl("wait", "memrec/deployment-checkout", "-n", "shop", "--for=delete",
                "--timeout=110s")  # with its workload

    def test_the_server_keeps_every_field_that_the_operator_writes(self):
        for line in samples():
            written = json.loads(line)
            if "status" not in written or written["kind"] == "MemoryPolicy":
                continue
            stored = json.loads(kubectl("get", written["kind"], written["metadata"]["name"], "-n",
                                        "shop", "-o", "json"))
            self.assertEqual(stored["status"], written["status"])

    def test_columns(self):
        self.assertEqual(
            columns("memrec", "-n", "shop"),
            {"NAME": "deployment-checkout", "MODE": "AutoPatch", "VERDICT": "UnderProvisioned",
             "REQUEST": "512Mi->624Mi", "LIMIT": "512Mi->784Mi", "OOM24H": "3", "CONF": "92",
             "AGE": None})

    def test_wide_columns(self):
        wide = columns("memrec", "-n", "shop", "-o", "wide")
        self.assertEqual({name: wide[name] for name in ("GC", "RUNTIME", "REPLICAS", "APPLIED")},
                         {"GC": "GOMEMLIMIT 460MiB->666MiB", "RUNTIME": "Go", "REPLICAS": "6",
                          "APPLIED": "ModeRecommend"})
        self.assertEqual(list(wide)[-1], "UPDATED")

    def test_stock_tools_work(self):
        kubectl("wait", "memrec/deployment-checkout", "-n", "shop", "--for=condition=Ready",
                "--timeout=60s")
        kubectl("get", "memrec", "-A", "--sort-by=.status.summary.oomKillsLast24h")
        self.assertIn("memorycheckpoint", kubectl("get", "plimsoll", "-A"))
        self.assertEqual(columns("memckpt", "-n", "shop")["WORKLOAD"], "checkout")

    def test_the_target_cannot_be_changed(self):
        for kind in ("memrec", "memckpt"):
            with self.assertRaisesRegex(CommandFailed, "targetRef cannot be changed"):
                kubectl("patch", kind, "deployment-checkout", "-n", "shop", "--type=merge", "-p",
                        '{"spec": {"targetRef": {"name": "other"}}}')

    def test_explain_reads_as_documentation(self):
        for field, says in (("mempol.spec.autoPatch.maxStepDownPercent", "Default 15"),
                            ("memrec.status.containers.guarded", "raised before a kill"),
                            ("memrec.status.containers.runtime.settings", "GOMEMLIMIT"),
                            ("memckpt.status.containers.data", "base64")):
            self.assertIn(says, re.sub(r"\s+", " ", kubectl("explain", "--recursive", field) +
                                       kubectl("explain", field)))


class Rights(Installed):
    def test_the_server_grants_the_operator_what_it_needs(self):
        for question in (["watch", "pods"], ["list", "nodes"], ["watch", "namespaces"],
                         ["list", "replicasets.apps"], ["watch", "cronjobs.batch"],
                         ["list", "horizontalpodautoscalers.autoscaling"],
                         ["patch", "memoryrecommendations.plimsoll.dev", "--subresource=status"],
                         ["create", "events.events.k8s.io"],
                         ["create", "leases.coordination.k8s.io", "-n", NAMESPACE],
                         ["update", "leases.coordination.k8s.io/plimsoll-leader", "-n", NAMESPACE],
                         ["get", "secrets/plimsoll-operator-tls", "-n", NAMESPACE],
                         ["patch", "pods", "--subresource=resize"]):
            with self.subTest(question):
                self.assertTrue(becomes(True, OPERATOR, *question))

    def test_and_nothing_that_it_does_not(self):
        for question in (["patch", "pods"], ["delete", "pods"], ["create", "pods/eviction"],
                         ["patch", "deployments.apps"], ["update", "statefulsets.apps"],
                         ["list", "secrets", "-n", NAMESPACE], ["get", "secrets", "-n", "shop"],
                         ["get", "configmaps"], ["create", "pods", "--subresource=exec"],
                         ["patch", "memorypolicies.plimsoll.dev"]):
            with self.subTest(question):
                self.assertFalse(may(OPERATOR, *question))

    def test_the_agent_may_nothing(self):
        for question in (["get", "pods"], ["list", "nodes"], ["get", "secrets", "-n", NAMESPACE],
                         ["list", "memorypolicies.plimsoll.dev"]):
            self.assertFalse(may(AGENT, *question))

    def test_a_lower_ceiling_takes_the_right_away_and_gives_it_back(self):
        self.addCleanup(install)
        install("settings.maxMode=recommend")
        self.assertTrue(becomes(False, OPERATOR, "patch", "pods", "--subresource=resize"))
        with self.assertRaisesRegex(CommandFailed, "forbidden"):
            kubectl("patch", "pod", "any", "-n", "shop", "--subresource=resize", "--as", OPERATOR,
                    "-p", '{"spec": {}}')
        install()
        self.assertTrue(becomes(True, OPERATOR, "patch", "pods", "--subresource=resize"))

    def test_an_upgrade_keeps_the_certificates(self):
        value = base64.b64encode(b"kept").decode()
        kubectl("apply", "--server-side", "--field-manager=plimsoll-operator", "-f", "-",
                "--as", OPERATOR, text=json.dumps(
                    {"apiVersion": "v1", "kind": "Secret",
                     "metadata": {"name": "plimsoll-agent-tls", "namespace": NAMESPACE},
                     "data": {"tls.crt": value}}))
        install("settings.logLevel=debug")
        self.assertEqual(kubectl("get", "secret", "plimsoll-agent-tls", "-n", NAMESPACE, "-o",
                                 "jsonpath={.data.tls\\.crt}"), value)


class Uninstalled(unittest.TestCase):
    def test_uninstalling_keeps_definitions_and_policies_and_installing_again_takes_them_over(self):
        install()
        wait_established()
        kubectl("apply", "-f", "-", text=json.dumps(
            {**policy(), "metadata": {"name": "kept", "namespace": "default"}}))
        self.addCleanup(kubectl, "delete", "mempol", "kept", "-n", "default")
        run("helm", "uninstall", "plimsoll", "--namespace", NAMESPACE)
        self.assertIn("kept", kubectl("get", "memorypolicies.plimsoll.dev", "-n", "default"))
        install()


if __name__ == "__main__":
    unittest.main()
