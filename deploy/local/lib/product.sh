# shellcheck shell=bash
# Builds Plimsoll, installs its Helm chart and the demo workloads, and shows what it recommends. Works
# on any cluster that KUBECONFIG_FILE leads to. Needs: progress.sh, images.sh, ROOT, BIN, LOGS,
# KUBECONFIG_FILE.

readonly PRODUCT_NAMESPACE=plimsoll-system DEMO_NAMESPACE=demo
readonly PRODUCT_PROGRAMS=(plimsoll-operator plimsoll-agent kubectl-plimsoll)

# product_build builds the programs of the release preset.
product_build() {
  packages_install build
  mkdir -p "$ROOT/build"
  exec 6>"$ROOT/build/.product.lock" # two instances may be brought up from one checkout
  flock 6
  step "configuring the release build" "$LOGS/configure.log" cmake -S "$ROOT" --preset release
  step "building ${PRODUCT_PROGRAMS[*]}" "$LOGS/build.log" \
    nice cmake --build "$ROOT/build/release" --target "${PRODUCT_PROGRAMS[@]}"
  exec 6>&-
}

# demo_names prints the demo programs.
demo_names() { find "$ROOT/deploy/local/demo" -mindepth 2 -maxdepth 2 -name main.go -printf '%h\n' | xargs -rn1 basename | sort; }

# product_images prints what deploy/image/build has to build.
product_images() {
  echo plimsoll
  [ -z "$1" ] || demo_names | sed 's,^,demo/,'
}

# chart_install PULL_POLICY [HELM_FLAG...] installs or upgrades the chart and waits until all of it is ready.
chart_install() {
  local reference
  reference=$(image_reference plimsoll)
  step "installing the Helm chart (image ${reference##*:})" "$LOGS/helm.log" \
    "$BIN/helm" --kubeconfig "$KUBECONFIG_FILE" upgrade --install plimsoll "$ROOT/charts/plimsoll" \
    --namespace "$PRODUCT_NAMESPACE" --create-namespace \
    --set image.repository="${reference%:*}" --set image.tag="${reference##*:}" \
    --set image.pullPolicy="$1" "${@:2}" --wait --timeout 300s && return 0
  chart_diagnose
  return 1
}

# chart_diagnose shows why the chart's pods are not ready.
chart_diagnose() {
  local pod
  instance_kubectl -n "$PRODUCT_NAMESPACE" get pods -o wide
  for pod in $(instance_kubectl -n "$PRODUCT_NAMESPACE" get pods -o name); do
    echo "--- $pod"
    instance_kubectl -n "$PRODUCT_NAMESPACE" get "$pod" -o \
      'jsonpath={range .status.containerStatuses[*]}{.name}: {.state}{"\n"}{end}'
    # A container that has not started has no log.
    { instance_kubectl -n "$PRODUCT_NAMESPACE" logs "$pod" --tail=15 2>&1 || true; } | sed 's/^/    /'
  done
  instance_kubectl -n "$PRODUCT_NAMESPACE" get events --field-selector type=Warning 2>&1 | tail -n 10
}

# demo_manifest prints the demo workloads with the references of the images that were built: the
# manifests name them plimsoll.dev/demo/NAME:dev.
demo_manifest() {
  local name script=()
  while read -r name; do
    script+=(-e "s#image: plimsoll.dev/demo/$name:dev\$#image: $(image_reference "demo/$name")#")
  done < <(demo_names)
  sed "${script[@]}" "$ROOT/deploy/local/demo/manifests.yaml"
}

demo_install() {
  demo_manifest >"$STATE/demo.yaml"
  ! grep -n 'plimsoll.dev/demo/' "$STATE/demo.yaml" | grep image: ||
    die "these lines of the demo's manifests name an image that was not built"
  step "starting the demo workloads in namespace $DEMO_NAMESPACE" "$LOGS/demo.log" instance_kubectl apply -f "$STATE/demo.yaml"
}

# demo_recommended says whether every Deployment of the demo has a MemoryRecommendation with numbers.
demo_recommended() {
  local wanted have
  wanted=$(instance_kubectl -n "$DEMO_NAMESPACE" get deployments -o name | wc -l)
  have=$(instance_kubectl -n "$DEMO_NAMESPACE" get memrec -o \
    'jsonpath={range .items[?(@.status.containers[0].target.limit)]}{.metadata.name}{"\n"}{end}' | wc -l)
  [ "$wanted" -gt 0 ] && [ "$have" -ge "$wanted" ]
}

# product_wait waits until each demo, where there are any, has a recommendation.
product_wait() {
  instance_kubectl get namespace "$DEMO_NAMESPACE" >/dev/null 2>&1 || return 0
  say "waiting for recommendations"
  wait_until 120 "a recommendation for each demo" demo_recommended || true
}

# product_show shows what is recommended.
product_show() { instance_kubectl get memrec -A; }
