# shellcheck shell=bash
# The cgroup below which all pods of the instance live, on cgroup v1 (one folder for each controller)
# and v2 (one folder). Needs: CGROUP, progress.sh.

# cgroup_version prints 1 or 2: where the memory controller is. That decides what the kubelet uses.
cgroup_version() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo 2; else echo 1; fi
}

# cgroup_roots prints the folders that hold CGROUP.
cgroup_roots() {
  if [ "$(cgroup_version)" = 2 ]; then
    echo /sys/fs/cgroup
  else
    find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
  fi
}

# cgroup_up makes CGROUP. The kubelet refuses a root that lacks a controller.
cgroup_up() {
  local root controller controllers
  for root in $(cgroup_roots); do
    if [ -f "$root/cgroup.subtree_control" ]; then
      read -ra controllers <"$root/cgroup.controllers"
      for controller in "${controllers[@]}"; do
        echo "+$controller" >"$root/cgroup.subtree_control" 2>/dev/null || true
      done
    fi
    mkdir -p "$root/$CGROUP"
    # A cpuset of v1 is unusable until it has processors and memory nodes.
    if [ -f "$root/cpuset.cpus" ] && [ -f "$root/$CGROUP/cpuset.cpus" ] && [ ! -s "$root/$CGROUP/cpuset.cpus" ]; then
      cat "$root/cpuset.mems" >"$root/$CGROUP/cpuset.mems"
      cat "$root/cpuset.cpus" >"$root/$CGROUP/cpuset.cpus"
    fi
  done
}

# cgroup_processes prints the ids of all processes in CGROUP and below.
cgroup_processes() {
  local root
  for root in $(cgroup_roots); do
    # One that is removed meanwhile is no error: it had no process left.
    find "$root/$CGROUP" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done | sort -u
}

# cgroup_down kills what runs in CGROUP and removes it.
cgroup_down() {
  local root pids deadline=$((SECONDS + 20))
  while pids=$(cgroup_processes) && [ -n "$pids" ]; do
    # shellcheck disable=SC2086 # one argument for each process
    kill -KILL $pids 2>/dev/null || true
    [ "$SECONDS" -lt "$deadline" ] || die "processes in cgroup $CGROUP do not end: $pids"
    sleep 0.1
  done
  for root in $(cgroup_roots); do
    # A process that has ended may hold its cgroup for a moment, and a shim may remove it first.
    until [ ! -d "$root/$CGROUP" ] || find "$root/$CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null; do
      [ "$SECONDS" -lt "$deadline" ] || { say "  could not remove all of $root/$CGROUP" && break; }
      sleep 0.1
    done
  done
}
