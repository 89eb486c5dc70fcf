# shellcheck shell=bash
# QEMU and a kernel from the distribution: from Debian's backports where the release itself is too old.
# Needs: progress.sh.

# The first kernel whose memory.peak can be reset, and the first QEMU that emulates it well: under
# 7.2, 6.12 dies early with a null pointer.
readonly KERNEL_VERSION_MIN=6.12 QEMU_VERSION_MIN=9.0
readonly KERNEL_PACKAGE=linux-image-cloud-amd64 QEMU_PACKAGE=qemu-system-x86

# distribution_check dies where this cannot work.
distribution_check() {
  [ "$(uname -m)" = x86_64 ] || die "the virtual machine is an amd64 one; this is $(uname -m)"
  # shellcheck source=/dev/null
  [ "$(. /etc/os-release && echo "$ID")" = debian ] ||
    die "the virtual machine's kernel and QEMU are taken from Debian 12 or newer; this is $(. /etc/os-release && echo "$PRETTY_NAME")"
}

# distribution_has PACKAGE VERSION [SUITE] says whether apt offers at least that version.
distribution_has() {
  local offered
  offered=$(apt-cache ${3:+-t "$3"} policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p')
  [ -n "$offered" ] && dpkg --compare-versions "${offered#*:}" ge "$2"
}

# distribution_suite prints the suite to take both packages from; empty: apt's own choice.
distribution_suite() {
  local codename
  distribution_has "$KERNEL_PACKAGE" "$KERNEL_VERSION_MIN" &&
    distribution_has "$QEMU_PACKAGE" "$QEMU_VERSION_MIN" && return 0
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  echo "$codename-backports"
}

# distribution_backports adds SUITE to apt's sources, at the mirror that the release itself comes from.
# A backport is installed only where somebody asks for it, so nothing else on the machine changes.
distribution_backports() {
  local suite=$1 file=/etc/apt/sources.list.d/plimsoll-backports.sources sources mirror keyring
  # shellcheck disable=SC2016 # apt's own variables
  sources=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)')
  grep -q "^$suite main " <<<"$sources" && return 0
  mirror=$(awk -v release="${suite%-backports}" '$1 == release && $2 == "main" {print $3; exit}' <<<"$sources")
  [ -n "$mirror" ] || die "apt has no source for ${suite%-backports}; add one, or $suite itself, to /etc/apt"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  {
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$mirror" "$suite"
    [ ! -s "$keyring" ] || echo "Signed-By: $keyring"
  } >"$file"
}

# distribution_refresh makes apt know what there is, SUITE included.
distribution_refresh() {
  apt-get update -qq
}

# qemu_install installs QEMU unless a good one is there.
qemu_install() {
  local suite
  qemu_good && return 0
  distribution_refresh
  suite=$(distribution_suite)
  if [ -n "$suite" ]; then
    distribution_backports "$suite"
    distribution_refresh
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    ${suite:+-t "$suite"} "$QEMU_PACKAGE"
  qemu_good || die "QEMU $(qemu_version) was installed, $QEMU_VERSION_MIN or newer is needed"
}

qemu_version() { qemu-system-x86_64 --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'; }

qemu_good() {
  local have
  have=$(qemu_version)
  [ -n "$have" ] && dpkg --compare-versions "$have" ge "$QEMU_VERSION_MIN"
}

# kernel_download FOLDER unpacks the newest kernel package into FOLDER; it is not installed, so this
# machine's own boot is not touched.
kernel_download() {
  local folder=$1 suite package
  if ! distribution_has "$KERNEL_PACKAGE" 0; then distribution_refresh; fi
  suite=$(distribution_suite)
  if [ -n "$suite" ]; then
    distribution_backports "$suite"
    distribution_has "$KERNEL_PACKAGE" "$KERNEL_VERSION_MIN" "$suite" || distribution_refresh
  fi
  distribution_has "$KERNEL_PACKAGE" "$KERNEL_VERSION_MIN" ${suite:+"$suite"} ||
    die "apt offers no $KERNEL_PACKAGE of $KERNEL_VERSION_MIN or newer"
  # The package with the plain name only names the one with the version.
  package=$(apt-cache ${suite:+-t "$suite"} depends "$KERNEL_PACKAGE" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || die "$KERNEL_PACKAGE names no kernel package"
  (cd "$folder" && apt-get download -qq ${suite:+-t "$suite"} "$package" &&
    dpkg-deb -x "$package"_*.deb . && rm -f "$package"_*.deb)
}
