# SPDX-License-Identifier: Apache-2.0
"""helm and kubectl for the tests beside this file."""
import json
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "plimsoll"
NAMESPACE = "plimsoll-system"


class CommandFailed(Exception):
    """A command's exit status was not 0; the text is what it said."""


def run(*command, text=None):
    """The command's standard output. CommandFailed carries what it printed on standard error."""
    done = subprocess.run([str(word) for word in command], input=text, text=True,
                          capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise CommandFailed(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def render(*settings, chart=CHART, release="plimsoll", namespace=NAMESPACE):
    """All objects of the chart with --set SETTING for each."""
    flags = [flag for setting in settings for flag in ("--set", setting)]
    text = run("helm", "template", release, chart, "--namespace", namespace,
               "--kube-version", "1.36.0", *flags)
    return [document for document in yaml.safe_load_all(text) if document]


def of_kind(objects, kind, ending=""):
    return [o for o in objects if o["kind"] == kind and o["metadata"]["name"].endswith(ending)]


def one(objects, kind, ending=""):
    found = of_kind(objects, kind, ending)
    assert len(found) == 1, f"{len(found)} objects {kind} *{ending}"
    return found[0]


def kubectl(*arguments, text=None):
    return run("kubectl", *arguments, text=text)


def apply(*objects, status=False):
    """Server-side apply in which the server refuses fields it does not know."""
    flags = ["--subresource=status"] if status else []
    return kubectl("apply", "--server-side", "--validate=strict", "--field-manager=test", *flags,
                   "-f", "-", text="\n---\n".join(json.dumps(o) for o in objects))
