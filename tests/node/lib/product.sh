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
holds() { says "$1" "$2" "holding $3 MiB"; }

# says NAMESPACE POD LINE: the log of the pod's container has that line. (Not by a pipe: a grep that has
# found it ends, and kubectl with it, with an error.)
says() { grep -qxF "$3" <<<"$(kubectl -n "$1" logs "$2" 2>/dev/null)"; }

# not_ended_since NAMESPACE POD CONTAINER TIME: the container runs, and the one before it had ended by TIME
# (seconds since 1970). A count of restarts would not do: one that was killed just before TIME is counted
# when the kubelet gets to it. The end is noted in whole seconds, and by a program that may be late.
not_ended_since() {
  local ended
  container_cgroup "$1" "$2" "$3" >/dev/null || return 1 # the status tells of one before it
  ended=$(container_field "$1" "$2" "$3" .lastState.terminated.finishedAt) || return 1
  ended_by "$ended" "$4"
}
# ended_by END TIME: END, as a status has it or empty, is not after TIME.
ended_by() { [ -z "$1" ] || [ "$(date -d "$1" +%s)" -le $(($2 + 2)) ]; }

# advice_field NAMESPACE NAME JSONPATH prints a field of a MemoryRecommendation.
advice_field() { kubectl -n "$1" get memrec "$2" -o "jsonpath={$3}" 2>/dev/null; }

# in_bytes QUANTITY: 128Mi -> 134217728.
in_bytes() { numfmt --from=auto "$1"; }

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
    kubectl -n plimsoll-system logs "$pod" --since-time="$1" 2>/dev/null || true # gone meanwhile
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

# other_leads IDENTITY: a process leads, and it is another one.
other_leads() {
  local now
  now=$(lease_identity) && [ -n "$now" ] && [ "$now" != "$1" ]
}

operators_ready() {
  [ "$(kubectl -n plimsoll-system get deployment plimsoll-operator -o 'jsonpath={.status.readyReplicas}')" = 2 ]
}

# operators_warm: both are ready, and their processes are ten seconds old. A standby has to have seen the
# leader renew its lease, which that one does every two seconds, to be before the killed one's successor;
# and for a while the pods' statuses still tell of processes that an earlier kill has ended.
operators_warm() {
  local pods pod pid
  operators_ready || return 1
  pods=$(kubectl -n plimsoll-system get pods -l app.kubernetes.io/component=operator -o 'jsonpath={.items[*].metadata.name}')
  for pod in $pods; do
    pid=$(program_pid plimsoll-operator "$pod") && [ "$(ps -o etimes= -p "$pid")" -ge 10 ] || return 1
  done
}

# kill_leader kills the leading process with SIGKILL and fails unless the other pod, the standby, holds the
# lease within 20 s, by the time that it wrote into it. The killed one's pod starts again within a second.
# 20 s are promised; by the elector's own times (leader_elector.h) it takes 17.4 at most, measured 14.7 to
# 16.1. So the clock starts with the kill itself, after the search for the process.
kill_leader() {
  local leader killed pid at took
  eventually 180 "two operators that know each other" operators_warm
  killed=$(lease_identity) leader=${killed%_*}
  pid=$(program_pid plimsoll-operator "$leader") || fail "the leader $leader does not run on this machine"
  say "kill -9 of the leader $leader"
  at=${EPOCHREALTIME/,/.}
  kill -9 "$pid"
  eventually 60 "another leader" other_leads "$killed"
  took=$(kubectl -n plimsoll-system get lease plimsoll-leader -o 'jsonpath={.spec.acquireTime}')
  took=$(awk -v from="$at" -v to="$(date -d "$took" +%s.%N)" 'BEGIN {printf "%.1f", to - from}')
  [ "$(lease_holder)" != "$leader" ] || fail "after $took s the killed one's pod leads again, not the standby"
  awk -v took="$took" 'BEGIN {exit !(took <= 20)}' || fail "the standby leads after $took s, not within 20"
  say "the standby $(lease_holder) leads after $took s"
}

# history_watch NAMESPACE FILE follows what the recommendations of one container each show of the past: a
# line in FILE for each change: name|oldest observation|highest peak|kills. Prints its process id.
history_watch() {
  local observed='.status.containers[0].observed'
  "$NODE_KUBECTL" -n "$1" get memrec --watch -o "jsonpath={.metadata.name}|{$observed.firstSampleTime}|{$observed.peak}|\
{.status.summary.oomKillsLast24h}{\"\\n\"}" >"$2" 2>/dev/null &
  echo $!
}

