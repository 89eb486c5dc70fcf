# shellcheck shell=bash
# Names what this machine lacks, with the remedy, before anything is built or changed. Needs:
# progress.sh, cgroups.sh, STATE_ROOT.

readonly DISK_NEEDED_MB=6000 MEMORY_NEEDED_MB=2000

# preflight checks everything and dies after naming all that is missing.
preflight() {
  local problems=()
  [ "$(uname -s)" = Linux ] || die "a local cluster needs Linux; use --kubeconfig FILE to install on a cluster elsewhere"
  [ "$(id -u)" = 0 ] || die "a node needs root: run sudo $0 (or use --kubeconfig FILE to install on a cluster you have)"
  preflight_packages
  preflight_namespaces
  preflight_cgroups
  preflight_room
  [ ${#problems[@]} -eq 0 ] && return 0
  printf '%s: this machine cannot hold the cluster:\n' "${0##*/}" >&2
  printf '  - %s\n' "${problems[@]}" >&2
  exit 1
}

# preflight_kernel checks, once the tools are there, what only they can try.
preflight_kernel() {
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || true
  grep -qw overlay /proc/filesystems ||
    die "the kernel has no overlay file system: load the module overlay, inside a container on its host"
  unshare --net sh -c 'ip link add b0 type bridge && ip link add v0 type veth peer name v1' 2>/dev/null ||
    die "the kernel makes no bridges or veth pairs: load the modules bridge and veth, inside a container on its host"
  unshare --net nft add table ip probe 2>/dev/null ||
    die "the kernel has no nftables: load the module nf_tables, inside a container on its host"
}

preflight_packages() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    problems+=("no apt-get: the missing tools are installed from Debian's or Ubuntu's packages; use Debian 12 or Ubuntu 24.04")
}

preflight_namespaces() {
  unshare --net true 2>/dev/null && { ! command -v ip >/dev/null || unshare --net ip link set lo up 2>/dev/null; } ||
    problems+=("no network namespace can be made: CAP_SYS_ADMIN and CAP_NET_ADMIN are needed; inside a container start it with --privileged")
  unshare --mount true 2>/dev/null ||
    problems+=("no mount namespace can be made: CAP_SYS_ADMIN is needed; inside a container start it with --privileged")
  [ -r /dev/kmsg ] ||
    problems+=("/dev/kmsg cannot be read: the kubelet needs it to see OOM kills; inside a container add --device /dev/kmsg --cap-add SYSLOG")
}

preflight_cgroups() {
  local root=/sys/fs/cgroup probe
  if [ "$(cgroup_version)" = 1 ]; then
    root=/sys/fs/cgroup/memory
    [ -d $root ] || { problems+=("no memory controller below /sys/fs/cgroup: mount the cgroup file systems, or boot with cgroup_enable=memory") && return; }
  elif ! grep -qw memory $root/cgroup.controllers; then
    problems+=("the memory controller is not in $root/cgroup.controllers: boot with cgroup_enable=memory")
    return
  fi
  probe=$root/plimsoll-probe-$$
  if mkdir "$probe" 2>/dev/null; then
    rmdir "$probe"
  else
    problems+=("no cgroup can be made in $root: it is read-only or CAP_SYS_ADMIN is missing; inside a container start it with --privileged --cgroupns host")
  fi
}

preflight_room() {
  local folder=$STATE_ROOT free
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  free=$(df -Pm "$folder" | awk 'NR==2 {print $4}')
  [ "$free" -ge "$DISK_NEEDED_MB" ] ||
    problems+=("$folder has $free MB free, $DISK_NEEDED_MB are needed: free some, or set PLIMSOLL_STATE to a folder with more room")
  case $(stat -f -c %T "$folder") in
    overlayfs) problems+=("$folder lies on an overlay file system, where containers' own overlays cannot: set PLIMSOLL_STATE to a folder on ext4 or xfs") ;;
  esac
  free=$(awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo)
  [ "$free" -ge "$MEMORY_NEEDED_MB" ] ||
    problems+=("$free MB of memory are available, $MEMORY_NEEDED_MB are needed: end some programs")
}
