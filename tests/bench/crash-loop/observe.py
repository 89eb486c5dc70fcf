#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Watches the pods of one namespace for some time and tells what the kernel did to them.

Usage: observe.py KUBECTL NAMESPACE CGROUP_ROOT NEED_MIB SECONDS LOG [LABEL_AT_KILLS]
Writes to LOG, a line each with the seconds since the first pod was seen: kill (from the kernel's own
log, with the level whose limit was hit), limit (of the container's cgroup), pod (the pod cgroup's
limit), holds (the container has all it needs), label. With LABEL_AT_KILLS it labels the namespace
plimsoll.dev/mode=auto-patch as soon as each of two pods has been killed that often.
Its last line of output, about the time after the label, or all of it without one:
  kills=MOST_OF_A_POD total=N limit_mib=LARGEST stable=SECONDS|never label=SECONDS|none
stable: from the label (or the start) to the last kill or rise of a limit, when every pod holds what it
needs then and nothing of the kind happened in the last quarter of the time.
"""
import glob
import json
import os
import re
import subprocess
import sys
import time

UID = re.compile(r"pod([0-9a-f]{8}[-_][0-9a-f-_]{27})")
POLL, PODS_EVERY = 0.1, 2.0


def number(*names):
    for name in names:
        try:
            with open(name) as file:
                text = file.read().strip()
            return None if text == "max" else int(text)
        except OSError:
            continue
    return None


class Observer:
    def __init__(self, kubectl, namespace, root, need_mib, log):
        self.kubectl, self.namespace, self.root = kubectl, namespace, root
        # A page here and there is not touched: 98 % of what the program asks for is all of it.
        self.need = int(need_mib * 1024 * 1024 * 0.98)
        self.log = open(log, "w", buffering=1)
        self.start = None
        self.names = {}  # uid: name
        self.limits = {}  # (what, folder): bytes
        self.holding = set()
        self.kills = []  # (seconds, name)
        self.rises = []  # seconds
        self.label = None
        self.kmsg = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.kmsg, 0, os.SEEK_END)

    def now(self):
        return time.monotonic() - self.start

    def tell(self, what, text):
        print(f"{self.now():.1f} {what} {text}", file=self.log)

    def look_for_pods(self):
        answer = subprocess.run([self.kubectl, "-n", self.namespace, "get", "pods", "-o", "json"],
                                capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            return
        for pod in json.loads(answer.stdout)["items"]:
            uid, name = pod["metadata"]["uid"], pod["metadata"]["name"]
            if uid not in self.names:
                self.names[uid] = name
                if self.start is None:
                    self.start = time.monotonic()
                self.tell("started", name)

    def read_kernel_log(self):
        while True:
            try:
                line = os.read(self.kmsg, 8192).decode(errors="replace")
            except BlockingIOError:
                return
            except OSError:  # lines were lost; what follows is whole
                continue
            if "oom-kill:" not in line:
                continue
            uid = UID.search(line)
            name = self.names.get(uid.group(1).replace("_", "-")) if uid else None
            if name:
                level = re.search(r"oom_memcg=([^,]*)", line)
                at_pod = level and UID.search(level.group(1).rsplit("/", 1)[-1])
                self.kills.append((self.now(), name))
                self.tell("kill", f"{name} at the {'pod' if at_pod else 'container'}'s limit")

    def read_cgroups(self):
        holding = set()
        for uid, name in self.names.items():
            for pod in glob.glob(f"{self.root}/*/pod{uid}") + glob.glob(f"{self.root}/pod{uid}"):
                self.read_limit("pod", name, pod)
                for container in glob.glob(pod + "/[0-9a-f]*"):
                    self.read_limit("limit", name, container)
                    usage = number(container + "/memory.current", container + "/memory.usage_in_bytes")
                    if usage and usage >= self.need:
                        holding.add(name)
        for name in holding - self.holding:
            self.tell("holds", name)
        self.holding = holding

    def read_limit(self, what, name, folder):
        limit = number(folder + "/memory.max", folder + "/memory.limit_in_bytes")
        before = self.limits.get((what, folder))
        # cgroup v1 knows no "max": a number of 2^63 or so stands for it.
        if limit is None or limit >= 1 << 60 or limit == before:
            return
        self.limits[what, folder] = limit
        self.tell(what, f"{name} {limit >> 20} MiB")
        if before is not None and limit > before:
            self.rises.append(self.now())

    def maybe_label(self, at_kills):
        killed = [name for _, name in self.kills]
        if self.label is not None or sum(killed.count(n) >= at_kills for n in set(killed)) < 2:
            return
        subprocess.run([self.kubectl, "label", "namespace", self.namespace, "--overwrite",
                        "plimsoll.dev/mode=auto-patch"], check=True, stdout=subprocess.DEVNULL)
        self.label = self.now()
        self.tell("label", "plimsoll.dev/mode=auto-patch")

    def summary(self, seconds):
        since = self.label or 0.0
        end = since + seconds
        killed = [name for at, name in self.kills if at >= since]
        moved = [at for at, _ in self.kills if at >= since] + [at for at in self.rises if at >= since]
        last = max(moved, default=since)
        calm = len(self.holding) >= 2 and last < end - seconds / 4
        largest = max((v for (what, f), v in self.limits.items() if what == "limit" and os.path.exists(f)),
                      default=max((v for (what, _), v in self.limits.items() if what == "limit"), default=0))
        return (f"kills={max((killed.count(name) for name in set(killed)), default=0)} total={len(killed)} "
                f"limit_mib={largest / 1024 / 1024:.0f} stable={f'{last - since:.1f}' if calm else 'never'} "
                f"label={f'{self.label:.1f}' if self.label is not None else 'none'}")


def main():
    kubectl, namespace, root, need, seconds, log = sys.argv[1:7]
    at_kills = int(sys.argv[7]) if len(sys.argv) > 7 else 0
    observer = Observer(kubectl, namespace, root, float(need), log)
    seconds, next_pods, begun = float(seconds), 0.0, time.monotonic()
    while True:
        if time.monotonic() >= next_pods:
            observer.look_for_pods()
            next_pods = time.monotonic() + PODS_EVERY
        if observer.start is None:
            if time.monotonic() - begun > 60:
                sys.exit(f"no pod appeared in namespace {namespace}")
        else:
            observer.read_kernel_log()
            observer.read_cgroups()
            if at_kills:
                observer.maybe_label(at_kills)
            waited = observer.now() - (observer.label or 0.0)
            if waited >= seconds and (observer.label is not None or not at_kills):
                break
            if at_kills and observer.label is None and observer.now() > 300:
                sys.exit(f"the pods of {namespace} were not killed {at_kills} times each in 300 s")
        time.sleep(POLL)
    print(observer.summary(seconds))


main()
