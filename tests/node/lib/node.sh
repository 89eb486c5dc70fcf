# shellcheck shell=bash
# What a case on a real node works with. A case is an executable in tests/node/cases; it sources this
# file, gets KUBECONFIG and NODE_INSTANCE from the rung (tests/rungs/60-node), works in namespaces of
# its own and ends with 0, by way of fail with 1, or with 77 when it has said what the machine lacks.

NODE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
NODE_INSTANCE=${NODE_INSTANCE:-node-test}
for part in progress cgroups; do
  # shellcheck source=/dev/null
  . "$NODE_ROOT/deploy/local/lib/$part.sh"
done

# node_up FLAG... brings the instance up (deploy/local/up's flags) and points kubectl at it.
node_up() {
  "$NODE_ROOT/deploy/local/up" --name "$NODE_INSTANCE" "$@" || return 1
  node_use
}

# node_use points kubectl at the running instance.
node_use() {
  KUBECONFIG=$("$NODE_ROOT/deploy/local/status" --name "$NODE_INSTANCE" --kubeconfig) || return 1
  NODE_KUBECTL=$("$NODE_ROOT/deploy/local/status" --name "$NODE_INSTANCE" --kubectl)
  export KUBECONFIG NODE_INSTANCE
}

node_down() { "$NODE_ROOT/deploy/local/down" --name "$NODE_INSTANCE"; }

kubectl() { "$NODE_KUBECTL" "$@"; }

# fail TEXT... ends the case.
fail() {
  say "FAILED: $*"
  [ -z "${namespace:-}" ] || tell_why "$namespace"
  exit 1
}

# tell_why NAMESPACE prints what Plimsoll says of its workloads: what does not hold, and its warnings.
# They go with the namespace, and most failures are told there already.
tell_why() {
  local conditions='{range .status.conditions[?(@.status!="True")]}{@.type}: {@.reason}: {@.message}; {end}'
  kubectl -n "$1" get memrec -o "jsonpath={range .items[*]}{@.metadata.name}: $conditions{'\n'}{end}" 2>/dev/null |
    sed 's/^/  FAILED: told by /' || true
  kubectl -n "$1" get events --field-selector type=Warning --sort-by .lastTimestamp --no-headers \
    -o 'custom-columns=REASON:.reason,MESSAGE:.message' 2>/dev/null | tail -n 6 | sed 's/^/  FAILED: event /' || true
}

# expect TEXT WANTED ACTUAL fails unless both are the same.
expect() { [ "$2" = "$3" ] || fail "$1: wanted '$2', is '$3'"; }

# eventually SECONDS TEXT COMMAND... fails unless COMMAND succeeds in time; says so when it took a while.
eventually() {
  local started=$SECONDS
  wait_until "$@" || fail "$2 did not come true within $1 s"
  [ $((SECONDS - started)) -lt 5 ] || say "  $2: after $((SECONDS - started)) s"
}

# node_image NAME FILE brings the static program FILE in as an image; prints its reference.
node_image() {
  local line
  line=$("$NODE_ROOT/deploy/image/build" --output "$NODE_ROOT/build/test-images" "$1=$2") || return 1
  # shellcheck disable=SC2086 # name, reference, file, bytes
  set -- $line
  ctr --address "${PLIMSOLL_STATE:-/var/lib/plimsoll-local}/$NODE_INSTANCE/containerd.sock" \
    --namespace k8s.io images import "$3" >/dev/null || return 1
  echo "$2"
}

# node_program NAME compiles tests/node/programs/NAME.c and brings it in; prints the reference.
node_program() (
  mkdir -p "$NODE_ROOT/build/test-programs"
  exec 7>"$NODE_ROOT/build/test-programs/.lock" && flock 7 # cases run at once
  gcc -static -O1 -s -o "$NODE_ROOT/build/test-programs/$1" "$NODE_ROOT/tests/node/programs/$1.c" || return 1
  node_image "$1" "$NODE_ROOT/build/test-programs/$1"
)

# namespace_fresh NAME makes an empty namespace, whatever an earlier run left.
namespace_fresh() {
  kubectl delete namespace "$1" --ignore-not-found --wait --timeout=180s >/dev/null || return 1
  kubectl create namespace "$1" >/dev/null || return 1
  # Until the controller made it, no pod is let in.
  wait_until 120 "namespace $1's service account" kubectl -n "$1" get serviceaccount default
}

