# shellcheck shell=bash
# Installs the packages that are missing. Needs: progress.sh, ROOT, LOGS.

# packages_install GROUP... installs the groups of deploy/packages.
packages_install() {
  step "looking for missing packages ($*)" "$LOGS/packages.log" "$ROOT/deploy/packages/install" "$@"
}

# packages_cluster installs what a node needs. A containerd, runc or Go of another
# source is kept.
packages_cluster() {
  local groups=(cluster)
  command -v containerd >/dev/null && command -v ctr >/dev/null && command -v runc >/dev/null ||
    groups+=(container-runtime)
  command -v go >/dev/null || groups+=(golang)
  packages_install "${groups[@]}"
}
