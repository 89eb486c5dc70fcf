# SPDX-License-Identifier: Apache-2.0
"""The certificate controller against a real API server, with the rights that the chart gives it."""
import base64
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import yaml

from test_server import OPERATOR, Installed, install
from tools import NAMESPACE, kubectl

OURS, THEIRS = "plimsoll-operator-tls", "plimsoll-agent-tls"


def secret(name):
    document = json.loads(kubectl("get", "secret", name, "-n", NAMESPACE, "-o", "json"))
    data = {k: base64.b64decode(v).decode() for k, v in document.get("data", {}).items()}
    return data, document["metadata"]["resourceVersion"]


class Certificates(Installed):
    def setUp(self):
        # The Secrets as the chart makes them: there, and empty.
        kubectl("delete", "secret", OURS, THEIRS, "-n", NAMESPACE, "--ignore-not-found")
        install()
        config = yaml.safe_load(pathlib.Path(os.environ["KUBECONFIG"]).read_text())
        for user in config["users"]:
            user["user"]["as"] = OPERATOR
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.kubeconfig = pathlib.Path(self.folder, "as-operator.kubeconfig")
        self.kubeconfig.write_text(yaml.safe_dump(config))

    def reconcile(self, role="lead"):
        """The lines that it printed; the lines of its complaint when it failed."""
        program = pathlib.Path(os.environ["PLIMSOLL_BUILD"], "certificates_reconcile_once")
        done = subprocess.run([program, NAMESPACE, OURS, THEIRS, role], text=True,
                              capture_output=True, timeout=60, check=False,
                              env={**os.environ, "KUBECONFIG": str(self.kubeconfig)})
        return (done.stdout if done.returncode == 0 else done.stderr).splitlines()

    def verify(self, data, purpose, name):
        """OpenSSL's own command judges the certificate against the bundle."""
        for key, value in data.items():
            pathlib.Path(self.folder, key).write_text(value)
        subprocess.run(["openssl", "verify", "-CAfile", "ca.crt", "-purpose", purpose,
                        "-verify_hostname", name, "tls.crt"], cwd=self.folder, check=True,
                       capture_output=True)

    def test_empty_secrets_are_filled_with_what_openssl_accepts(self):
        self.assertEqual(self.reconcile("follow"), [])

        self.assertEqual(self.reconcile(), ["made a certificate authority",
                                            "issued the operator's certificate",
                                            "issued the agents' certificate", "identity"])

        ours, theirs = secret(OURS)[0], secret(THEIRS)[0]
        self.assertEqual(set(theirs), {"ca.crt", "tls.crt", "tls.key"})
        self.assertEqual(ours["ca.crt"], theirs["ca.crt"])
        self.verify(theirs, "sslserver", "agent.plimsoll")
        self.verify({k: ours[k] for k in ("ca.crt", "tls.crt")}, "sslclient", "operator.plimsoll")
        self.assertEqual(self.reconcile("follow"), ["identity"])

    def test_a_second_pass_writes_nothing(self):
        self.reconcile()
        before = secret(OURS), secret(THEIRS)
        self.assertEqual(self.reconcile(), ["identity"])
        self.assertEqual((secret(OURS), secret(THEIRS)), before)

    def test_what_somebody_broke_is_mended_under_the_same_authority(self):
        self.reconcile()
        authority = secret(OURS)[0]["authority.crt"]
        kubectl("patch", "secret", THEIRS, "-n", NAMESPACE, "--type=merge", "-p",
                json.dumps({"data": {"tls.crt": "cnViYmlzaA==", "ca.crt": None}}))
        self.assertEqual(self.reconcile(), ["issued the agents' certificate", "identity"])
        self.assertEqual(secret(OURS)[0]["authority.crt"], authority)
        self.verify(secret(THEIRS)[0], "sslserver", "agent.plimsoll")

    def test_a_missing_secret_is_named_with_who_makes_it(self):
        kubectl("delete", "secret", THEIRS, "-n", NAMESPACE)
        complaint, = self.reconcile()
        self.assertIn(f"Secret {NAMESPACE}/{THEIRS} is missing; the Helm chart makes it", complaint)
        install()
        self.assertEqual(self.reconcile()[-1], "identity")


del Installed  # imported, its tests are not to run twice


if __name__ == "__main__":
    unittest.main()
