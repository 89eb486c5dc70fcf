# shellcheck shell=bash
# What all virtual machines share, made once in VM_BASE: the kernel, the modules a guest needs, and an
# initramfs that finds the disk. Needs: progress.sh, packages.sh, distribution.sh, ROOT.

readonly VM_BASE=$ROOT/build/vm/base
# To find the disk; loaded by the initramfs.
readonly BOOT_MODULES=(virtio_pci virtio_blk ext4)
# For a node: the network card, containers, kube-proxy.
readonly GUEST_MODULES=(virtio_net overlay bridge br_netfilter veth nf_tables nft_compat
  nft_ct nft_chain_nat nft_nat nft_masq nft_redir nft_reject_inet nft_reject_ipv4 nft_reject_ipv6 nft_fib_inet nft_fib_ipv4
  nft_fib_ipv6 nft_numgen nft_limit
  nft_hash nft_log nf_conntrack nf_conntrack_netlink nfnetlink_queue nfnetlink_log xt_comment
  xt_conntrack xt_addrtype xt_mark xt_MASQUERADE xt_nat xt_multiport xt_statistic xt_tcpudp)

# vm_base makes VM_BASE; does nothing when it is there and nothing that it is made of has changed.
vm_base() {
  local stamp
  packages_install vm
  qemu_good || step "installing QEMU $QEMU_VERSION_MIN or newer" "$LOGS/qemu.log" qemu_install
  stamp=$(cd "$ROOT/deploy/local/vm" && cat lib/distribution.sh lib/base.sh guest/initramfs | sha256sum)
  [ "$(cat "$VM_BASE/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  distribution_check
  rm -rf "$VM_BASE" "$VM_BASE.new"
  mkdir -p "$VM_BASE.new/package"
  step "fetching a kernel ($KERNEL_VERSION_MIN or newer)" "$LOGS/kernel.log" kernel_download "$VM_BASE.new/package"
  base_modules "$VM_BASE.new"
  base_initramfs "$VM_BASE.new"
  cp "$VM_BASE.new"/package/boot/vmlinuz-* "$VM_BASE.new/vmlinuz"
  rm -rf "$VM_BASE.new/package" "$VM_BASE.new/initramfs.d"
  echo "$stamp" >"$VM_BASE.new/stamp"
  mv "$VM_BASE.new" "$VM_BASE"
}

# base_modules FOLDER puts the modules that are needed, with those they need, into FOLDER/modules,
# uncompressed: busybox loads no other.
base_modules() {
  local folder=$1 source version module path
  source=$folder/package/lib/modules
  [ -d "$source" ] || source=$folder/package/usr/lib/modules
  version=$(basename "$source"/*)
  depmod -b "$(dirname "$(dirname "$source")")" "$version"
  mkdir -p "$folder/modules/$version"
  cp "$source/$version"/modules.{builtin,builtin.modinfo,order} "$folder/modules/$version/"
  for module in "${BOOT_MODULES[@]}" "${GUEST_MODULES[@]}"; do
    modprobe -d "$(dirname "$(dirname "$source")")" -S "$version" --show-depends "$module" |
      sed -n 's/^insmod //p' || die "the kernel has no module $module"
  done | sort -u | while read -r path _; do
    module=${path#"$source/$version/"}
    mkdir -p "$folder/modules/$version/$(dirname "$module")"
    case $module in
      *.xz) xz -dc "$path" >"$folder/modules/$version/${module%.xz}" ;;
      *.zst) zstd -qdc "$path" >"$folder/modules/$version/${module%.zst}" ;;
      *) cp "$path" "$folder/modules/$version/$module" ;;
    esac
  done
  mkdir -p "$folder/tree/lib/modules"
  mv "$folder/modules/$version" "$folder/tree/lib/modules/"
  rmdir "$folder/modules"
  depmod -b "$folder/tree" "$version"
  echo "$version" >"$folder/version"
}

# base_initramfs FOLDER writes FOLDER/initramfs: busybox, the boot modules, and guest/initramfs.
base_initramfs() {
  local folder=$1 tree=$1/initramfs.d version module path
  version=$(cat "$folder/version")
  mkdir -p "$tree"/{bin,dev,proc,sys,root,modules}
  cp "$(command -v busybox)" "$tree/bin/busybox"
  install -m 755 "$ROOT/deploy/local/vm/guest/initramfs" "$tree/init"
  # In the order they must be loaded; one that is built in prints no line.
  for module in "${BOOT_MODULES[@]}"; do
    modprobe -d "$folder/tree" -S "$version" --show-depends "$module" | sed -n 's/^insmod //p'
  done | awk '!seen[$1]++ {print $1}' | while read -r path; do
    cp "$path" "$tree/modules/"
    basename "$path" >>"$tree/modules/order"
  done
  touch "$tree/modules/order"
  (cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$folder/initramfs"
}
