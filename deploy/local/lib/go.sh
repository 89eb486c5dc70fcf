# shellcheck shell=bash disable=SC2153
# Finds a Go that can build what versions.env asks for; an old one is used to fetch a newer toolchain,
# which Go publishes as a module. Needs: progress.sh, versions.env.

# version_at_least HAVE WANTED compares dotted versions.
version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# go_setup puts a usable go first in PATH, or dies with the remedy.
go_setup() {
  local have
  command -v go >/dev/null || die "there is no Go; install it (apt-get install golang-go), $GO_VERSION or newer is best"
  have=$(GOTOOLCHAIN=local go env GOVERSION)
  have=${have#go}
  if version_at_least "$have" "$GO_VERSION"; then
    export GOTOOLCHAIN=local
  elif version_at_least "$have" 1.21; then
    export GOTOOLCHAIN=go$GO_TOOLCHAIN
    go version >/dev/null || die "Go $have could not fetch Go $GO_TOOLCHAIN; install Go $GO_VERSION or newer"
  else
    go_fetch_toolchain "$have"
  fi
}

# go_fetch_toolchain HAVE does for a Go before 1.21 (Debian 12 has 1.19) what later ones do themselves:
# fetches the toolchain's module.
go_fetch_toolchain() {
  local cache=${PLIMSOLL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/plimsoll} folder
  folder=$cache/go-$GO_TOOLCHAIN
  mkdir -p "$cache"
  (
    flock 8 # two that begin at once: one fetches, the other finds it there
    [ -x "$folder/bin/go" ] || go_unpack_toolchain "$1" "$folder"
  ) 8>"$cache/go.lock" || exit 1
  export PATH=$folder/bin:$PATH GOTOOLCHAIN=local
  unset GOROOT
}

# go_unpack_toolchain HAVE FOLDER downloads it, with the checksum every module is checked by, and unpacks it.
go_unpack_toolchain() {
  local work
  say "Go $1 is too old; fetching Go $GO_TOOLCHAIN" >&2
  work=$(mktemp -d "$2-fetch.XXXXXX")
  (cd "$work" && GOFLAGS=-modcacherw GOMODCACHE=$work/cache go mod download \
    "golang.org/toolchain@v0.0.1-go$GO_TOOLCHAIN.linux-$(go env GOARCH)") ||
    { rm -rf "$work" && die "could not fetch Go $GO_TOOLCHAIN; install Go $GO_VERSION or newer"; }
  mv "$work"/cache/golang.org/toolchain@* "$work/go"
  # A module may hold neither executables nor other modules' go.mod, so they are disguised.
  chmod -R +x "$work/go/bin" "$work/go/pkg/tool"
  find "$work/go" -name _go.mod -execdir mv _go.mod go.mod \;
  rm -rf "$2"
  mv "$work/go" "$2"
  rm -rf "$work"
}