# namespace_remove NAME removes it, its programs within a second; it waits for neither. (Pods that are
# forced away are gone for the API server while the kubelet still counts what they reserve.) It runs at
# the end of cases, where a failure would be the case's: a pod that goes meanwhile is one for kubectl.
namespace_remove() {
  kubectl -n "$1" delete pods --all --now --wait=false >/dev/null 2>&1 || true
  kubectl delete namespace "$1" --ignore-not-found --wait=false >/dev/null || true
}

# pod_field NAMESPACE POD JSONPATH prints a field of a pod.
pod_field() { kubectl -n "$1" get pod "$2" -o "jsonpath={$3}" 2>/dev/null; }

# container_field NAMESPACE POD CONTAINER FIELD prints a field of the container's status.
container_field() { pod_field "$1" "$2" ".status.containerStatuses[?(@.name==\"$3\")]$4"; }

# pod_cgroup NAMESPACE POD prints the folder of the pod's memory cgroup. It looks in the folder of each
# class and nowhere else: a search of the tree fails when a container of another pod ends meanwhile.
pod_cgroup() {
  local uid root=/sys/fs/cgroup folder
  uid=$(pod_field "$1" "$2" .metadata.uid)
  [ "$(cgroup_version)" = 2 ] || root=/sys/fs/cgroup/memory
  for folder in "$root/plimsoll-$NODE_INSTANCE/kubepods/"{,burstable/,besteffort/}"pod$uid"; do
    if [ -d "$folder" ]; then
      echo "$folder"
      return 0
    fi
  done
  return 1
}

# container_cgroup NAMESPACE POD CONTAINER prints the folder of the container's memory cgroup.
container_cgroup() {
  local folder id
  folder=$(pod_cgroup "$1" "$2") || return 1
  id=$(container_field "$1" "$2" "$3" .containerID)
  [ -n "$id" ] && [ -d "$folder/${id##*/}" ] && echo "$folder/${id##*/}"
}

# cgroup_limit FOLDER prints the memory limit in bytes.
cgroup_limit() { cat "$1/memory.max" 2>/dev/null || cat "$1/memory.limit_in_bytes"; }

# container_limit and pod_limit print the limits that the kernel has.
container_limit() {
  local folder
  folder=$(container_cgroup "$@") && cgroup_limit "$folder"
}
pod_limit() {
  local folder
  folder=$(pod_cgroup "$1" "$2") && cgroup_limit "$folder"
}

# limits_are NAMESPACE POD CONTAINER BYTES says whether container and pod have exactly this limit.
limits_are() { [ "$(container_limit "$1" "$2" "$3")" = "$4" ] && [ "$(pod_limit "$1" "$2")" = "$4" ]; }

# resize NAMESPACE POD CONTAINER QUANTITY changes the memory limit in place, as a user would.
resize() {
  kubectl -n "$1" patch pod "$2" --subresource resize \
    -p "{\"spec\":{\"containers\":[{\"name\":\"$3\",\"resources\":{\"limits\":{\"memory\":\"$4\"}}}]}}" >/dev/null
}

