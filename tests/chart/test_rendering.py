# SPDX-License-Identifier: Apache-2.0
"""What helm makes of the chart; no server is asked."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from tools import CHART, NAMESPACE, ROOT, CommandFailed, of_kind, one, render, run

WRITE_VERBS = {"create", "update", "patch", "delete", "deletecollection", "*"}
VALUE_SETS = [
    (),
    ("settings.maxMode=recommend",),
    ("settings.maxMode=off", "settings.defaultMode=off"),
    ("agent.enabled=false",),
    ("agent.access=cgroup", "agent.cgroupReadOnly=true"),
    ("operator.replicas=1", "crds.keep=false", "rbac.aggregateClusterRoles=false"),
    ("rbac.autoPatchNamespaces={shop,bank}", "commonLabels.team=sre"),
    ("rbac.create=false", "serviceAccount.create=false", "agent.serviceAccount.create=false"),
    ("crds.enabled=false", "fullnameOverride=ops-memory", "imagePullSecrets[0].name=regcred"),
    ("metrics.serviceMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "networkPolicy.enabled=true", "agent.statePath="),
    ("image.digest=sha256:" + "a" * 64, "operator.extraArgs={--lease-name=x}", "agent.extraEnv[0].name=A"),
]


def writes(objects):
    """Every (group, resource, verb, names) that is not reading, of roles bound to the operator."""
    bound = {b["roleRef"]["name"] for b in objects
             if b["kind"].endswith("RoleBinding")
             and any(s["name"].endswith("-operator") for s in b["subjects"])}
    found = set()
    for role in objects:
        if role["kind"] not in ("Role", "ClusterRole") or role["metadata"]["name"] not in bound:
            continue
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    for verb in WRITE_VERBS.intersection(rule["verbs"]):
                        found.add((group, resource, verb, tuple(rule.get("resourceNames", ()))))
    return found


def flags_of(workload):
    return dict(word[2:].split("=", 1) if "=" in word else (word[2:], "")
                for word in workload["spec"]["template"]["spec"]["containers"][0]["args"])


OWN_WRITES = {
    ("plimsoll.dev", "memorypolicies/status", "patch", ()),
    ("plimsoll.dev", "memoryrecommendations", "create", ()),
    ("plimsoll.dev", "memoryrecommendations", "patch", ()),
    ("plimsoll.dev", "memoryrecommendations", "delete", ()),
    ("plimsoll.dev", "memoryrecommendations/status", "patch", ()),
    ("plimsoll.dev", "memorycheckpoints", "create", ()),
    ("plimsoll.dev", "memorycheckpoints", "patch", ()),
    ("plimsoll.dev", "memorycheckpoints/status", "patch", ()),
    ("events.k8s.io", "events", "create", ()),
    ("", "events", "patch", ()),
    ("coordination.k8s.io", "leases", "create", ()),
    ("coordination.k8s.io", "leases", "update", ("plimsoll-leader",)),
    ("", "secrets", "patch", ("plimsoll-operator-tls", "plimsoll-agent-tls")),
}


class Values(unittest.TestCase):
    def test_lint_and_rendering_pass_in_every_shape(self):
        for settings in VALUE_SETS:
            with self.subTest(settings):
                flags = [flag for setting in settings for flag in ("--set", setting)]
                run("helm", "lint", "--strict", "--quiet", CHART, *flags)
                self.assertTrue(render(*settings))

    def test_a_mistyped_key_is_refused_by_name(self):
        for setting, name in [("setings.maxMode=off", "setings"), ("settings.maxmode=off", "maxmode"),
                              ("agent.acess=cgroup", "acess"), ("image.tagg=1", "tagg"),
                              ("operator.replica=1", "replica"), ("crds.enable=false", "enable")]:
            with self.subTest(setting), self.assertRaisesRegex(CommandFailed, name):
                render(setting)

    def test_a_wrong_value_is_refused_with_the_accepted_ones(self):
        for setting, says in [("settings.maxMode=auto", "'off', 'recommend', 'auto-patch'"),
                              ("settings.objective=cheap", "'Savings', 'Balanced', 'Reliability'"),
                              ("agent.access=root", "'process', 'cgroup'"),
                              ("operator.replicas=two", "want integer"),
                              ("metrics.port=80", "want 1,024"),
                              ("agent.healthPort=9478", "agent.port and agent.healthPort"),
                              ("agent.statePath=/var/../etc", "/agent/statePath"),
                              ("agent.statePath=/..", "/agent/statePath"),
                              ("agent.statePath=var/lib", "/agent/statePath"),
                              ("agent.maxUnavailable=0", "/agent/maxUnavailable"),
                              ("agent.maxUnavailable=0%", "/agent/maxUnavailable"),
                              ("settings.deniedNamespaces={A B}", "/settings/deniedNamespaces/0"),
                              ("settings.excludeContainers={a_b}", "/settings/excludeContainers/0"),
                              ("rbac.autoPatchNamespaces={UP}", "/rbac/autoPatchNamespaces/0"),
                              ("image.digest=latest", "sha256")]:
            with self.subTest(setting), self.assertRaisesRegex(CommandFailed, re.escape(says)):
                render(setting)

    def test_paths_and_lists_that_are_fine_are_taken(self):
        for setting in ("agent.statePath=/var/lib/plimsoll", "agent.statePath=/a/.b/..c/d.e/",
                        "agent.statePath=", "agent.maxUnavailable=100%", "agent.maxUnavailable=1"):
            with self.subTest(setting):
                self.assertTrue(render(setting))

    def test_a_list_that_is_taken_away_is_an_empty_one(self):
        arguments = flags_of(one(
            render("settings.deniedNamespaces=null", "settings.excludeContainers=null"),
            "Deployment"))
        self.assertEqual(arguments["denied-namespaces"], NAMESPACE)
        self.assertEqual(arguments["exclude-containers"], "")

    def test_the_schema_has_the_keys_of_values_yaml_and_no_others(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        schema = json.loads((CHART / "values.schema.json").read_text())

        def compare(value, rules, path):
            if "properties" not in rules:
                return
            self.assertIs(rules["additionalProperties"], False, path)
            self.assertEqual(set(rules["properties"]) - {"global", "claims"}, set(value), path)
            for key, inner in value.items():
                compare(inner, rules["properties"][key], f"{path}.{key}")

        compare(values, {**schema, "properties": {k: v for k, v in schema["properties"].items()}}, "")

    def test_an_old_cluster_is_refused(self):
        with self.assertRaisesRegex(CommandFailed, "1.30"):
            run("helm", "template", "x", CHART, "--kube-version", "1.29.9")


class Rights(unittest.TestCase):
    def test_with_auto_patch_the_one_right_over_workloads_is_to_resize_pods(self):
        self.assertEqual(writes(render()), OWN_WRITES | {("", "pods/resize", "patch", ())})

    def test_below_auto_patch_nothing_of_anybody_else_can_be_written(self):
        for mode in ("recommend", "off"):
            with self.subTest(mode):
                objects = render(f"settings.maxMode={mode}")
                self.assertEqual(writes(objects), OWN_WRITES)
                self.assertNotIn("resize", json.dumps([o for o in objects if "Role" in o["kind"]]))

    def test_listed_namespaces_bound_the_right_to_resize(self):
        objects = render("rbac.autoPatchNamespaces={shop,bank}")
        self.assertEqual([b["metadata"]["namespace"]
                          for b in of_kind(objects, "RoleBinding", "-auto-patch")], ["shop", "bank"])
        self.assertEqual(of_kind(objects, "ClusterRoleBinding", "-auto-patch"), [])

    def test_no_rule_has_a_wildcard_and_no_secret_is_read_but_the_two(self):
        for role in (o for o in render() if o["kind"] in ("Role", "ClusterRole")):
            for rule in role["rules"]:
                self.assertNotIn("*", rule["apiGroups"] + rule["resources"] + rule["verbs"])
                if "secrets" in rule["resources"]:
                    self.assertEqual(len(rule["resourceNames"]), 2)

    def test_the_agent_has_no_right_and_no_token(self):
        objects = render()
        agent = one(objects, "DaemonSet")["spec"]["template"]["spec"]
        self.assertIs(agent["automountServiceAccountToken"], False)
        for binding in (o for o in objects if o["kind"].endswith("RoleBinding")):
            self.assertNotIn(agent["serviceAccountName"], [s["name"] for s in binding["subjects"]])

    def test_without_agents_there_is_nothing_of_theirs(self):
        objects = render("agent.enabled=false")
        for kind in ("DaemonSet", "Secret"):
            self.assertEqual(of_kind(objects, kind), [])
        self.assertEqual(of_kind(objects, "ServiceAccount", "-agent"), [])
        self.assertNotIn("secrets", {resource for _, resource, _, _ in writes(objects)})


class Pods(unittest.TestCase):
    def test_the_operator_runs_without_root_on_a_read_only_root(self):
        pod = one(render(), "Deployment")["spec"]["template"]["spec"]
        container = pod["containers"][0]
        self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
        self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertEqual(container["securityContext"],
                         {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                          "capabilities": {"drop": ["ALL"]}})
        self.assertNotIn("volumes", pod)
        self.assertEqual(container["livenessProbe"]["httpGet"]["path"], "/healthz")
        self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")
        self.assertIn("limits", container["resources"])

    def test_the_agent_is_not_privileged_and_has_three_capabilities_at_most(self):
        for access, added in (("process", ["SYS_PTRACE", "DAC_OVERRIDE", "SYSLOG"]),
                              ("cgroup", [])):
            with self.subTest(access):
                pod = one(render(f"agent.access={access}"), "DaemonSet")["spec"]["template"]["spec"]
                context = pod["containers"][0]["securityContext"]
                self.assertEqual(pod["hostPID"], access == "process")
                self.assertIs(context["privileged"], False)
                self.assertEqual(context["capabilities"]["drop"], ["ALL"])
                self.assertEqual(context["capabilities"].get("add", []), added)
                self.assertEqual([v["hostPath"]["path"] for v in pod["volumes"] if "hostPath" in v],
                                 ["/var/lib/plimsoll/plimsoll-system-plimsoll", "/sys/fs/cgroup"])
                for setting in ("hostNetwork", "hostIPC"):
                    self.assertNotIn(setting, pod)

    def test_what_the_agent_has_told_is_kept_on_the_node_unless_that_is_not_wanted(self):
        def state(*settings):
            pod = one(render(*settings), "DaemonSet")["spec"]["template"]["spec"]
            volume, = (v for v in pod["volumes"] if v["name"] == "state")
            return volume

        self.assertEqual(state()["hostPath"]["type"], "DirectoryOrCreate")
        self.assertEqual(state("agent.statePath=/srv/p/")["hostPath"]["path"],
                         "/srv/p/plimsoll-system-plimsoll")
        self.assertIn("emptyDir", state("agent.statePath="))
        with self.assertRaisesRegex(CommandFailed, "statePath"):
            render("agent.statePath=relative/path")

    def test_agent_and_probes_listen_on_both_families(self):
        agent = flags_of(one(render(), "DaemonSet"))
        self.assertEqual((agent["listen"], agent["health-listen"]), ("[::]:9478", "[::]:9479"))

    def test_every_value_of_settings_reaches_its_flag(self):
        operator = flags_of(one(render(
            "settings.defaultMode=off", "settings.maxMode=recommend", "settings.objective=Savings",
            "settings.deniedNamespaces={a,b}", "settings.excludeContainers={x,y}",
            "settings.logLevel=debug", "metrics.port=9000", "agent.port=9999"), "Deployment"))
        self.assertEqual(operator["default-mode"], "off")
        self.assertEqual(operator["max-mode"], "recommend")
        self.assertEqual(operator["objective"], "Savings")
        self.assertEqual(operator["denied-namespaces"], "a,b," + NAMESPACE)
        self.assertEqual(operator["exclude-containers"], "x,y")
        self.assertEqual(operator["log-level"], "debug")
        self.assertEqual(operator["metrics-port"], "9000")
        self.assertEqual(operator["agent-port"], "9999")

    def test_the_programs_take_every_flag_that_they_are_given(self):
        """Each is started with its flags, and one more that ends it once all of them are checked."""
        build = pathlib.Path(os.environ["PLIMSOLL_BUILD"])
        ends = (("plimsoll-operator", "Deployment", "--probe=http://127.0.0.1:1/", "127.0.0.1:1"),
                ("plimsoll-agent", "DaemonSet", "--cgroup-root=/nowhere", "/nowhere"))
        sets = [*VALUE_SETS, ("settings.excludeContainers=null", "settings.deniedNamespaces=null"),
                ("operator.extraArgs={--log-level=debug,--max-mode=off}",
                 "agent.extraArgs={--log-level=debug,--access=cgroup}")]
        for settings in sets:
            objects = render(*settings)
            for program, kind, end, says in ends:
                for workload in of_kind(objects, kind):
                    arguments = workload["spec"]["template"]["spec"]["containers"][0]["args"]
                    with self.subTest(program, settings=settings):
                        done = subprocess.run([build / program, *arguments, end], text=True,
                                              capture_output=True, timeout=60, check=False)
                        self.assertEqual(done.returncode, 1, done.stderr)
                        self.assertIn(says, done.stdout + done.stderr)

    def test_each_program_tells_its_version(self):
        version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
        for program in ("plimsoll-operator", "plimsoll-agent", "kubectl-plimsoll"):
            self.assertEqual(run(pathlib.Path(os.environ["PLIMSOLL_BUILD"], program), "--version"),
                             version + "\n", program)

    def test_the_operator_looks_for_its_agents_where_they_are(self):
        objects = render(release="my-release", namespace="elsewhere")
        operator = flags_of(one(objects, "Deployment"))
        labels = one(objects, "DaemonSet")["spec"]["template"]["metadata"]["labels"]
        wanted = dict(pair.split("=") for pair in operator["agent-selector"].split(","))
        self.assertLessEqual(wanted.items(), labels.items())
        self.assertEqual(operator["agent-namespace"], "elsewhere")
        self.assertEqual({s["metadata"]["name"] for s in of_kind(objects, "Secret")},
                         {operator["operator-tls-secret"], operator["agent-tls-secret"]})
        volumes = one(objects, "DaemonSet")["spec"]["template"]["spec"]["volumes"]
        self.assertIn(operator["agent-tls-secret"],
                      [v["secret"]["secretName"] for v in volumes if "secret" in v])

    def test_selectors_tell_operator_and_agent_apart(self):
        objects = render()
        agent = one(objects, "DaemonSet")["spec"]["template"]["metadata"]["labels"].items()
        for kind, path in (("Service", "selector"), ("PodDisruptionBudget", "selector")):
            selector = one(objects, kind)["spec"][path]
            selector = selector.get("matchLabels", selector)
            self.assertFalse(selector.items() <= agent, kind)

    def test_one_replica_has_no_disruption_budget(self):
        self.assertEqual(of_kind(render("operator.replicas=1"), "PodDisruptionBudget"), [])

    def test_the_image_is_one_for_both_and_a_digest_wins(self):
        digest = "sha256:" + "b" * 64
        objects = render("image.repository=r.example/p", "image.tag=1.2", f"image.digest={digest}")
        images = {c["image"] for kind in ("Deployment", "DaemonSet")
                  for c in one(objects, kind)["spec"]["template"]["spec"]["containers"]}
        self.assertEqual(images, {f"r.example/p@{digest}"})

    def test_a_long_release_name_still_makes_names_that_fit(self):
        for thing in render(release="a" * 53):
            limit = 253 if "Role" in thing["kind"] or thing["kind"].startswith("Custom") else 63
            self.assertLessEqual(len(thing["metadata"]["name"]), limit)


class Extras(unittest.TestCase):
    def test_monitors_and_network_policies_are_made_on_request_only(self):
        kinds = {o["kind"] for o in render()}
        self.assertFalse({"ServiceMonitor", "NetworkPolicy"} & kinds)

    def test_a_service_monitor_finds_the_metrics_service(self):
        objects = render("metrics.serviceMonitor.enabled=true",
                         "metrics.serviceMonitor.labels.release=prometheus")
        monitor, service = one(objects, "ServiceMonitor"), one(objects, "Service")
        self.assertEqual(monitor["metadata"]["labels"]["release"], "prometheus")
        self.assertLessEqual(monitor["spec"]["selector"]["matchLabels"].items(),
                             service["metadata"]["labels"].items())
        endpoint = monitor["spec"]["endpoints"][0]
        self.assertEqual(endpoint["port"], service["spec"]["ports"][0]["name"])
        self.assertTrue(endpoint["honorLabels"], "the label namespace is the workload's")

    def test_network_policies_let_the_operator_in_to_the_agents_and_nobody_else(self):
        objects = render("networkPolicy.enabled=true")
        operator = one(objects, "Deployment")["spec"]["template"]
        agent = one(objects, "DaemonSet")["spec"]["template"]
        rules = one(objects, "NetworkPolicy", "-agent")["spec"]
        self.assertLessEqual(rules["podSelector"]["matchLabels"].items(),
                             agent["metadata"]["labels"].items())
        stream, probe = rules["ingress"]
        self.assertLessEqual(stream["from"][0]["podSelector"]["matchLabels"].items(),
                             operator["metadata"]["labels"].items())
        self.assertFalse(stream["from"][0]["podSelector"]["matchLabels"].items() <=
                         agent["metadata"]["labels"].items())
        ports = {p["name"] for p in agent["spec"]["containers"][0]["ports"]}
        self.assertEqual({stream["ports"][0]["port"], probe["ports"][0]["port"]}, ports)
        limited = render("networkPolicy.enabled=true",
                         "networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus")
        peers = one(limited, "NetworkPolicy", "-operator")["spec"]["ingress"][0]["from"]
        self.assertEqual(peers[0]["podSelector"]["matchLabels"], {"app": "prometheus"})
        # Whoever may read the metrics, helm test may ask this port whether the operator is ready.
        self.assertLessEqual(peers[1]["podSelector"]["matchLabels"].items(),
                             one(limited, "Pod")["metadata"]["labels"].items())
        self.assertEqual(of_kind(render("networkPolicy.enabled=true", "agent.enabled=false"),
                                 "NetworkPolicy", "-agent"), [])

    def test_helm_test_asks_the_operator_s_service_and_is_taken_for_neither_program(self):
        objects = render(release="my", namespace="elsewhere")
        pod, service = one(objects, "Pod"), one(objects, "Service")
        self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
        variable = service["metadata"]["name"].upper().replace("-", "_") + "_SERVICE_"
        url = f"--probe=http://$({variable}HOST):$({variable}PORT)/"
        probes = [container["args"] for container in pod["spec"]["containers"]]
        self.assertEqual(probes, [[url + path, "--probe-wait=60"] for path in ("readyz", "agentz")])
        without = one(render("agent.enabled=false"), "Pod")["spec"]["containers"]
        self.assertEqual([container["name"] for container in without], ["readyz"])
        self.assertFalse(service["spec"]["selector"].items() <= pod["metadata"]["labels"].items())
        self.assertEqual(of_kind(render("tests.enabled=false"), "Pod"), [])


class Definitions(unittest.TestCase):
    FILES = sorted((CHART / "files" / "crds").glob("*.yaml"))

    def test_the_chart_installs_the_definitions_of_crds(self):
        linked = sorted((ROOT / "crds").iterdir())
        self.assertEqual([path.resolve() for path in linked], self.FILES)
        sources = {c["metadata"]["name"]: c["spec"]
                   for c in (yaml.safe_load(path.read_text()) for path in linked)}
        rendered = {c["metadata"]["name"]: c["spec"]
                    for c in of_kind(render(), "CustomResourceDefinition")}
        self.assertEqual(rendered, sources)
        self.assertEqual(len(rendered), 3)

    def test_keep_decides_about_uninstalling(self):
        for keep, expected in (("true", {"helm.sh/resource-policy": "keep"}), ("false", None)):
            for definition in of_kind(render(f"crds.keep={keep}"), "CustomResourceDefinition"):
                self.assertEqual(definition["metadata"].get("annotations"), expected)
        self.assertEqual(of_kind(render("crds.enabled=false"), "CustomResourceDefinition"), [])

    def test_a_packaged_chart_renders_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            run("helm", "package", CHART, "--destination", folder)
            package, = pathlib.Path(folder).glob("plimsoll-*.tgz")
            self.assertEqual(render(chart=package), render())

    def test_every_field_has_a_sentence_and_every_list_and_text_a_bound(self):
        def walk(schema, path):
            for name, field in schema.get("properties", {}).items():
                self.assertTrue(field.get("description", "").endswith((".", ".)")) or
                                field.get("type") == "object" and path == "", f"{path}.{name}")
                walk(field, f"{path}.{name}")
            kind = schema.get("type")
            if kind == "array":
                self.assertIn("maxItems", schema, path)
                walk(schema["items"], path + "[]")
            if kind == "string" and path.count(".") > 1:
                self.assertTrue({"maxLength", "enum", "format"} & set(schema), path)
            if isinstance(schema.get("additionalProperties"), dict):
                self.assertIn("maxProperties", schema, path)

        for path in self.FILES:
            versions = yaml.safe_load(path.read_text())["spec"]["versions"]
            walk(versions[0]["schema"]["openAPIV3Schema"], "")

    def test_names_are_those_of_the_code(self):
        header = (ROOT / "operator" / "api" / "names.h").read_text()
        for path in self.FILES:
            names = yaml.safe_load(path.read_text())["spec"]["names"]
            self.assertIn(f'"{names["plural"]}"', header)
            self.assertIn(f'"{names["kind"]}"', header)


if __name__ == "__main__":
    unittest.main()
