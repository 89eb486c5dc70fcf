# shellcheck shell=bash
# The command line of one virtual machine. Needs: base.sh.

# machine_command FOLDER MEMORY_MB [TAP MAC] sets MACHINE_COMMAND: QEMU for the disk FOLDER/disk. The kernel
# prints to FOLDER/console.log, the guest's second serial port is FOLDER/output.log; with a TAP, the
# guest takes commands on the socket FOLDER/shell (guest/shell, vm/exec). Software emulation,
# because the hardware's is missing or hangs inside another virtual machine; without rebooting, so
# that a guest that dies ends the process. The disk's writes need not outlive the machine.
machine_command() {
  local folder=$1 memory=$2 tap=${3:-} mac=${4:-}
  MACHINE_COMMAND=(qemu-system-x86_64
    -nodefaults -no-user-config -no-reboot -display none -machine q35 -accel "tcg,thread=multi"
    -smp 2 -m "$memory"
    -kernel "$VM_BASE/vmlinuz" -initrd "$VM_BASE/initramfs"
    -append "console=ttyS0 loglevel=4 panic=-1 psi=1 cgroup_no_v1=all random.trust_cpu=on"
    -drive "file=$folder/disk,if=virtio,format=raw,cache=unsafe"
    -object "rng-random,id=rng,filename=/dev/urandom" -device "virtio-rng-pci,rng=rng"
    -serial "file:$folder/console.log" -serial "file:$folder/output.log")
  [ -z "$tap" ] || MACHINE_COMMAND+=(-netdev "tap,id=net,ifname=$tap,script=no,downscript=no"
    -device "virtio-net-pci,netdev=net,mac=$mac"
    -device virtio-serial-pci -chardev "socket,id=shell,path=$folder/shell,server=on,wait=off"
    -device "virtserialport,chardev=shell,name=plimsoll.shell")
}
