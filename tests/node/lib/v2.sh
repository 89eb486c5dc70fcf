# shellcheck shell=bash
# What the cases on the emulated cgroup-v2 node share. Needs node.sh and product.sh, and node_use.

# v2_node prints the name of the instance's emulated node.
v2_node() {
  kubectl get nodes -o 'jsonpath={.items[*].metadata.name}' | tr ' ' '\n' | grep -- '-vm$' ||
    { echo "the instance has no virtual machine" >&2 && return 1; }
}

# v2_program NAME brings tests/node/programs/NAME.c in on both nodes; prints the reference.
v2_program() {
  node_program "$1" && v2_import "$1"
}

# v2_import FILE brings build/test-images/FILE.tar in on the emulated node, if it is not there.
v2_import() (
  exec 7>"$NODE_ROOT/build/test-images/.import.lock" && flock 7 # cases run at once
  local file=$NODE_ROOT/build/test-images/$1.tar sum
  sum=$(sha256sum <"$file")
  [ "$(guest cat "/run/image-$1" </dev/null 2>/dev/null)" != "$sum" ] || return 0
  guest ctr --namespace k8s.io images import - <"$file" >/dev/null && guest tee "/run/image-$1" <<<"$sum" >/dev/null
)

# v2_deployment NAMESPACE NAME IMAGE LIMIT [MORE] runs a container on the emulated node: MORE is further
# YAML of the container. REQUEST (16Mi) and REPLICAS (1) may be set.
v2_deployment() {
  kubectl -n "$1" apply -f - >/dev/null <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: $2}
spec:
  replicas: ${REPLICAS:-1}
  selector: {matchLabels: {app: $2}}
  template:
    metadata: {labels: {app: $2}}
    spec:
      nodeName: $(v2_node)
      dnsPolicy: Default
      terminationGracePeriodSeconds: 0
      volumes: [{name: tmp, emptyDir: {}}]
      containers:
      - name: $2
        image: $3
        imagePullPolicy: Never
        resources: {requests: {memory: ${REQUEST:-16Mi}}, limits: {memory: $4}}
        volumeMounts: [{name: tmp, mountPath: /tmp}]
        ${5:-}
YAML
}

# v2_limits NAMESPACE NAME prints the limits of container and pod as the guest's kernel has them.
v2_limits() {
  local pod uid id
  pod=$(pod_of "$1" "$2")
  uid=$(pod_field "$1" "$pod" .metadata.uid)
  id=$(container_field "$1" "$pod" "$2" .containerID)
  guest sh -c "cd /sys/fs/cgroup/kubepods/*/pod$uid && cat ${id##*/}/memory.max memory.max" </dev/null | paste -sd ' '
}
# v2_now prints the guest's time (seconds since 1970): its clock is not this machine's.
v2_now() { guest date +%s </dev/null; }
# v2_not_ended_since NAMESPACE NAME TIME is not_ended_since for the guest.
v2_not_ended_since() {
  local ended
  v2_limits "$1" "$2" >/dev/null || return 1
  ended=$(container_field "$1" "$(pod_of "$1" "$2")" "$2" .lastState.terminated.finishedAt) || return 1
  ended_by "$ended" "$3"
}
v2_at_least() { # NAMESPACE NAME BYTES: both, and the pod holds its container
  local container pod
  read -r container pod < <(v2_limits "$1" "$2") && [ "$container" -ge "$3" ] && [ "$pod" -ge "$container" ]
}
v2_below() { # NAMESPACE NAME BYTES: both
  local container pod
  read -r container pod < <(v2_limits "$1" "$2") && [ "$container" -lt "$3" ] && [ "$pod" -lt "$3" ]
}

# v2_start_go starts the Go demo in namespace case-v2-go, whose policy lets memory be taken from what was
# watched for a minute. Under emulation and load it may need 290 MiB.
v2_start_go() {
  local image
  image=$("$NODE_ROOT/deploy/image/build" --output "$NODE_ROOT/build/test-images" demo/checkout |
    awk '$1 == "demo/checkout" {print $2}') || return 1
  v2_import demo-checkout || return 1
  namespace_fresh case-v2-go || return 1
  quick_policy case-v2-go
  REQUEST=160Mi v2_deployment case-v2-go checkout "$image" 512Mi \
    'env: [{name: CATALOGUE_MIB, value: "40"}, {name: RATE, value: "5"}]'
}
