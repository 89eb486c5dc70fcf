#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Watches one container's cgroup (v1 or v2) at about 1 kHz and prints what it saw, one line each:

  near SECONDS LIMIT     usage passed 80 % of this limit at this moment (monotonic clock)
  limit SECONDS LIMIT    the container's limit became this
  pod SECONDS LIMIT      the pod's limit became this
  kill SECONDS COUNT     the kernel's count of killed processes rose to this

Usage: watch_limits.py CONTAINER_CGROUP SECONDS
"""
import os
import sys
import time


def number(path):
    try:
        with open(path) as file:
            text = file.read().strip()
    except OSError:
        return None
    return None if text == "max" else int(text)


def kills(folder):
    for name in ("memory.events", "memory.oom_control"):
        try:
            with open(os.path.join(folder, name)) as file:
                for line in file:
                    key, value = line.split()
                    if key == "oom_kill":
                        return int(value)
        except OSError:
            continue
    return None


def main():
    folder, seconds = sys.argv[1], float(sys.argv[2])
    v2 = os.path.exists(os.path.join(folder, "memory.max"))
    limit_file = "memory.max" if v2 else "memory.limit_in_bytes"
    usage_file = "memory.current" if v2 else "memory.usage_in_bytes"
    pod = os.path.dirname(folder)
    limit, pod_limit, killed, near = None, None, None, None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = time.monotonic()
        usage = number(os.path.join(folder, usage_file))
        if usage is None and not os.path.isdir(folder):
            print(f"gone {now:.4f} 0", flush=True)
            return
        new = number(os.path.join(folder, limit_file))
        if new != limit:
            print(f"limit {now:.4f} {new}", flush=True)
            limit = new
        new = number(os.path.join(pod, limit_file))
        if new != pod_limit:
            print(f"pod {now:.4f} {new}", flush=True)
            pod_limit = new
        if limit and usage and usage > 0.8 * limit and near != limit:
            print(f"near {now:.4f} {limit}", flush=True)
            near = limit
        new = kills(folder)
        if new is not None and new != killed:
            if killed is not None:
                print(f"kill {now:.4f} {new}", flush=True)
            killed = new
        time.sleep(0.001)


main()
