#!/usr/bin/env bash
# What clients of the API do cannot keep the intercepted traffic, or each other, from going on, nor take the machine's
# memory. Each case is one that did.
source "$(dirname "$0")/lib.sh"

begin crowd
start_usual_origin
write_config <<EOF
[limits]
held_bodies = "64MiB"
api_reports = 4
[[rules]]
name = "for-everybody"
match = { host = "api.anthropic.com" }
act = [ { set_header = "x-a", value = "b" } ]
EOF
start_service
kill_service
"$python" "$here/grow_ledger.py" "$work/service/state/usage.db" 300000 50000
chown zgservice "$work"/service/state/*
start_service
redirect_client

memory() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$service_pid/status"; }  # KB
forget_peak() { echo 5 >"/proc/$service_pid/clear_refs"; }

# `peak_below MB`: since forget_peak, beyond what was resident at first. What a sanitizer adds tells nothing.
peak_below() {
  local grown=$((($(memory VmHWM) - before) / 1024))
  [[ -n ${ZG_SANITIZE:-} ]] || ((grown < $1)) || { say "grown by $grown MB" && return 1; }
}

# `as_before`: a fifth more than at first is allowed.
as_before() {
  local now
  now=$(memory VmRSS)
  [[ -n ${ZG_SANITIZE:-} ]] || ((now <= before * 12 / 10)) || { say "$now KB instead of $before" && return 1; }
}

# `load USER ARGUMENTS…`: a client of api_load_client.py that goes on until `end_load`.
load() {
  local user=$1
  shift
  : >"$work/load.log"
  rm -f "$work/load.input"
  mkfifo "$work/load.input"
  in_ns setpriv --reuid "$user" --regid "$user" --clear-groups env -i PATH="$PATH" LC_ALL=C.UTF-8 \
    "$python" "$here/api_load_client.py" "$@" <"$work/load.input" >"$work/load.log" 2>&1 &
  load_pid=$!
  children+=("$load_pid")
  exec 7>"$work/load.input"
  await_line "$work/load.log" '^ready' "$load_pid" || { say "the load did not start" && cat "$work/load.log" && exit 1; }
}

end_load() {
  exec 7>&-
  wait "$load_pid" 2>/dev/null || true
}

# What those that asked again and again were answered, and nothing else.
answered_only() { tail -n 1 "$work/load.log" | grep -qxE "(, )?(($1) × [0-9]+(, )?)+" || { cat "$work/load.log" && return 1; }; }

calls_go_on() { for i in 1 2 3 4 5; do call_model "$1-$i" >/dev/null; done; }
# What it says is wrong shows that it was read.
small_body_is_read() {
  [[ $(in_ns curl --silent --show-error --max-time 10 --noproxy '*' -H 'content-type: application/json' \
    -d '{"text":"hi","permissions":"?"}' http://127.0.0.1:8741/v1/cascades) == *'"param":"permissions"'* ]]
}
healthy() { [[ $(api /healthz) == *ok* ]]; }

calls_go_on warm
api /v1/usage >/dev/null
api '/v1/usage?group_by=conversation' >/dev/null
before=$(memory VmRSS)
forget_peak

load root bomb 4
check "four bodies of 4 MB that decode to 4 GB: intercepted calls go on" calls_go_on bomb
check "... and so does the API" healthy
end_load
check "... and each is refused" answered_only '413|503'
check "... and they take no memory" peak_below 100

load root json 2 60000000
check "two bodies of 60 MB: intercepted calls go on" calls_go_on large
end_load
check "... and each is refused" answered_only '413|503'

load root json 2 15000000
check "two bodies of five million empty objects: intercepted calls go on" calls_go_on objects
end_load
check "... and each is refused" answered_only '400|503'
check "... and none of them takes more than the budget" peak_below 100

# Not all of the time, so that hours are summed.
load root ask 8 "/v1/usage?group_by=conversation&end_time=$(($(date +%s) - 86400))"
check "eight who ask for sums of 300 000 rows: intercepted calls go on" calls_go_on reports
check "... and so does the API" healthy
end_load
check "... and each gets them, or is asked to come again" answered_only '200|503'

load zgother idle 600
check "600 idle connections of another user keep nobody out" healthy
check "... nor intercepted calls" calls_go_on idle
end_load

load root idle 600
check "600 idle connections of our own keep nobody out" healthy
end_load

forget_peak
load root unfinished 24 15000000
check "24 unfinished bodies of 15 MB: intercepted calls go on" calls_go_on unfinished
check "... and so does the API, with small bodies, too" small_body_is_read
check "... and they take no more than the budget" peak_below 100
end_load

forget_peak
load zgclient upload 60 15000000 "$work/service/bundle.pem" api.anthropic.com
check "60 unfinished uploads to a host with a rule: intercepted calls go on" calls_go_on upload
check "... and they take no more than the budget" peak_below 130
check "... and what could not be held is said" grep -q 'limits.held_bodies' "$work/service.log"
end_load
check "memory returns after them all" eventually as_before

# What is remembered of each for an hour must not keep the rest.
ulimit -n "$(ulimit -Hn)"
load zgclient streams 800 600 "$work/service/bundle.pem" api.openai.com
check "800 streams at once: intercepted calls go on" calls_go_on streams
end_load
check "memory returns after them, too" eventually as_before

summary
