# shellcheck shell=bash disable=SC2153 # NAME and others come from instance.sh
# A second node of an instance: a virtual machine with cgroup v2. Its network card is a tap device in
# the instance's bridge, so it and its pods have addresses of the pods' own subnet and everybody
# reaches everybody. It has no memory: each start gets a fresh disk, and the kubelet brings the pods
# back from the API server. Needs: the parts of deploy/local/lib, base.sh, disk.sh, machine.sh.

readonly VM_MEMORY_MB=2048 VM_TAP=vm0
readonly VM_PROGRAMS=(containerd containerd-shim-runc-v2 ctr runc nft)
readonly VM_CNI_PLUGINS=(bridge host-local loopback)

# vm_load sets what follows from the instance.
vm_load() {
  VM=$STATE/vm VM_NODE=$NODE_NAME-vm
  VM_ADDRESS=10.231.$INDEX.200 VM_POD_FIRST=10.231.$INDEX.201 VM_POD_LAST=10.231.$INDEX.250
  VM_MAC=$(printf '02:50:4c:01:00:%02x' "$INDEX")
  VM_BRIDGE_MAC=$(printf '02:50:4c:02:00:%02x' "$INDEX")
}

# vm_wanted says whether the instance has a virtual machine, running or not.
vm_wanted() { [ -d "$STATE/vm" ]; }

# vm_node_up makes the node and waits until it is Ready.
vm_node_up() {
  vm_load
  mkdir -p "$VM"
  chmod 700 "$VM"
  say "second node: a virtual machine (cgroup v2)"
  (
    mkdir -p "$ROOT/build/vm"
    exec 9>"$ROOT/build/vm/.lock"
    flock 9
    vm_base
  ) || return 1
  vm_configuration
  vm_tap
  vm_discard_lost
  vm_machine_start
  vm_import
  wait_until 300 "node $VM_NODE to be Ready" vm_ready || { vm_why && return 1; }
  say "node $VM_NODE is Ready"
}

# vm_configuration writes the node's certificates and configuration to VM/etc.
vm_configuration() {
  local etc=$VM/etc inside=/etc/plimsoll server=https://$API_ADDRESS:$PORT_API
  mkdir -p "$etc/cni"
  certs_leaf vm-kubelet ca "/O=system:nodes/CN=system:node:$VM_NODE"
  certs_leaf vm-kubelet-server ca "/CN=$VM_NODE" "IP:$VM_ADDRESS,DNS:$VM_NODE"
  certs_kubeconfig "$etc/kubelet.kubeconfig" "$server" vm-kubelet
  cp "$STATE/proxy.kubeconfig" "$etc/proxy.kubeconfig"
  cp "$STATE/pki/ca.crt" "$etc/ca.crt"
  cp "$STATE/pki/vm-kubelet-server.crt" "$etc/kubelet-server.crt"
  cp "$STATE/pki/vm-kubelet-server.key" "$etc/kubelet-server.key"
  node_config_containerd "$etc/containerd.toml" /var/lib/containerd /run/containerd/containerd.sock $inside/cni
  # The guest's root may do everything, whatever this machine's may.
  sed -i 's/restrict_oom_score_adj = true/restrict_oom_score_adj = false/' "$etc/containerd.toml"
  node_config_cni "$etc/cni/10-plimsoll.conflist" "$NETNS-vm" /var/lib/cni \
    "$POD_SUBNET" "$VM_POD_FIRST" "$VM_POD_LAST" "$VM_ADDRESS"
  node_config_kubelet "$etc/kubelet.yaml" /var/lib/kubelet $inside "$VM_ADDRESS" /run/containerd/containerd.sock /
  # In the guest the resolver's file is where it always is.
  sed -i 's|^resolvConf: .*|resolvConf: /etc/resolv.conf|' "$etc/kubelet.yaml"
  node_config_proxy "$etc/proxy.yaml" $inside/proxy.kubeconfig "$VM_NODE" "$POD_SUBNET"
  printf '%s\n' "${GUEST_MODULES[@]}" >"$etc/modules"
  printf '%s=%s\n' NODE_NAME "$VM_NODE" ADDRESS "$VM_ADDRESS" GATEWAY "$NODE_ADDRESS" \
    HARDWARE_ADDRESS "$VM_BRIDGE_MAC" >"$VM/plimsoll-node"
}

