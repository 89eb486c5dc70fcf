# shellcheck shell=bash
# Progress: every line carries the time since the command began, every long step the time it took,
# and a step that fails shows the end of its log.

PROGRESS_HEARTBEAT=${PROGRESS_HEARTBEAT:-15} # seconds between "still at it" lines
PROGRESS_LOG_TAIL=30                         # lines of a failed step's log that are shown

# When the command that a user started began, for the commands that it runs in turn as well.
export PROGRESS_BEGAN=${PROGRESS_BEGAN:-$EPOCHSECONDS}

# say TEXT... prints one line with the time since then.
say() {
  local passed=$((EPOCHSECONDS - PROGRESS_BEGAN))
  printf '[%2d:%02d] %s\n' $((passed / 60)) $((passed % 60)) "$*"
}

# die TEXT... ends the command with an error on standard error.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# progress_heartbeat TEXT STARTED says every while that TEXT goes on; runs until it is killed or its
# shell is gone, and leaves no sleep behind (which would hold the caller's pipes and locks open).
progress_heartbeat() {
  trap 'kill $! 2>/dev/null; exit 0' TERM
  while :; do
    sleep "$PROGRESS_HEARTBEAT" &
    wait $!
    kill -0 $$ 2>/dev/null || exit 0
    say "  … $1, $((SECONDS - $2))s so far"
  done
}

# step TEXT LOG COMMAND... runs COMMAND with its output in the file LOG. Returns COMMAND's status.
step() {
  local text=$1 log=$2 started=$SECONDS heartbeat status=0
  shift 2
  say "$text"
  mkdir -p "$(dirname "$log")"
  progress_heartbeat "$text" "$started" &
  heartbeat=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  # It may have ended by itself, and the caller may run with set -e.
  kill "$heartbeat" 2>/dev/null || true
  wait "$heartbeat" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then
    say "  FAILED after $((SECONDS - started))s (exit $status); the end of $log:"
    tail -n "$PROGRESS_LOG_TAIL" "$log" | sed 's/^/    /'
    return "$status"
  fi
  local took=$((SECONDS - started))
  [ "$took" -lt 2 ] || say "  done in ${took}s"
}

# wait_until SECONDS TEXT COMMAND... runs COMMAND every 0.2 s until it succeeds; returns 1 when the
# time is up, and a last look after it failed as well: a machine that stood still all the while has had no
# time to do what is waited for.
wait_until() {
  local seconds=$1 text=$2 started=$SECONDS told=$SECONDS overdue=''
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ -n "$overdue" ]; then
      say "  FAILED: waited ${seconds}s for $text" >&2
      return 1
    fi
    [ $((SECONDS - started)) -lt "$seconds" ] || overdue=yes
    if [ $((SECONDS - told)) -ge "$PROGRESS_HEARTBEAT" ]; then
      told=$SECONDS
      say "  … waiting for $text, $((SECONDS - started))s so far"
    fi
    sleep 0.2
  done
}