# kubelet_settings NAME starts the kubelet anew with the settings on standard input on top of its own;
# with none, without those of that name. Pods live on.
kubelet_settings() {
  local state=${PLIMSOLL_STATE:-/var/lib/plimsoll-local}/$NODE_INSTANCE file pid
  file=$state/kubelet.d/$1.conf
  cat >"$file.new"
  if [ -s "$file.new" ]; then mv "$file.new" "$file"; else rm -f "$file.new" "$file"; fi
  pid=$(cut -d ' ' -f 1 "$state/run/kubelet.pid")
  kill "$pid" || return 1
  while [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status"; do sleep 0.1; done
  # A manager refuses to start on what another policy wrote.
  rm -f "$state/kubelet/memory_manager_state"
  "$NODE_ROOT/deploy/local/up" --name "$NODE_INSTANCE" --no-chart >"$NODE_ROOT/build/test-logs/kubelet-settings.log"
}

# guest COMMAND... runs a command in the instance's virtual machine, with this standard input.
guest() { "$NODE_ROOT/deploy/local/vm/exec" --name "$NODE_INSTANCE" "$@"; }

# run_cases FOLDER CASE... runs cases, each for 15 minutes at most, and says what became of them; 0 when
# none failed. One that exits 77 has said what the machine lacks and is skipped; in CI, EXPECTED_SKIPS (0)
# are. Those whose third line is "# beside others" disturb nobody and mostly wait: they run first and all
# at once. The others follow one by one.
run_cases() {
  local folder=$1 each beside=() alone=() cases_passed=0 cases_failed=() cases_skipped=()
  shift
  for each in "$@"; do
    [ -x "$folder/$each" ] || { echo "$0: no case '$each'" >&2 && return 2; }
    if [ "$(sed -n 3p "$folder/$each")" = "# beside others" ]; then beside+=("$each"); else alone+=("$each"); fi
  done
  if [ ${#beside[@]} -gt 0 ]; then
    run_together "$folder" "${beside[@]}"
    # Until they are gone, their pods take room on the node.
    wait_until 180 "the namespaces of these cases to be gone" none_terminating || true
  fi
  for each in "${alone[@]}"; do
    echo "--- $each: $(sed -n '2s/^# //p' "$folder/$each")"
    run_judge "$each" run_one "$folder/$each"
  done
  echo "$cases_passed passed, ${#cases_failed[@]} failed ${cases_failed[*]}, ${#cases_skipped[@]} skipped ${cases_skipped[*]}"
  [ ${#cases_failed[@]} -eq 0 ] || return 1
  if [ -n "${CI:-}" ] && [ ${#cases_skipped[@]} -ne "${EXPECTED_SKIPS:-0}" ]; then
    echo "FAILED: in CI ${EXPECTED_SKIPS:-0} cases are skipped"
    return 1
  fi
}

# none_terminating: no namespace is on its way out.
none_terminating() {
  local phases
  phases=$(kubectl get namespaces -o 'jsonpath={.items[*].status.phase}') && [[ $phases != *Terminating* ]]
}

run_one() { timeout 900 "$1"; }

# run_judge CASE COMMAND... runs the command, says whether the case passed and after how long, and counts.
run_judge() {
  local each=$1 started=$SECONDS took='' status=0
  shift
  "$@" || status=$?
  took=${took:-$((SECONDS - started))}
  case $status in
    0)
      echo "--- $each: passed after ${took}s"
      cases_passed=$((cases_passed + 1))
      ;;
    77)
      echo "--- $each: skipped"
      cases_skipped+=("$each")
      ;;
    *)
      echo "--- $each: FAILED after ${took}s"
      node_dump
      cases_failed+=("$each")
      ;;
  esac
}

# run_together FOLDER CASE... runs cases at once and prints what each said when it has ended, in order.
run_together() {
  local folder=$1 each logs=$NODE_ROOT/build/test-logs/cases
  shift
  echo "--- at once: $*"
  rm -rf "$logs" && mkdir -p "$logs"
  for each in "$@"; do
    {
      local began=$SECONDS status=0
      timeout 900 "$folder/$each" >"$logs/$each" 2>&1 </dev/null || status=$?
      echo "$status $((SECONDS - began))" >"$logs/$each.end"
    } &
  done
  for each in "$@"; do
    wait_until 1000 "case $each" test -s "$logs/$each.end"
    echo "--- $each: $(sed -n '2s/^# //p' "$folder/$each")"
    cat "$logs/$each"
    run_judge "$each" run_ended "$logs/$each.end"
  done
  wait
}

# run_ended FILE: the status that the case ended with, by FILE; sets how long it took.
run_ended() {
  local status=1
  read -r status took <"$1" || true
  return "$status"
}

# node_dump prints what helps to understand a failed case.
node_dump() {
  local state=${PLIMSOLL_STATE:-/var/lib/plimsoll-local}/$NODE_INSTANCE pod
  echo "--- pods"
  kubectl get pods -A -o wide 2>&1
  echo "--- recommendations"
  kubectl get memrec -A -o yaml 2>&1 | tail -n 150
  echo "--- events"
  kubectl get events -A --sort-by=.metadata.creationTimestamp 2>&1 | tail -n 30
  for pod in $(kubectl -n plimsoll-system get pods -o name 2>/dev/null); do
    echo "--- log of $pod"
    kubectl -n plimsoll-system logs "$pod" --all-containers --tail=40 2>&1
  done
  echo "--- kubelet"
  grep -E '^[EFW]' "$state/logs/kubelet.log" | tail -n 15
}
