# shellcheck shell=bash
# What benchmarks on a real node share. With NODE_RUNS set the instance NODE_INSTANCE is there, with the
# chart on it, and stays (tests/bench/run and the node rung bring it up once for many); else it is
# brought up, and removed at the end unless KEEP is set. The script that sources this may define
# bench_cleanup, for what it made itself; it runs at the end of every run, also of a failed one.

export NODE_INSTANCE=${NODE_INSTANCE:-node-bench}
# shellcheck source=tests/node/lib/node.sh
. tests/node/lib/node.sh

bench_node_end() {
  ! declare -F bench_cleanup >/dev/null || bench_cleanup || true
  [ -n "${NODE_RUNS:-}${KEEP:-}" ] || node_down
}

# bench_node brings the node up, or uses the one that is there.
bench_node() {
  [ "$(id -u)" = 0 ] || { echo "a kubelet needs root" && exit 77; }
  trap bench_node_end EXIT
  if [ -n "${NODE_RUNS:-}" ]; then node_use; else node_up --no-demo; fi
}

# bench_namespaces BENCHMARK NAME... makes empty namespaces for a run. Names must be new each time: what
# Plimsoll remembers of a workload of the same name would help it.
bench_namespaces() {
  local benchmark=$1 name
  bench_namespaces_remove "$benchmark" # of a run that was killed
  shift
  for name in "$@"; do
    namespace_fresh "$name"
    kubectl label namespace "$name" "benchmark=$benchmark" >/dev/null
  done
}
bench_namespaces_remove() {
  local name
  for name in $(kubectl get namespaces -l "benchmark=$1" -o 'jsonpath={.items[*].metadata.name}'); do
    namespace_remove "$name"
  done
}

# auto_patch NAMESPACE lets Plimsoll patch there.
auto_patch() { kubectl label namespace "$1" plimsoll.dev/mode=auto-patch >/dev/null; }

# grow_pod NAMESPACE NAME IMAGE LIMIT_MIB BASE WAIT TARGET RATE starts a pod of the program `grow`.
grow_pod() {
  kubectl -n "$1" apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Pod
metadata: {name: $2}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
  - name: grow
    image: $3
    imagePullPolicy: Never
    args: ["$5", "$6", "$7", "$8"]
    resources: {requests: {memory: 16Mi}, limits: {memory: ${4}Mi}}
YAML
}

# remove_pod NAMESPACE NAME
remove_pod() { kubectl -n "$1" delete pod "$2" --grace-period=0 --force >/dev/null 2>&1; }

# median_and_p99 prints count, median and 99th percentile of the numbers on standard input.
median_and_p99() {
  sort -n | awk '{v[NR] = $1} END {i = int(NR * 0.99 + 0.999); if (i > NR) i = NR; print NR, v[int((NR + 1) / 2)], v[i]}'
}

# pod_groups NAMESPACE prints NAME=FOLDER for each pod whose first container has a memory cgroup.
pod_groups() {
  local name uid id root=/sys/fs/cgroup folder
  [ "$(cgroup_version)" = 2 ] || root=/sys/fs/cgroup/memory
  kubectl -n "$1" get pods -o \
    'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.status.containerStatuses[0].containerID}{"\n"}{end}' |
    while read -r name uid id; do
      for folder in "$root/plimsoll-$NODE_INSTANCE/kubepods"/{,*/}"pod$uid/${id##*/}"; do
        [ -z "$id" ] || [ ! -d "$folder" ] || echo "$name=$folder"
      done
    done
}

# cgroup_usage FOLDER prints the memory in use, 0 when it is gone.
cgroup_usage() { cat "$1/memory.current" 2>/dev/null || cat "$1/memory.usage_in_bytes" 2>/dev/null || echo 0; }

# pods_started NAMESPACE COUNT says whether that many pods have one.
pods_started() { [ "$(pod_groups "$1" | wc -l)" -ge "$2" ]; }
