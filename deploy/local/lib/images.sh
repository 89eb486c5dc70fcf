# shellcheck shell=bash
# Brings images into the instance's containerd. Needs: node.sh, progress.sh, ROOT, LOGS, STATE.

# images_build ARGUMENT... runs deploy/image/build; IMAGES_FILE then has a line for each image: name,
# reference, file, bytes.
images_build() {
  IMAGES_FILE=$STATE/images
  step "building images: $*" "$LOGS/images.log" "$ROOT/deploy/image/build" "$@" || return 1
  grep -E '^[^ ]+ [^ ]+ /[^ ]+ [0-9]+$' "$LOGS/images.log" >"$IMAGES_FILE"
}

# image_reference IMAGE prints the reference of a built image.
image_reference() { awk -v name="$1" '$1 == name {print $2}' "$IMAGES_FILE"; }

# images_import brings all built images in that are not there yet.
images_import() {
  local name reference file bytes there
  there=$(node_ctr images list -q)
  while read -r name reference file bytes; do
    case $'\n'$there$'\n' in *$'\n'"$reference"$'\n'*) continue ;; esac
    say "importing image $name ($((bytes / 1000)) kB)"
    node_ctr images import "$file" >>"$LOGS/import.log" 2>&1 || return 1
  done <"$IMAGES_FILE"
}
