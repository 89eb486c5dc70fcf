# shellcheck shell=bash disable=SC2034
# The Vertical Pod Autoscaler and the metrics-server as programs of this machine beside the instance's
# node, with the administrator's rights. Their API server is in the instance's network namespace and
# reaches them at the machine's address on the instance's bridge: the metrics by a Service without
# selector, the admission webhook by URL. Needs: node.sh (KUBECONFIG, NODE_INSTANCE), and STATE, a
# folder for their logs, keys and process ids.

# shellcheck source=deploy/local/lib/process.sh
. deploy/local/lib/process.sh
# shellcheck source=deploy/local/lib/certs.sh
. deploy/local/lib/certs.sh

readonly VPA_METRICS_PORT=14443 VPA_WEBHOOK_PORT=14444

# vpa_start starts all four and waits until they serve.
vpa_start() {
  local bin instance=${PLIMSOLL_STATE:-/var/lib/plimsoll-local}/$NODE_INSTANCE address
  bin=$(tests/bench/crash-loop/build) || return 1
  address=10.231.$(cat "$instance/index").2
  mkdir -p "$STATE/pki"
  certs_authority ca
  certs_leaf webhook ca /CN=vpa-webhook "IP:$address"
  kubectl apply --server-side -f "$bin/vpa-crd.yaml" >/dev/null
  vpa_metrics_service "$address"
  process_start metrics-server "$bin/metrics-server" --kubeconfig="$KUBECONFIG" \
    --authentication-kubeconfig="$KUBECONFIG" --authorization-kubeconfig="$KUBECONFIG" \
    --secure-port=$VPA_METRICS_PORT --cert-dir="$STATE/pki" --metric-resolution=15s \
    --kubelet-certificate-authority="$instance/pki/ca.crt" --kubelet-preferred-address-types=InternalIP
  wait_until 30 "VPA's kinds" kubectl get vpa -A
  process_start recommender "$bin/recommender" --kubeconfig="$KUBECONFIG" --address=127.0.0.1:14442
  process_start updater "$bin/updater" --kubeconfig="$KUBECONFIG" --address=127.0.0.1:14445
  process_start admission-controller "$bin/admission-controller" --kubeconfig="$KUBECONFIG" \
    --address=127.0.0.1:14446 --port=$VPA_WEBHOOK_PORT --register-by-url \
    --webhook-address="https://$address" --webhook-port=$VPA_WEBHOOK_PORT \
    --client-ca-file="$STATE/pki/ca.crt" --tls-cert-file="$STATE/pki/webhook.crt" \
    --tls-private-key="$STATE/pki/webhook.key"
  wait_until 90 "the node's metrics" kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes/"$NODE_INSTANCE" &&
    wait_until 60 "VPA's admission webhook" kubectl get mutatingwebhookconfiguration vpa-webhook-config &&
    vpa_runs
}

# vpa_metrics_service ADDRESS makes the metrics-server known to the API server.
vpa_metrics_service() {
  kubectl apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec: {ports: [{name: https, port: 443, targetPort: $VPA_METRICS_PORT}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: metrics-server, namespace: kube-system, labels: {kubernetes.io/service-name: metrics-server}}
addressType: IPv4
ports: [{name: https, port: $VPA_METRICS_PORT, protocol: TCP}]
endpoints: [{addresses: [$1], conditions: {ready: true}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: metrics-server, namespace: kube-system}
YAML
}

# vpa_object NAMESPACE lets VPA rule the Deployment `needy` there, in place.
vpa_object() {
  kubectl -n "$1" apply -f - >/dev/null <<YAML
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: needy}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: needy}
  updatePolicy: {updateMode: InPlaceOrRecreate}
  resourcePolicy: {containerPolicies: [{containerName: hold, controlledResources: [memory]}]}
YAML
}

# vpa_runs fails, and shows why, unless all four run.
vpa_runs() {
  local name
  for name in metrics-server recommender updater admission-controller; do
    process_runs $name || { tail -n 15 "$STATE/logs/$name.log" && say "$name has ended" && return 1; }
  done
}

# vpa_stop ends them and takes back what the API server knows of them: an API or a webhook that does
# not answer would slow everything that follows. Also after a run that was killed.
vpa_stop() {
  local name
  for name in admission-controller updater recommender metrics-server; do process_stop $name 3; done
  process_stop_strays
  kubectl delete --ignore-not-found mutatingwebhookconfiguration/vpa-webhook-config \
    apiservice/v1beta1.metrics.k8s.io >/dev/null
  kubectl -n kube-system delete --ignore-not-found service/metrics-server endpointslice/metrics-server >/dev/null
}
