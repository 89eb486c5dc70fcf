# shellcheck shell=bash
# What cases about the product itself share. Needs node.sh.

# hold_deployment NAMESPACE NAME IMAGE MIB LIMIT runs the program `hold`, which takes MIB at 16 MiB a
# second and keeps them, in one pod with this limit.
hold_deployment() {
  kubectl -n "$1" apply -f - >/dev/null <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: $2}
spec:
  selector: {matchLabels: {app: $2}}
  template:
    metadata: {labels: {app: $2}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: hold
        image: $3
        imagePullPolicy: Never
        args: ["$4", "${HOLD_RATE:-16}"]
        resources: {requests: {memory: 16Mi}, limits: {memory: $5}}
YAML
}

# pod_of NAMESPACE APP prints the name of a pod of the Deployment.
pod_of() { kubectl -n "$1" get pods -l "app=$2" -o 'jsonpath={.items[0].metadata.name}' 2>/dev/null; }

# holds NAMESPACE POD MIB: the program `hold` of the pod says that it has all of it, so this run is over
# the hill: nothing kills it later that has not by now.
holds() { kubectl -n "$1" logs "$2" 2>/dev/null | grep -qx "holding $3 MiB"; }

# advice_field NAMESPACE NAME JSONPATH prints a field of a MemoryRecommendation.
advice_field() { kubectl -n "$1" get memrec "$2" -o "jsonpath={$3}" 2>/dev/null; }

# in_bytes QUANTITY: 128Mi -> 134217728.
in_bytes() { numfmt --from=iec-i "$1"; }

# pod_holds_container NAMESPACE POD CONTAINER: the pod's limit is not below its container's.
pod_holds_container() {
  local container pod
  container=$(container_limit "$@") && pod=$(pod_limit "$1" "$2") && [ "$pod" -ge "$container" ]
}

# quick_policy NAMESPACE lets memory be taken away after a minute, every ten seconds: a test's pace.
quick_policy() {
  kubectl -n "$1" apply -f - >/dev/null <<'YAML'
apiVersion: plimsoll.dev/v1alpha1
kind: MemoryPolicy
metadata: {name: quick}
spec:
  targetSelector: {}
  learning: {minimumSeconds: 60}
  autoPatch: {cooldownSeconds: 10}
YAML
}

# operator_logs SINCE prints the logs of all operators from that time on.
operator_logs() {
  local pod
  for pod in $(kubectl -n plimsoll-system get pods -l app.kubernetes.io/component=operator -o name); do
    kubectl -n plimsoll-system logs "$pod" --since-time="$1" 2>/dev/null
  done
}

# lease_holder prints the name of the pod that leads.
lease_holder() {
  local holder
  holder=$(lease_identity) || return 1
  echo "${holder%_*}"
}
# lease_identity prints the leading process: its pod's name and something of its own.
lease_identity() {
  kubectl -n plimsoll-system get lease plimsoll-leader -o 'jsonpath={.spec.holderIdentity}'
}

# program_pid NAME [POD] prints the process id, on this machine, of a program of the product that runs
# in this instance, in that pod.
program_pid() {
  local pid
  for pid in $(pgrep -x "${1:0:15}"); do
    grep -q "/plimsoll-$NODE_INSTANCE/" "/proc/$pid/cgroup" 2>/dev/null || continue
    [ -z "${2:-}" ] || grep -qzx "POD_NAME=$2" "/proc/$pid/environ" || continue
    echo "$pid"
    return 0
  done
  return 1
}

# helm_settings KEY=VALUE... upgrades the release with these values on top of those it has.
helm_settings() {
  local helm flags=() value
  helm=$("$NODE_ROOT/deploy/local/status" --name "$NODE_INSTANCE" --helm)
  for value in "$@"; do flags+=(--set "$value"); done
  "$helm" upgrade plimsoll "$NODE_ROOT/charts/plimsoll" -n plimsoll-system --reuse-values "${flags[@]}" \
    --wait --timeout 180s >/dev/null
}
