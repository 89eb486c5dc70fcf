# shellcheck shell=bash
# Sourced by what builds Go programs: installs Go where there is none, and has an old one (Debian 12
# brings 1.19) replaced by the version the project names, before anything calls it.
go_support=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for part in deploy/local/lib/progress.sh deploy/local/kubernetes/versions.env deploy/local/lib/go.sh; do
  # shellcheck source=/dev/null
  . "$go_support/$part"
done
command -v go >/dev/null || "$go_support/deploy/packages/install" golang
go_setup
unset go_support part
