# shellcheck shell=bash disable=SC2034
# One instance: a named cluster with a state folder, and an index that keeps its addresses apart from
# those of other instances. Everything it makes carries its name or lies in its folder. All of it runs
# in a network namespace of its own, so ports and firewall rules are nobody else's business:
#
#   host                        namespace plimsoll-NAME (the node)
#   127.0.0.1:16443+index ──▶   kube-apiserver 10.231.INDEX.1:6443, etcd, kubelet, containerd …
#   plimsollINDEX 10.231.INDEX.2 ──veth── bridge cni0 10.231.INDEX.1/24 ── pods .10 to .199
#                                         (.200: a virtual machine as second node, its pods to .250)
#   route to services 10.232.INDEX.0/24 via 10.231.INDEX.1
#
# The namespace has no way out of the machine: pods reach each other, the node and the host only.
# Needs: progress.sh.

STATE_ROOT=$(realpath -m "${PLIMSOLL_STATE:-/var/lib/plimsoll-local}")
readonly STATE_ROOT
readonly INSTANCES_MAX=64
readonly INSTANCE_PROGRAMS=(etcd kube-apiserver kube-controller-manager kube-scheduler
  containerd kubelet kube-proxy api-forward)

# instance_programs prints what should run: a virtual machine where the instance has one.
instance_programs() {
  printf '%s\n' "${INSTANCE_PROGRAMS[@]}"
  [ ! -d "$STATE/vm" ] || echo vm
}

# instance_select NAME sets STATE; dies on a name that cannot be used.
instance_select() {
  [[ $1 =~ ^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$ ]] ||
    die "--name '$1': use up to 22 lower-case letters, digits and hyphens, not at the ends"
  NAME=$1 STATE=$STATE_ROOT/$1
}

# instance_lock waits until no other command works on this instance.
instance_lock() {
  mkdir -p /run/lock
  exec 8>"/run/lock/plimsoll-local-$NAME.lock"
  flock -n 8 || { say "another command works on instance $NAME; waiting for it" && flock 8; }
}

instance_exists() { [ -s "$STATE/index" ]; }

# instance_create gives the instance an index if it has none, and the folder.
instance_create() {
  instance_exists && return 0
  mkdir -p "$STATE"
  chmod 711 "$STATE"
  mkdir -p /run/lock
  exec 7>/run/lock/plimsoll-local.lock
  flock 7
  local index
  for ((index = 0; index < INSTANCES_MAX; index++)); do
    instance_index_free "$index" || continue
    echo "$index" >"$STATE/index"
    exec 7>&-
    return 0
  done
  die "all $INSTANCES_MAX instances are in use; deploy/local/status --all lists them"
}

# instance_index_free INDEX says whether neither another instance nor another network of this machine
# has the addresses of INDEX.
instance_index_free() {
  local routes
  ! grep -qx "$1" "$STATE_ROOT"/*/index 2>/dev/null || return 1
  ! ip link show "plimsoll$1" >/dev/null 2>&1 || return 1
  routes=$(ip -4 route show match "10.231.$1.0/24" && ip -4 route show match "10.232.$1.0/24")
  ! grep -q -v -e '^default' -e '^$' <<<"$routes"
}

# instance_load sets what follows from name and index.
instance_load() {
  INDEX=$(cat "$STATE/index")
  NETNS=plimsoll-$NAME
  NODE_NAME=$NAME
  LINK=plimsoll$INDEX
  POD_SUBNET=10.231.$INDEX.0/24 POD_FIRST=10.231.$INDEX.10 POD_LAST=10.231.$INDEX.199
  NODE_ADDRESS=10.231.$INDEX.1 HOST_ADDRESS=10.231.$INDEX.2
  SERVICE_SUBNET=10.232.$INDEX.0/24 SERVICE_API=10.232.$INDEX.1
  CGROUP=plimsoll-$NAME
  CONTAINERD_SOCKET=$STATE/containerd.sock
  ENTER=(nsenter "--net=/run/netns/$NETNS")
  BIND_ADDRESS=0.0.0.0 API_ADDRESS=$NODE_ADDRESS ADVERTISE_ADDRESS=$NODE_ADDRESS
  PORT_API=6443 PORT_ETCD=2379 PORT_ETCD_PEER=2380
  PORT_CONTROLLER_MANAGER=10257 PORT_SCHEDULER=10259
  KUBECONFIG_FILE=$STATE/kubeconfig
}
