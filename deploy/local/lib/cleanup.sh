# shellcheck shell=bash
# Ends and removes what an instance made, whatever state an interrupted run left it in. Each function
# does nothing where there is nothing to do. Needs: all other parts, the instance loaded.

# cleanup_processes ends the node's programs, the pods and then the control plane.
cleanup_processes() {
  local name
  process_stop vm 1
  for name in api-forward kubelet kube-proxy; do process_stop "$name" 5; done
  cgroup_down
  process_stop containerd 10
  control_plane_stop
  process_stop_strays # shims, and whatever an interrupted start left without a pid file
}

# cleanup_mounts unmounts all below the state folder, the innermost first.
cleanup_mounts() {
  local path
  while read -r path; do
    umount "$path" 2>/dev/null || umount --lazy "$path" 2>/dev/null || say "  could not unmount $path"
  done < <(cut -d ' ' -f 5 /proc/self/mountinfo | grep "^$STATE/" | sort -r)
}

# cleanup_shared_folders removes what containerd and the kubelet put outside the state folder: shims'
# sockets, the CNI plugins' notes, links to logs.
cleanup_shared_folders() {
  local address
  while read -r address; do
    case $address in unix:///run/containerd/s/*) rm -f "${address#unix://}" ;; esac
  done < <(find "$STATE/containerd/state" -name address -exec awk 1 {} + 2>/dev/null)
  rm -f "/var/lib/cni/results/$NETNS-"* "/var/lib/cni/cache/results/$NETNS-"*
  [ ! -d /var/log/containers ] || find /var/log/containers -lname "$STATE/*" -delete
}

# cleanup_all removes the instance.
cleanup_all() {
  cleanup_processes
  cleanup_shared_folders
  cleanup_mounts
  network_down
  # Never across a mount that would not go.
  rm -rf --one-file-system "$STATE"
  [ ! -e "$STATE" ] || die "$STATE could not be removed whole; what is left: $(find "$STATE" | head -n 5 | tr '\n' ' ')"
  kernel_settings_restore
  rmdir --ignore-fail-on-non-empty "$STATE_ROOT" 2>/dev/null || true
}

# cleanup_interrupted makes a fresh start possible where the last run was killed or the machine was
# restarted: if containerd does not run, its pods' processes, namespaces and mounts are of no use.
cleanup_interrupted() {
  process_runs containerd && return 0
  [ -d "$STATE/containerd/state" ] || return 0
  say "an earlier run did not end cleanly; removing what its pods left"
  process_stop kubelet 5
  cgroup_down
  local pid
  for pid in $(process_strays); do
    case $(cat "/proc/$pid/comm" 2>/dev/null) in containerd-shim*) kill -KILL "$pid" 2>/dev/null || true ;; esac
  done
  cleanup_shared_folders
  cleanup_mounts
  rm -rf --one-file-system "$STATE/containerd/state" "$STATE/cni/addresses" "$STATE/kubelet/pods"
}