# history_kept FILE fails if one of those lines fell behind one before it, or none came after the first.
history_kept() {
  awk -F '|' 'function mib(text) { sub(/Mi$/, "", text); return text + 0 }
    ($1 in first) && ($2 == "" || $2 > first[$1] || mib($3) < peak[$1] || $4 + 0 < kills[$1]) {
      print "  " $0 " after " $1 "|" first[$1] "|" peak[$1] "Mi|" kills[$1]; bad = 1 }
    { if ($1 in first) ++changes; first[$1] = $2; peak[$1] = mib($3); kills[$1] = $4 + 0 }
    END { print "  history: " changes + 0 " changes shown"; exit bad || !changes }' "$1" || fail "the history went back"
}

# checkpoints_of NAMESPACE prints the MemoryCheckpoints: name, uid, time of the last write.
checkpoints_of() {
  kubectl -n "$1" get memckpt -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.status.updatedTime}{"\n"}{end}'
}

# checkpoints_kept NAMESPACE BEFORE fails unless those that BEFORE (of checkpoints_of) names are the same
# objects, written since.
checkpoints_kept() {
  local name uid time now_uid now_time
  while read -r name uid time; do
    read -r _ now_uid now_time < <(checkpoints_of "$1" | grep "^$name ") || fail "MemoryCheckpoint $name is gone"
    expect "uid of MemoryCheckpoint $name" "$uid" "$now_uid"
    [[ ! $now_time < $time ]] || fail "MemoryCheckpoint $name is of $now_time, before it was of $time"
  done <<<"$2"
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

# ask_as_operator METHOD PATH [BODY] sends a request to the API server with a token of the operator's own
# service account and prints the code of the answer: 200, 403 ... (kubectl would read the pod first.)
ask_as_operator() {
  local token server type=application/strategic-merge-patch+json
  token=$(kubectl -n plimsoll-system create token plimsoll-operator --duration=10m) || return 1
  server=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}') || return 1
  [ "$1" = PATCH ] || type=application/json
  curl --silent --output /dev/null --write-out '%{http_code}' --max-time 30 --request "$1" \
    --cacert "${PLIMSOLL_STATE:-/var/lib/plimsoll-local}/$NODE_INSTANCE/pki/ca.crt" \
    --header "Authorization: Bearer $token" --header "Content-Type: $type" --data "${3:-}" "$server/api/v1/$2"
}

# raise_as_operator NAMESPACE POD CONTAINER QUANTITY asks for what the operator asks for.
raise_as_operator() {
  ask_as_operator PATCH "namespaces/$1/pods/$2/resize" \
    "{\"spec\":{\"containers\":[{\"name\":\"$3\",\"resources\":{\"limits\":{\"memory\":\"$4\"}}}]}}"
}

# pods_are_closed NAMESPACE POD fails unless the API server refuses the operator's account every other write
# to pods.
pods_are_closed() {
  local pods=namespaces/$1/pods verb label='{"metadata":{"labels":{"written-by":"operator"}}}' pod
  pod='{"apiVersion":"v1","kind":"Pod","metadata":{"name":"extra"},"spec":{"containers":[{"name":"a","image":"a"}]}}'
  expect "the answer to a patch of the pod" 403 "$(ask_as_operator PATCH "$pods/$2" "$label")"
  expect "the answer to a patch of its status" 403 "$(ask_as_operator PATCH "$pods/$2/status" "$label")"
  expect "the answer to a new pod" 403 "$(ask_as_operator POST "$pods" "$pod")"
  expect "the answer to an eviction" 403 "$(ask_as_operator POST "$pods/$2/eviction" \
    "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"$2\",\"namespace\":\"$1\"}}")"
  expect "the answer to a deletion" 403 "$(ask_as_operator DELETE "$pods/$2")"
  for verb in create update patch delete deletecollection; do
    expect "may $verb pods" no "$(kubectl auth can-i $verb pods -n "$1" \
      --as system:serviceaccount:plimsoll-system:plimsoll-operator || true)"
  done
}

# helm_settings KEY=VALUE... upgrades the release with these values on top of those it has.
helm_settings() {
  local helm flags=() value
  helm=$("$NODE_ROOT/deploy/local/status" --name "$NODE_INSTANCE" --helm)
  for value in "$@"; do flags+=(--set "$value"); done
  "$helm" upgrade plimsoll "$NODE_ROOT/charts/plimsoll" -n plimsoll-system --reuse-values "${flags[@]}" \
    --wait --timeout 300s >/dev/null
}

# resize_allowed NAMESPACE yes|no: whether the operator's account may resize pods there, as the API server
# has it: what helm changed it knows a moment later. Asked before a resize that must be refused is tried.
resize_allowed() {
  [ "$(kubectl auth can-i patch pods --subresource=resize -n "$1" \
    --as system:serviceaccount:plimsoll-system:plimsoll-operator || true)" = "$2" ]
}