# vm_tap makes the tap device in the instance's bridge.
vm_tap() {
  ip -n "$NETNS" link show "$VM_TAP" >/dev/null 2>&1 || ip -n "$NETNS" tuntap add dev "$VM_TAP" mode tap
  ip -n "$NETNS" link set "$VM_TAP" master cni0 up
}

# vm_discard_lost ends a machine whose network namespace is no longer the instance's.
vm_discard_lost() {
  local pid
  pid=$(process_pid vm) || return 0
  [ "$(stat -Lc %i "/proc/$pid/ns/net")" = "$(stat -Lc %i "/run/netns/$NETNS")" ] || process_stop vm
}

# vm_machine_start boots the machine unless it runs with this very configuration.
vm_machine_start() {
  machine_command "$VM" "$VM_MEMORY_MB" "$VM_TAP" "$VM_MAC"
  local contents
  contents=$({
    cat "$VM_BASE/stamp" "$ROOT/deploy/local/vm/guest"/{node,shell} "$VM/plimsoll-node"
    find "$VM/etc" -type f -print0 | sort -z | xargs -0 sha256sum
    "$BIN/kubelet" --version
  } | sha256sum)
  if process_runs vm && [ "$(cat "$VM/contents" 2>/dev/null)" = "$contents" ]; then return 0; fi
  process_stop vm
  step "making the virtual machine's disk" "$LOGS/vm-disk.log" vm_disk
  echo "$contents" >"$VM/contents"
  rm -f "$VM"/{shell,console.log}
  process_start vm "${ENTER[@]}" nice -n 5 "${MACHINE_COMMAND[@]}"
  # The mode of a socket follows the process's umask; the folder keeps others out.
  wait_until 300 "the virtual machine to boot" vm_exec true || { vm_why && return 1; }
}

vm_disk() {
  local tree=$VM/tree program
  rm -rf "$tree"
  disk_tree "$tree" "$ROOT/deploy/local/vm/guest/node"
  install -m 755 "$ROOT/deploy/local/vm/guest/shell" "$tree/sbin/shell"
  for program in "${VM_PROGRAMS[@]}"; do
    disk_program "$tree" "$(command -v "$program")"
  done
  for program in "${VM_CNI_PLUGINS[@]}"; do disk_program "$tree" "$CNI_BIN/$program"; done
  for program in kubelet kube-proxy; do disk_program "$tree" "$BIN/$program" "/usr/local/bin/$program"; done
  cp -r "$VM/etc" "$tree/etc/plimsoll"
  cp "$VM/plimsoll-node" "$tree/etc/plimsoll-node"
  disk_image "$tree" "$VM/disk" 4096
  rm -rf "$tree"
}

# vm_exec COMMAND... runs a command in the machine, without input; gives up on one that does not answer.
vm_exec() { timeout 20 "$ROOT/deploy/local/vm/exec" --name "$NAME" "$@" </dev/null; }

# vm_import brings all built images (IMAGES_FILE, see images.sh) in that are not there yet.
vm_import() {
  local name reference file bytes there
  wait_until 300 "containerd in the virtual machine" vm_exec ctr version || { vm_why && return 1; }
  there=$(vm_exec ctr --namespace k8s.io images list -q)
  while read -r name reference file bytes; do
    grep -qxF "$reference" <<<"$there" && continue
    say "importing image $name ($((bytes / 1000)) kB) in the virtual machine"
    "$ROOT/deploy/local/vm/exec" --name "$NAME" ctr --namespace k8s.io images import - <"$file" >>"$LOGS/import.log" 2>&1 || return 1
  done <"$STATE/images"
}

vm_ready() {
  [ "$(instance_kubectl get node "$VM_NODE" \
    -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ]
}

# vm_why shows what the machine said last.
vm_why() {
  say "the end of what the virtual machine said ($VM/console.log, in it /var/log):"
  {
    tail -n 15 "$STATE/logs/vm.log" "$VM/console.log"
    # One that does not even boot has no shell.
    ! process_runs vm || vm_exec sh -c 'tail -n 10 /var/log/*.log'
  } 2>&1 | cut -c 1-300 | sed 's/^/    /'
}
