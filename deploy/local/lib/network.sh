# shellcheck shell=bash
# The instance's network namespace, its link to the host, and the API server's port on 127.0.0.1.
# Needs: instance.sh loaded, process.sh, progress.sh.

network_namespace_exists() { [ -e "/run/netns/$NETNS" ]; }

# network_up makes what is missing of namespace, bridge, link and routes.
network_up() {
  network_discard_foreign
  network_namespace_exists || ip netns add "$NETNS"
  local inside=(ip -n "$NETNS")
  "${inside[@]}" link set lo up
  # The CNI plugin would make the bridge with the first pod; the kubelet needs its address before. Its
  # hardware address is fixed: else it is the lowest of its ports', changes as pods come and go, and
  # whoever remembers the old one talks to nobody.
  "${inside[@]}" link show cni0 >/dev/null 2>&1 ||
    "${inside[@]}" link add cni0 address "$(printf '02:50:4c:00:00:%02x' "$INDEX")" type bridge
  "${inside[@]}" address replace "$NODE_ADDRESS/24" dev cni0
  if ! "${inside[@]}" link show host >/dev/null 2>&1; then
    # The kernel takes its time over a deleted namespace: the link into it may still stand.
    ip link delete "$LINK" 2>/dev/null || true
    ip link add "$LINK" type veth peer name host netns "$NETNS"
  fi
  "${inside[@]}" link set host master cni0 up
  "${inside[@]}" link set cni0 up
  # For the API server's own way to services (aggregated APIs, webhooks): their addresses are rewritten
  # on the way out, but a way out there must be.
  "${inside[@]}" route replace "$SERVICE_SUBNET" dev cni0
  ip address replace "$HOST_ADDRESS/24" dev "$LINK"
  ip link set "$LINK" up
  ip route replace "$SERVICE_SUBNET" via "$NODE_ADDRESS" dev "$LINK"
  "${ENTER[@]}" sysctl -qw net.ipv4.ip_forward=1
}

# network_discard_foreign removes a namespace of our name that an earlier, lost run left without
# processes; one with processes of somebody else is not ours to touch.
network_discard_foreign() {
  network_namespace_exists || return 0
  [ ! -e "$STATE/network" ] || return 0
  local pids
  pids=$(ip netns pids "$NETNS" | tr '\n' ' ')
  [ -z "$pids" ] ||
    die "network namespace $NETNS exists and processes that this instance did not start run in it ($pids); end them or choose another --name"
  say "removing the network namespace $NETNS that an earlier run left behind"
  ip netns delete "$NETNS"
}

# network_down removes the namespace, and with it the bridge, the link and its routes.
network_down() {
  network_namespace_exists && ip netns delete "$NETNS"
  # A pod's process that is still ending may hold the namespace; the link must go all the same.
  ip link delete "$LINK" 2>/dev/null || true
}

# network_port_owner PORT prints who listens on 127.0.0.1:PORT.
network_port_owner() { ss -Hltnp "sport = :$1" 2>/dev/null | sed 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/' | head -n 1; }

# network_forward_start serves the API server on a port of 127.0.0.1: the instance's last one, or the
# first free one from 16443 + index on. Sets API_PORT.
network_forward_start() {
  API_PORT=$(cat "$STATE/port" 2>/dev/null || true) # empty as well where a kill came between
  API_PORT=${API_PORT:-$((16443 + INDEX))}
  process_runs api-forward && return 0
  while [ -n "$(network_port_owner "$API_PORT")" ]; do
    say "port $API_PORT is taken by $(network_port_owner "$API_PORT"); trying the next one"
    API_PORT=$((API_PORT + 1))
  done
  echo "$API_PORT" >"$STATE/port"
  process_start api-forward socat "TCP-LISTEN:$API_PORT,bind=127.0.0.1,fork,reuseaddr" \
    "TCP:$NODE_ADDRESS:$PORT_API"
}
