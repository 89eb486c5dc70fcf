# shellcheck shell=bash
# etcd, kube-apiserver, kube-controller-manager and kube-scheduler as processes of one state folder.
# Needs: process.sh, certs.sh, and these variables:
#   STATE                    the state folder
#   BIN                      the folder with the programs
#   ENTER                    array: the command that enters the cluster's network namespace, or empty
#   BIND_ADDRESS             where kube-apiserver listens
#   API_ADDRESS              the address by which the programs here reach it
#   ADVERTISE_ADDRESS        the address pods reach it at; empty: no kubernetes Service endpoint
#   SERVICE_SUBNET           the Services' addresses, for example 10.96.0.0/24
#   PORT_API PORT_ETCD PORT_ETCD_PEER PORT_CONTROLLER_MANAGER PORT_SCHEDULER

etcd_start() {
  # No fsync: this cluster is for trying things, and a lost machine may lose its last second.
  process_start etcd "${ENTER[@]}" "$BIN/etcd" --name local --data-dir "$STATE/etcd" \
    --unsafe-no-fsync --log-level warn \
    --listen-client-urls "http://127.0.0.1:$PORT_ETCD" \
    --advertise-client-urls "http://127.0.0.1:$PORT_ETCD" \
    --listen-peer-urls "http://127.0.0.1:$PORT_ETCD_PEER" \
    --initial-advertise-peer-urls "http://127.0.0.1:$PORT_ETCD_PEER" \
    --initial-cluster "local=http://127.0.0.1:$PORT_ETCD_PEER"
}

# apiserver_start [FLAG...]
apiserver_start() {
  local pki=$STATE/pki endpoint=(--endpoint-reconciler-type=none)
  [ -z "$ADVERTISE_ADDRESS" ] || endpoint=(--advertise-address="$ADVERTISE_ADDRESS")
  process_start kube-apiserver "${ENTER[@]}" "$BIN/kube-apiserver" \
    --etcd-servers="http://127.0.0.1:$PORT_ETCD" \
    --bind-address="$BIND_ADDRESS" --secure-port="$PORT_API" \
    --external-hostname="$API_ADDRESS" "${endpoint[@]}" \
    --service-cluster-ip-range="$SERVICE_SUBNET" --allow-privileged \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --client-ca-file="$pki/ca.crt" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$pki/service-account.pub" \
    --service-account-signing-key-file="$pki/service-account.key" \
    --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" \
    --kubelet-client-key="$pki/apiserver-kubelet-client.key" \
    --kubelet-certificate-authority="$pki/ca.crt" \
    --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file="$pki/front-proxy-ca.crt" \
    --requestheader-allowed-names=front-proxy-client \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --requestheader-group-headers=X-Remote-Group \
    --requestheader-username-headers=X-Remote-User \
    --proxy-client-cert-file="$pki/front-proxy-client.crt" \
    --proxy-client-key-file="$pki/front-proxy-client.key" \
    --profiling=false "$@"
}

# apiserver_ready says whether kube-apiserver serves.
apiserver_ready() {
  [ "$(apiserver_get /readyz)" = ok ]
}

# apiserver_get PATH prints the answer of the API server to an administrator.
apiserver_get() {
  "${ENTER[@]}" "$BIN/kubectl" --kubeconfig "$STATE/admin.kubeconfig" --request-timeout=5s get --raw "$1" 2>/dev/null
}

# apiserver_wait waits until kube-apiserver serves; on failure shows why.
apiserver_wait() {
  local name
  wait_until 120 "kube-apiserver" apiserver_ready_or_dead || true
  apiserver_ready && return 0
  for name in etcd kube-apiserver; do
    process_runs "$name" || say "$name does not run any more"
    say "the end of $STATE/logs/$name.log:"
    tail -n 15 "$STATE/logs/$name.log" | sed 's/^/    /'
  done
  return 1
}

apiserver_ready_or_dead() {
  apiserver_ready || ! process_runs etcd || ! process_runs kube-apiserver
}

controller_manager_start() {
  local pki=$STATE/pki
  process_start kube-controller-manager "${ENTER[@]}" "$BIN/kube-controller-manager" \
    --kubeconfig="$STATE/controller-manager.kubeconfig" \
    --bind-address=127.0.0.1 --secure-port="$PORT_CONTROLLER_MANAGER" \
    --use-service-account-credentials --root-ca-file="$pki/ca.crt" \
    --service-account-private-key-file="$pki/service-account.key" \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
    --leader-elect=false --profiling=false
}

scheduler_start() {
  process_start kube-scheduler "${ENTER[@]}" "$BIN/kube-scheduler" \
    --kubeconfig="$STATE/scheduler.kubeconfig" \
    --bind-address=127.0.0.1 --secure-port="$PORT_SCHEDULER" --leader-elect=false --profiling=false
}

# control_plane_kubeconfigs writes the kubeconfigs of the programs and of the administrator.
control_plane_kubeconfigs() {
  local server=https://$API_ADDRESS:$PORT_API name
  for name in admin controller-manager scheduler; do
    certs_kubeconfig "$STATE/$name.kubeconfig" "$server" "$name"
  done
}

# control_plane_stop ends all four, the API server's clients first.
control_plane_stop() {
  local name
  for name in kube-scheduler kube-controller-manager kube-apiserver etcd; do process_stop "$name" 5; done
}
