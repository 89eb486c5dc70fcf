# shellcheck shell=bash disable=SC2034,SC2154
# Installs on a cluster that is not ours. Needs: all other parts, and what deploy/local/up was told.

# foreign_up installs on the cluster of the kubeconfig $foreign, with images from $repository:$tag;
# without a tag it builds the images and says what to push.
foreign_up() {
  local images image
  [ -n "$repository" ] || die "--kubeconfig needs --image-repository NAME: a registry the cluster pulls from, such as registry.example/plimsoll"
  STATE=$ROOT/build/foreign LOGS=$ROOT/build/foreign/logs KUBECONFIG_FILE=$foreign
  mkdir -p "$LOGS"
  command -v go >/dev/null || packages_install golang
  BIN=$("$ROOT/deploy/local/kubernetes/build" kubectl helm)
  instance_kubectl --request-timeout=10s version >"$LOGS/version.log" 2>&1 ||
    die "the cluster of $foreign does not answer: $(tail -n 1 "$LOGS/version.log")"
  mapfile -t images < <(product_images "$demo")
  if [ -z "$tag" ]; then
    foreign_images "${images[@]}"
    return 0
  fi
  IMAGES_FILE=$STATE/images
  for image in "${images[@]}"; do echo "$image $repository/${image//\//-}:$tag - 0"; done >"$IMAGES_FILE"
  chart_install IfNotPresent
  [ -z "$demo" ] || demo_install
  product_show
}

# foreign_images IMAGE... builds the images and says what to do with them.
foreign_images() {
  local reference file
  packages_install cluster
  product_build
  tag=$(git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null || date +%Y%m%d%H%M%S)
  images_build --output "$STATE/images.d" --repository "$repository" --tag "$tag" "${images[@]}"
  say "these images must be where the cluster finds them:"
  while read -r _ reference file _; do
    printf '    skopeo copy oci-archive:%s docker://%s\n' "$file" "$reference"
  done <"$STATE/images"
  say "then: $0 --kubeconfig $foreign --image-repository $repository --image-tag $tag"
}
