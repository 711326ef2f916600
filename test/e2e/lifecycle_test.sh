#!/usr/bin/env bash
# Start, stop, reload, kill -9, a locked file and a full disk: streams go on, and what was shown stays.
source "$(dirname "$0")/lib.sh"

begin lifecycle
start_usual_origin
mkdir -p "$work/service/disk"
mount -t tmpfs -o size=8m,mode=755 none "$work/service/disk"
chown zgservice "$work/service" "$work/service/disk"
ledger_section=$(printf '[ledger]\nfile = "%s"' "$work/service/disk/usage.db")
write_config <<<"$ledger_section"
start_service
redirect_client

totals_grow_beyond() { holds "u['totals']['requests'] > $1"; }
requests() { usage_value 'u["totals"]["requests"]'; }
traffic() { # NAME: calls until the service is gone, 200 at most
  local i
  for ((i = 0; i < 200; ++i)); do call_model "$1-$i" >/dev/null 2>&1 || return 0; done
}

# ---- kill -9
for round in 1 2 3 4 5 6; do
  traffic "kill-$round" &
  traffic_pid=$!
  eventually totals_grow_beyond "$(requests)"
  sleep "0.$((RANDOM % 4))"  # any moment will do
  api /v1/usage >"$work/shown.json"
  kill_service
  wait "$traffic_pid" || true
  start_service
  api /v1/usage >"$work/now.json"
  check "round $round: what was shown survives kill -9 under traffic" "$python" "$here/at_least.py" "$work/shown.json" "$work/now.json"
done
no_more_than_told() { (($(requests) <= $(wc -l <"$work/origin.journal"))); }
check "nothing is counted twice after it" no_more_than_told

# ---- the ledger's file
ready() { [[ $(in_ns curl --silent -o "$work/readyz" -w '%{http_code}' http://127.0.0.1:8741/readyz) == 200 ]]; }
ledger_is_the_reason() { ! ready && grep -qi ledger "$work/readyz"; }
is_ready_again() { call_model "again-$RANDOM-$RANDOM" >/dev/null && ready; }

check "the service is ready" ready
start_python lock ledger_lock.py "$work/service/disk/usage.db"
lock_pid=${children[-1]}
check "a locked file does not stop a stream" call_model locked
check "/readyz turns red and says why" eventually ledger_is_the_reason
kill "$lock_pid"
check "unlocked, it is ready again" eventually is_ready_again
check "no row was lost to the lock" eventually row 'r["response_id"] == "chatcmpl-locked"'

before=$(requests)
api /v1/usage >"$work/shown.json"
head -c 100000000 /dev/zero >"$work/service/disk/filler" 2>/dev/null || true
full_disk_is_the_reason() { call_model "full-$RANDOM-$RANDOM" >/dev/null && ledger_is_the_reason; }
check "a full disk does not stop a stream, and /readyz says so" eventually full_disk_is_the_reason
api /v1/usage >"$work/now.json"
check "nothing stored is lost by it" "$python" "$here/at_least.py" "$work/shown.json" "$work/now.json"
rm "$work/service/disk/filler"
check "with room again it is ready again" eventually is_ready_again
check "and counts on" totals_grow_beyond "$before"

# ---- reload
sees() { "$1" "$python" "$here/isolation_client.py" issuer api.anthropic.com "$2"; }
passed_through() { as zgclient "$work/origin/origin-ca.pem" "$python" "$here/isolation_client.py" issuer api.anthropic.com origin; }
check "before the reload the host is intercepted" sees intercepted ours
watched=(api.openai.com)
write_config <<<"$ledger_section"
kill -HUP "$service_pid"
check "SIGHUP: a host that was taken out is passed through" eventually passed_through
echo 'hosts = 3' >"$work/config.toml"
kill -HUP "$service_pid"
log_tells_of_bad_config() { tail -n 20 "$work/service.log" | grep -iE 'hosts|config'; }
check "SIGHUP with a bad file: the log says so" eventually log_tells_of_bad_config
check "… and the old policy stays" call_model after-bad-reload
write_config <<<"$ledger_section"

# ---- drain
stream() { intercepted "$python" "$here/stream_client.py" "$@"; }
start_stream() { # NAME SIM
  touch "$work/$1.log"
  stream "$2" >"$work/$1.log" 2>&1 &
  stream_pid=$!
  await_line "$work/$1.log" '^started' "$stream_pid"
}
# A check of its own after ends_within: only this shell, not the one that a check runs in, can learn the code.
exited_cleanly() {
  local code=0
  wait "$service_pid" || code=$?
  ((code == 0)) || { echo "exit code $code" && return 1; }
}
ends_within() { timeout "$1" tail -f --pid="$service_pid" /dev/null; }
# Two signals at once may arrive as one, so the second waits until the first was heard.
begin_drain() {
  local lines
  lines=$(wc -l <"$work/service.log")
  kill -TERM "$service_pid"
  timeout 10 grep -m 1 -q draining <(tail -n "+$((lines + 1))" -f --pid="$service_pid" "$work/service.log")
}
directly "$python" "$here/stream_client.py" id=drain,events=12 >"$work/drain.direct"
start_stream drain id=drain,events=12,delay_ms=200
kill -TERM "$service_pid"
nobody_listens() { ! intercepted curl --silent --max-time 5 https://api.openai.com/; }
check "SIGTERM: no new connection is taken" eventually nobody_listens
wait "$stream_pid" || true
check "SIGTERM: a stream that runs comes to its end, unchanged" same "$work/drain.direct" "$work/drain.log"
check "SIGTERM: then the service ends" ends_within 30
check "… with code 0" exited_cleanly
start_service
check "the drained stream was counted" row 'r["response_id"] == "chatcmpl-drain" and r["status"] == "complete"'

# The limit of the drain is 30 s here: an earlier end is the second signal's.
start_stream twice id=twice,stall=body
begin_drain
kill -TERM "$service_pid"
check "a second SIGTERM ends it now" ends_within 10
check "… with code 0" exited_cleanly
wait "$stream_pid" || true
check "the stream was cut" grep -q '^cut' "$work/twice.log"
start_service
check "and counted as interrupted" row 'r["response_id"] == "chatcmpl-twice" and r["status"] == "interrupted"'

kill_service
printf '%s\n[limits]\ndrain = "1s"\n' "$ledger_section" | write_config
start_service
start_stream limit id=limit,stall=body
kill -TERM "$service_pid"
check "a stream that does not end is ended by the drain limit" ends_within 10
check "… with code 0" exited_cleanly
summary
