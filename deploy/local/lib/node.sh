# shellcheck shell=bash
# The node: containerd, kubelet and kube-proxy of one machine. The functions node_config_* write the
# configuration and touch nothing else, so that they serve a node elsewhere (a virtual machine) too.
# Needs: process.sh, certs.sh, progress.sh, and the variables of instance.sh.

readonly CNI_BIN=/usr/lib/cni
readonly PAUSE_IMAGE=localhost/plimsoll/pause:1

# write_changed FILE writes standard input to FILE unless it says that already: kube-proxy ends itself
# when its configuration is written again.
write_changed() {
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

# node_config_containerd FILE STATE SOCKET CNI_CONF writes containerd's configuration.
node_config_containerd() {
  local restrict=false
  # Without CAP_SYS_RESOURCE (bit 24) nobody may lower an oom_score_adj: containerd then keeps to
  # what it may set.
  [ $((16#$(sed -n 's/^CapEff:\t//p' /proc/self/status) >> 24 & 1)) = 1 ] || restrict=true
  write_changed "$1" <<EOF
version = 2
root = "$2/root"
state = "$2/state"
[grpc]
  address = "$3"
[plugins."io.containerd.internal.v1.opt"]
  path = "$2/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = $restrict
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$CNI_BIN"
    conf_dir = "$4"
EOF
}

# node_config_cni FILE NETWORK DATA SUBNET FIRST LAST GATEWAY writes the pods' network: a bridge and
# addresses from FIRST to LAST.
node_config_cni() {
  write_changed "$1" <<EOF
{"cniVersion": "0.4.0", "name": "$2", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$3",
            "ranges": [[{"subnet": "$4", "rangeStart": "$5", "rangeEnd": "$6", "gateway": "$7"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}}
]}
EOF
}

# node_config_kubelet FILE STATE PKI ADDRESS SOCKET CGROUP writes the kubelet's configuration.
node_config_kubelet() {
  write_changed "$1" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $4
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $3/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $3/kubelet-server.crt
tlsPrivateKeyFile: $3/kubelet-server.key
containerRuntimeEndpoint: unix://$5
cgroupDriver: cgroupfs
cgroupRoot: $6
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: [pods]
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%}
# No registry can give back an image that was removed to make room.
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
makeIPTablesUtilChains: false
podLogsDir: $2/pod-logs
volumePluginDir: $2/volume-plugins
resolvConf: $2/resolv.conf
healthzBindAddress: 127.0.0.1
EOF
}

# node_config_proxy FILE KUBECONFIG NODE SUBNET writes kube-proxy's configuration.
node_config_proxy() {
  write_changed "$1" <<EOF
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: $2}
hostnameOverride: $3
clusterCIDR: $4
bindAddress: 0.0.0.0
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
conntrack: {maxPerCore: 0, min: 0}
# Pods of one bridge answer each other directly; a reply must come back the way of its request.
nftables: {masqueradeAll: true}
EOF
}

# node_certs makes the node's certificates and kubeconfigs.
node_certs() {
  local server=https://$API_ADDRESS:$PORT_API
  certs_leaf kubelet ca "/O=system:nodes/CN=system:node:$NODE_NAME"
  certs_leaf kubelet-server ca "/CN=$NODE_NAME" "IP:$NODE_ADDRESS,DNS:$NODE_NAME"
  certs_leaf proxy ca /CN=system:kube-proxy
  certs_kubeconfig "$STATE/kubelet.kubeconfig" "$server" kubelet
  certs_kubeconfig "$STATE/proxy.kubeconfig" "$server" proxy
}

# containerd_start starts containerd and waits for its socket.
containerd_start() {
  local config=$STATE/containerd.toml cni=$STATE/cni/net.d
  mkdir -p "$cni"
  node_config_containerd "$config" "$STATE/containerd" "$CONTAINERD_SOCKET" "$cni"
  node_config_cni "$cni/10-plimsoll.conflist" "$NETNS" "$STATE/cni/addresses" \
    "$POD_SUBNET" "$POD_FIRST" "$POD_LAST" "$NODE_ADDRESS"
  process_start containerd "${ENTER[@]}" containerd --config "$config"
  wait_until 90 containerd node_ctr version ||
    { tail -n 15 "$STATE/logs/containerd.log" | sed 's/^/    /' && return 1; }
}

# node_ctr COMMAND... runs ctr against the instance's containerd.
node_ctr() { ctr --address "$CONTAINERD_SOCKET" --namespace k8s.io "$@"; }

kubelet_start() {
  local config=$STATE/kubelet.yaml
  : >"$STATE/resolv.conf" # no name server: pods find services by their environment
  node_config_kubelet "$config" "$STATE" "$STATE/pki" "$NODE_ADDRESS" "$CONTAINERD_SOCKET" "/$CGROUP"
  mkdir -p "$STATE/kubelet.d" # what somebody wants otherwise: *.conf
  process_start kubelet "${ENTER[@]}" "$BIN/kubelet" --config="$config" --config-dir="$STATE/kubelet.d" \
    --kubeconfig="$STATE/kubelet.kubeconfig" --root-dir="$STATE/kubelet" \
    --hostname-override="$NODE_NAME" --node-ip="$NODE_ADDRESS"
}

proxy_start() {
  local config=$STATE/proxy.yaml
  node_config_proxy "$config" "$STATE/proxy.kubeconfig" "$NODE_NAME" "$POD_SUBNET"
  process_start kube-proxy "${ENTER[@]}" "$BIN/kube-proxy" --config="$config"
}

node_ready() {
  [ "$(instance_kubectl get node "$NODE_NAME" \
    -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ]
}

# node_wait waits until the node is Ready; on failure shows why.
node_wait() {
  wait_until 180 "node $NODE_NAME to be Ready" node_ready && return 0
  instance_kubectl get node "$NODE_NAME" -o 'jsonpath={range .status.conditions[*]}{.type}={.status} {.message}{"\n"}{end}' | sed 's/^/    /'
  grep -E '^[EF]' "$STATE/logs/kubelet.log" | tail -n 15 | sed 's/^/    /'
  return 1
}

# instance_kubectl ARGUMENT... runs kubectl as the administrator.
instance_kubectl() { "$BIN/kubectl" --kubeconfig "$KUBECONFIG_FILE" "$@"; }
