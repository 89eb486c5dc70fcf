# shellcheck shell=bash
# Finds a Go that can build what versions.env asks for. Needs: progress.sh, versions.env.

# version_at_least HAVE WANTED compares dotted versions.
version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# go_setup puts a usable go into PATH and exports GOTOOLCHAIN; dies with the remedy when there is
# none.
go_setup() {
  local have
  command -v go >/dev/null || die "there is no Go; install it (apt-get install golang-go), $GO_VERSION or newer is best"
  have=$(GOTOOLCHAIN=local go env GOVERSION)
  have=${have#go}
  if version_at_least "$have" "$GO_VERSION"; then
    export GOTOOLCHAIN=local
  elif version_at_least "$have" 1.21; then
    # From 1.21 on Go fetches a newer toolchain by itself, checked like a module.
    export GOTOOLCHAIN="go$GO_VERSION+auto"
  else
    die "Go $have can neither build Kubernetes nor fetch a newer Go; install Go 1.21 or newer"
  fi
}
