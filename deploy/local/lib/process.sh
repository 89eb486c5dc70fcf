# shellcheck shell=bash
# Long-running processes of one state folder. Each has STATE/run/NAME.pid with its process id and
# start time, so that an id which the kernel gave to somebody else is never signalled, and carries
# PLIMSOLL_LOCAL_STATE=STATE in its environment, so that one whose pid file was never written (its
# starter was killed in between) is found as well. Needs: STATE, progress.sh.

# process_start_time PID prints the kernel's start time of PID (field 22 of /proc/PID/stat).
process_start_time() {
  # The command's name, in parentheses, may hold spaces and parentheses itself.
  sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20 | grep .
}

# process_pid NAME prints the id of the running process NAME; returns 1 when it does not run.
process_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$STATE/run/$1.pid" || return 1
  [ -n "$pid" ] && [ "$(process_start_time "$pid")" = "$started" ] || return 1
  case $(sed 's/^.*) //' "/proc/$pid/stat" 2>/dev/null) in '' | Z*) return 1 ;; esac
  echo "$pid"
}

process_runs() { process_pid "$1" >/dev/null; }

# process_fingerprint COMMAND... prints what changes when the command changes, or a file or a folder of
# settings (NAME.d) that it names in the state folder.
process_fingerprint() {
  local argument
  for argument in "$@"; do
    echo "$argument"
    argument=${argument#*=}
    case $argument in
      "$STATE"/*.d) find "$argument" -type f -print -exec cat {} + | sort ;;
      "$STATE"/*) [ ! -f "$argument" ] || sha256sum <"$argument" ;;
    esac
  done | sha256sum | cut -c 1-16
}

# process_start NAME COMMAND... starts COMMAND detached, with its output in STATE/logs/NAME.log. One
# that runs already with the same command and files is left alone; with others it is started anew.
process_start() {
  local name=$1 pid fingerprint
  shift
  fingerprint=$(process_fingerprint "$@")
  if process_runs "$name"; then
    [ "$(cat "$STATE/run/$name.fingerprint" 2>/dev/null)" != "$fingerprint" ] || return 0
    say "  $name was configured differently; starting it anew"
    process_stop "$name"
  fi
  process_stop_unrecorded "$name"
  mkdir -p "$STATE/run" "$STATE/logs"
  [ ! -f "$STATE/logs/$name.log" ] || mv -f "$STATE/logs/$name.log" "$STATE/logs/$name.log.old"
  (
    # A lock or pipe of the caller must not stay open for as long as the process lives.
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    cd / # not in the checkout, which may be removed or unmounted meanwhile
    exec setsid env PLIMSOLL_LOCAL_STATE="$STATE" PLIMSOLL_LOCAL_PROCESS="$name" "$@"
  ) >"$STATE/logs/$name.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid $(process_start_time "$pid")" >"$STATE/run/$name.pid"
  echo "$fingerprint" >"$STATE/run/$name.fingerprint"
  disown "$pid" 2>/dev/null || true
}

# process_stop NAME [SECONDS] ends NAME: SIGTERM, after SECONDS (10) SIGKILL.
process_stop() {
  local name=$1 seconds=${2:-10} pid deadline
  if pid=$(process_pid "$name"); then
    kill -TERM "$pid" 2>/dev/null || true # it may end just now, here and below
    deadline=$((SECONDS + seconds))
    while process_runs "$name" && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
    if process_runs "$name"; then
      kill -KILL "$pid" 2>/dev/null || true
      while process_runs "$name"; do sleep 0.1; done
    fi
  fi
  rm -f "$STATE/run/$name.pid" "$STATE/run/$name.fingerprint"
}

# process_strays prints the ids of all processes that were started for this state folder, with or
# without a pid file (children that kept the environment, such as container shims, included).
process_strays() {
  grep -zlxF "PLIMSOLL_LOCAL_STATE=$STATE" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3 || true
}

# process_stop_unrecorded NAME ends a NAME whose starter was killed before it wrote the pid file.
# containerd's shims keep its environment and outlive it: they are not meant.
process_stop_unrecorded() {
  local pid
  for pid in $(process_strays); do
    grep -qzxF "PLIMSOLL_LOCAL_PROCESS=$1" "/proc/$pid/environ" 2>/dev/null || continue
    case $(cat "/proc/$pid/comm" 2>/dev/null) in containerd-shim*) continue ;; esac
    kill -KILL "$pid" 2>/dev/null || true
    while [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status"; do sleep 0.1; done
  done
}

# process_stop_strays ends them all.
process_stop_strays() {
  local pid strays deadline=$((SECONDS + 30))
  while strays=$(process_strays) && [ -n "$strays" ]; do
    for pid in $strays; do kill -KILL "$pid" 2>/dev/null || true; done
    [ "$SECONDS" -lt "$deadline" ] || die "these processes of $STATE do not end: $strays"
    sleep 0.2
  done
}
