# shellcheck shell=bash disable=SC2034,SC2154
# Installs on a cluster that is not ours. Needs: all other parts, and what deploy/local/up was told.

# foreign_up installs on the cluster of the kubeconfig $foreign. Its nodes find the images by one of:
# $repository with $tag (without a tag: builds them and says what to push), $image (Plimsoll's alone),
# or the socket $containerd of its one node, which is this machine.
foreign_up() {
  local images
  foreign_choice
  STATE=$ROOT/build/foreign LOGS=$ROOT/build/foreign/logs KUBECONFIG_FILE=$foreign
  IMAGES_FILE=$STATE/images
  mkdir -p "$LOGS"
  command -v go >/dev/null || packages_install golang
  BIN=$("$ROOT/deploy/local/kubernetes/build" kubectl helm)
  instance_kubectl --request-timeout=10s version >"$LOGS/version.log" 2>&1 ||
    die "the cluster of $foreign does not answer: $(tail -n 1 "$LOGS/version.log")"
  [ -z "$image" ] || demo=''
  mapfile -t images < <(product_images "$demo")
  if [ -n "$containerd" ]; then
    foreign_import "${images[@]}"
    chart_install Never --set agent.statePath= # a trial: nothing of it is to stay on this machine
  elif [ -n "$repository" ] && [ -z "$tag" ]; then
    foreign_images "${images[@]}"
    return 0
  else
    foreign_references "${images[@]}" >"$IMAGES_FILE"
    chart_install IfNotPresent
  fi
  [ -z "$demo" ] || demo_install
  product_wait
  product_show
}

# foreign_choice dies unless exactly one way to the images was chosen, and it can work.
foreign_choice() {
  local ways=0 way
  for way in "$repository" "$image" "$containerd"; do [ -z "$way" ] || ways=$((ways + 1)); done
  [ "$ways" = 1 ] || die "--kubeconfig needs one of: --image-repository NAME (a registry the cluster pulls from, such as registry.example/plimsoll), --image NAME:TAG, --containerd SOCKET"
  [ -z "$tag" ] || [ -n "$repository" ] || die "--image-tag goes with --image-repository; with --image write NAME:TAG"
  [ -z "$image" ] || [[ ${image##*/} == *:* ]] || die "--image '$image' has no tag: write NAME:TAG"
  [ -z "$containerd" ] || [ -S "$containerd" ] || die "--containerd $containerd: there is no such socket; a local instance has /var/lib/plimsoll-local/NAME/containerd.sock"
}

# foreign_references IMAGE... prints what IMAGES_FILE has to say of images that are somewhere already.
foreign_references() {
  local name
  [ -z "$image" ] || { echo "plimsoll $image - 0" && return; }
  for name in "$@"; do echo "$name $repository/${name//\//-}:$tag - 0"; done
}

# foreign_import IMAGE... builds the images and brings them into the containerd of the cluster's node.
foreign_import() {
  local nodes
  nodes=$(instance_kubectl get nodes -o name | wc -l)
  [ "$nodes" = 1 ] || die "the cluster of $foreign has $nodes nodes and --containerd reaches one: push the images to a registry and use --image-repository"
  packages_install cluster
  CONTAINERD_SOCKET=$containerd
  node_ctr version >"$LOGS/containerd.log" 2>&1 ||
    die "$containerd does not answer: $(tail -n 1 "$LOGS/containerd.log")"
  product_build
  images_build "$@"
  images_import
}

# foreign_images IMAGE... builds the images and says what to do with them.
foreign_images() {
  local reference file
  packages_install cluster
  product_build
  tag=$(git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null || date +%Y%m%d%H%M%S)
  images_build --output "$STATE/images.d" --repository "$repository" --tag "$tag" "$@"
  say "these images must be where the cluster finds them:"
  while read -r _ reference file _; do
    printf '    skopeo copy oci-archive:%s docker://%s\n' "$file" "$reference"
  done <"$STATE/images"
  say "then: $0 --kubeconfig $foreign --image-repository $repository --image-tag $tag"
}
