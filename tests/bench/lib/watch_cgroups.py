#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Watches containers' cgroups (v1 or v2) a few hundred times a second and writes what it saw, a line
each, to FOLDER/NAME for each container (SECONDS by the monotonic clock):

  near SECONDS LIMIT     usage passed 80 % of this limit
  limit SECONDS LIMIT    the container's limit became this
  pod SECONDS LIMIT      the pod's limit became this
  kill SECONDS COUNT     the kernel's count of killed processes rose to this
  gone SECONDS 0         the cgroup was removed

Usage: watch_cgroups.py FOLDER SECONDS NAME=CGROUP...
Ends after SECONDS, when all are gone, or when FOLDER/stop appears. At the end it prints how long
one round over all containers took, at most: what the times above can be late by.
"""
import os
import sys
import time

PAUSE = 0.002


class File:
    """A control file that is kept open; read() gives its text, None when it is gone."""

    def __init__(self, *names):
        self.fd = -1
        for name in names:
            try:
                self.fd = os.open(name, os.O_RDONLY)
                return
            except OSError:
                continue

    def read(self):
        try:
            return os.pread(self.fd, 4096, 0)
        except OSError:
            return None

    def number(self):
        text = self.read()
        return int(text) if text and text.strip() != b"max" else None


class Container:
    def __init__(self, folder, name, group):
        self.log = open(os.path.join(folder, name), "w", buffering=1)
        pod = os.path.dirname(group)
        join = os.path.join
        self.usage = File(join(group, "memory.current"), join(group, "memory.usage_in_bytes"))
        self.limit = File(join(group, "memory.max"), join(group, "memory.limit_in_bytes"))
        self.pod = File(join(pod, "memory.max"), join(pod, "memory.limit_in_bytes"))
        self.events = File(join(group, "memory.events"), join(group, "memory.oom_control"))
        self.seen = {}
        self.near = None
        self.gone = False

    def kills(self):
        text = self.events.read() or b""
        for line in text.splitlines():
            key, _, value = line.partition(b" ")
            if key == b"oom_kill":
                return int(value)
        return None

    def tell(self, what, value):
        if value is None or self.seen.get(what) == value:
            return
        if what != "kill" or what in self.seen:
            print(f"{what} {time.monotonic():.4f} {value}", file=self.log)
        self.seen[what] = value

    def look(self):
        usage = self.usage.number()
        if usage is None:
            self.gone = True
            print(f"gone {time.monotonic():.4f} 0", file=self.log)
            return
        limit = self.limit.number()
        if limit and usage > 0.8 * limit and self.near != limit:
            self.near = limit
            print(f"near {time.monotonic():.4f} {limit}", file=self.log)
        self.tell("limit", limit)
        self.tell("pod", self.pod.number())
        self.tell("kill", self.kills())


def main():
    folder, seconds = sys.argv[1], float(sys.argv[2])
    containers = [Container(folder, *pair.split("=", 1)) for pair in sys.argv[3:]]
    end = time.monotonic() + seconds
    slowest, before = 0.0, time.monotonic()
    while containers and time.monotonic() < end and not os.path.exists(os.path.join(folder, "stop")):
        for container in containers:
            container.look()
        containers = [container for container in containers if not container.gone]
        time.sleep(PAUSE)
        now = time.monotonic()
        slowest, before = max(slowest, now - before), now
    print(f"{slowest:.3f}")


main()
