# shellcheck shell=bash
# The kubelet changes some settings of the whole machine. They are noted before the first instance
# starts and put back after the last one went. Needs: STATE_ROOT.

readonly KERNEL_SETTINGS=(vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops
  kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

# kernel_settings_save notes them, unless another instance did.
kernel_settings_save() {
  local file=$STATE_ROOT/kernel-settings name
  [ ! -s "$file" ] || return 0
  for name in "${KERNEL_SETTINGS[@]}"; do
    printf '%s=%s\n' "$name" "$(sysctl -n "$name" 2>/dev/null)" | grep -v '=$' || true
  done >"$file.new"
  mv "$file.new" "$file"
}

# kernel_settings_restore puts them back when no instance is left.
kernel_settings_restore() {
  local file=$STATE_ROOT/kernel-settings
  [ -s "$file" ] || return 0
  ! ls "$STATE_ROOT"/*/index >/dev/null 2>&1 || return 0
  sysctl -q -p "$file" >/dev/null 2>&1 || say "  could not put back all of $file"
  rm -f "$file"
}
