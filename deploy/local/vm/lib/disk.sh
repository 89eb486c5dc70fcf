# shellcheck shell=bash
# A guest's disk: a folder filled with busybox, the kernel's modules and chosen programs with the shared
# libraries they need, and an ext4 image made of it. Needs: base.sh, progress.sh.

# disk_tree TREE INIT begins a root file system with INIT as /sbin/init.
disk_tree() {
  local tree=$1 applet
  mkdir -p "$tree"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,root,run,tmp,var/log,var/tmp,etc,lib}
  chmod 1777 "$tree/tmp" "$tree/var/tmp"
  cp "$(command -v busybox)" "$tree/bin/busybox"
  for applet in $("$tree/bin/busybox" --list); do
    case $applet in busybox | init) ;; *) ln -s busybox "$tree/bin/$applet" ;; esac
  done
  ln -s ../bin/busybox "$tree/sbin/modprobe" # Where the kernel looks for it.
  install -m 755 "$2" "$tree/sbin/init"
  printf 'root:x:0:0::/root:/bin/sh\nnonroot:x:65532:65532::/:/bin/false\n' >"$tree/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' >"$tree/etc/group"
  printf '127.0.0.1 localhost\n' >"$tree/etc/hosts"
  : >"$tree/etc/resolv.conf"
  echo 'hosts: files dns' >"$tree/etc/nsswitch.conf"
  cp -r "$VM_BASE/tree/lib/modules" "$tree/lib/modules"
}

# disk_program TREE PROGRAM [TARGET] copies a program to TARGET (default: where it is here), stripped,
# with the shared libraries it needs at the paths where its loader looks for them.
disk_program() {
  local tree=$1 program=$2 target=${3:-$2} library
  [ -x "$program" ] || die "there is no program $program"
  mkdir -p "$tree$(dirname "$target")"
  strip -o "$tree$target" "$program" 2>/dev/null || cp "$program" "$tree$target"
  chmod 755 "$tree$target"
  for library in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*' | grep -v ':$' | sort -u); do
    disk_library "$tree" "$library"
  done
}

disk_library() {
  [ ! -e "$1$2" ] || return 0
  mkdir -p "$1$(dirname "$2")"
  strip -o "$1$2" "$(realpath "$2")" 2>/dev/null || cp "$(realpath "$2")" "$1$2"
}

# disk_image TREE FILE FREE_MB makes the image, with room beside what TREE holds. Sparse: it takes only
# what is written.
disk_image() {
  local tree=$1 file=$2 free=$3 used
  used=$(du -sm "$tree" | cut -f 1)
  rm -f "$file"
  truncate -s $((used + used / 8 + free + 32))M "$file"
  mke2fs -q -t ext4 -d "$tree" -E root_owner=0:0,lazy_itable_init=1 -O '^has_journal' -m 0 -F "$file"
}
