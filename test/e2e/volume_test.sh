#!/usr/bin/env bash
# Bodies of any size in constant memory.
source "$(dirname "$0")/lib.sh"

begin volume
start_usual_origin
start_usual_service

gigabyte=$((1 << 30))
allowed_growth_kb=$((32 << 10))
# A sanitizer's shadow memory says nothing about ours.
[[ -n ${ZG_SANITIZE:-} ]] && allowed_growth_kb=$((1 << 30)) && gigabyte=$((1 << 27))

peak_kb() { awk '/^VmHWM/ { print $2 }' "/proc/$service_pid/status"; }
fetch() { "$1" curl --silent --show-error --fail --max-time 120 -H "x-sim: ${2:-}" "https://api.openai.com/bytes/$gigabyte" | sha256sum; }
same_sum() { [[ $1 == "$2" ]] || { echo "$1 and $2" && return 1; }; }
upload() { head -c "$gigabyte" /dev/zero | intercepted curl --silent --show-error --fail --max-time 120 -T - -X POST https://api.openai.com/upload; }
grew_little() {
  local peak
  peak=$(peak_kb)
  echo "peak $before kB at first, $peak kB now"
  ((peak - before <= allowed_growth_kb))
}

call_model warm-up >/dev/null
before=$(peak_kb)
limit=150
direct=$(fetch directly)
check "a download of 1 GB arrives unchanged" same_sum "$direct" "$(fetch intercepted)"
check "the same in chunks" same_sum "$direct" "$(fetch intercepted no_content_length=1)"
expected=$(head -c "$gigabyte" /dev/zero | sha256sum | cut -c1-64)
check "an upload of 1 GB in chunks arrives unchanged" grep -q "\"bytes\":$gigabyte,\"sha256\":\"$expected\"" <(upload)
check "the service's memory did not grow with it" grew_little
summary
