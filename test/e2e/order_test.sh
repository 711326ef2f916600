#!/usr/bin/env bash
# A service that starts, stops and fails in order: signals at any time, output that nobody reads, descriptors that are
# few, a clock that leaps.
source "$(dirname "$0")/lib.sh"

begin order
start_usual_origin
write_config </dev/null

# ---- signals at any time
check "SIGTERM at any time of a start: 200 starts end with 0" \
  in_ns "$python" "$here/order_starts.py" "$(id -u zgservice)" 200 150 "$ZG_BIN" serve --config "$work/config.toml"
nothing_half_written() { [[ -z $(find "$work/service/state" -name '*.tmp*' -o -name '*.new*' | tee /dev/stderr) ]]; }
check "… and nothing half-written stays" nothing_half_written

driving_config="$work/driving.toml"
write_driving_config() {
  { cat "$work/config.toml" && cat <<EOF
[language_server]
mode = "launch"
user = "zgclient"
command = ["sh", "-c", "ulimit -Sn >\"\$0\"; exec \"\$@\"", "$work/limits/soft", "${ZG_LANGUAGE_SERVER:?}", "--csrf_token", "{csrf_token}", "--https_server_port", "{https_port}",
           "--parent_pipe_path", "{parent_pipe}", "--cloud_code_endpoint", "https://daily-cloudcode-pa.googleapis.com",
           "--sim", "connect=127.0.0.2:443"]
EOF
  } >"$driving_config"
  sed -i "s#^state_dir.*#state_dir = \"$work/driving\"#; s#^bundle_file.*#bundle_file = \"$work/driving/bundle.pem\"#" "$driving_config"
}
write_driving_config
mkdir -m 777 "$work/limits"  # where the server's user says what it was given
check "… with a language server too" \
  in_ns "$python" "$here/order_starts.py" 0 60 300 "$ZG_BIN" serve --config "$driving_config"
no_language_server() { ! pgrep -f "$ZG_LANGUAGE_SERVER.*--csrf_token"; }
check "… which is gone with it" eventually no_language_server

# ---- the API comes last
asks_while_it_starts() { # every answer is whole, whenever the request came
  "$python" - <<'EOF'
import json, socket, sys, time
until, answered = time.monotonic() + 20, 0
while time.monotonic() < until and answered < 50:
    try:
        peer = socket.create_connection(("127.0.0.1", 8741), 5)
    except OSError:
        continue
    peer.sendall(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    text = b""
    while block := peer.recv(65536):
        text += block
    names = [d["name"] for d in json.loads(text.split(b"\r\n\r\n", 1)[1])["dependencies"]]
    assert {"ledger", "ca", "interception"} <= set(names), names
    answered += 1
sys.exit(answered == 0)
EOF
}
export -f asks_while_it_starts
export python
in_ns bash -c asks_while_it_starts >"$work/asking.log" 2>&1 &
asking_pid=$!
start_service
code=0
wait "$asking_pid" || code=$?
check "whoever asks while it starts is answered once all is there" test "$code" -eq 0

# ---- threads
every_thread_has_a_name() {
  local unnamed
  unnamed=$(cat /proc/"$service_pid"/task/*/comm | grep -vE '^(zg-|grpc|event_engine|zerogravity$|resolver|timer)' || true)
  [[ -z $unnamed ]] || { echo "$unnamed" && return 1; }
  grep -q '^zg-loop-0$' /proc/"$service_pid"/task/*/comm && grep -q '^zg-ledger$' /proc/"$service_pid"/task/*/comm
}
check "every thread has a name" every_thread_has_a_name

# ---- output
# The code of the service, once it has ended; in this shell, since only a parent can wait.
ended_with=
await_end() {
  ended_with=0
  timeout 20 tail -f --pid="$service_pid" /dev/null || { kill -KILL "$service_pid" && ended_with="still there after 20 s"; }
  wait "$service_pid" || [[ $ended_with != 0 ]] || ended_with=$?
}
kill -TERM "$service_pid"
await_end
check "SIGTERM ends it with 0" test "$ended_with" = 0

as_service() {
  setpriv --reuid zgservice --regid zgservice --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}" TSAN_OPTIONS="${TSAN_OPTIONS:-}" "$@"
}
answers() { in_ns curl --silent --fail --max-time 5 --noproxy '*' http://127.0.0.1:8741/healthz; }
mkfifo "$work/unread"
exec 7<>"$work/unread"
"$python" -c '
import fcntl, os
fcntl.fcntl(7, fcntl.F_SETFL, os.O_NONBLOCK)
try:
    while True: os.write(7, b"x" * 4096)
except BlockingIOError: pass
fcntl.fcntl(7, fcntl.F_SETFL, 0)' 7<&7
ip netns exec "$ns" setpriv --reuid zgservice --regid zgservice --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
  "$ZG_BIN" serve --config "$work/config.toml" --set log.level=debug >&7 2>&7 &
service_pid=$!
children+=("$service_pid")
check "with outputs that nobody reads it serves" eventually answers
kill -TERM "$service_pid"
await_end
check "… and SIGTERM ends it, with 0" test "$ended_with" = 0
exec 7>&-

ip netns exec "$ns" setpriv --reuid zgservice --regid zgservice --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
  "$ZG_BIN" serve --config "$work/config.toml" <&- >&- 2>&- &
service_pid=$!
children+=("$service_pid")
check "with no outputs at all it serves" eventually answers
no_stream_is_a_file_of_ours() {
  local each
  for each in 0 1 2; do [[ $(readlink "/proc/$service_pid/fd/$each") == /dev/null ]] || { readlink "/proc/$service_pid/fd/$each" && return 1; }; done
}
check "… and neither the ledger nor a socket takes their place" no_stream_is_a_file_of_ours
kill -TERM "$service_pid"
await_end
check "… and ends with 0" test "$ended_with" = 0

# ---- descriptors
start_limited() { # SOFT:HARD CONFIG USER
  : >"$work/limited.log"
  ip netns exec "$ns" prlimit --nofile="$1" setpriv --reuid "$3" --regid "$3" --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
    "$ZG_BIN" serve --config "$2" >"$work/limited.log" 2>&1 &
  service_pid=$!
  children+=("$service_pid")
  await_line "$work/limited.log" '^ready' "$service_pid"
}
soft_limit_of() { awk '/^Max open files/ { print $4 }' "/proc/$1/limits"; }
start_limited 256:20000 "$driving_config" root
check "the limit of descriptors is raised to what is allowed" test "$(soft_limit_of "$service_pid")" -eq 20000
has_our_limit() { [[ $(cat "$work/limits/soft") == 256 ]]; }
check "a language server is started with the limit that we were given" eventually has_our_limit
kill -TERM "$service_pid"
await_end

start_limited 256:256 "$work/config.toml" zgservice
says_what_it_lowered() { holds 'any(d["name"] == "descriptors" and "limits.connections is" in d["reason"] for d in u["dependencies"])' /readyz; }
check "where too few are allowed, /readyz says which limit was lowered" says_what_it_lowered
check "… and so does the log" grep -q 'limits.connections is' "$work/limited.log"
redirect_client
intercepted "$python" - >"$work/crowd.log" 2>&1 <<'EOF' &
import socket, time
peers = []
for _ in range(300):
    peers.append(socket.create_connection(("api.openai.com", 443), 10))
print("open", flush=True)
time.sleep(4)
EOF
crowd_pid=$!
timeout 20 grep -m 1 -q open <(tail -n +1 -f "$work/crowd.log")
check "a crowd that is larger than that does not take the API's descriptors" answers
used_ticks() { awk '{ print $14 + $15 }' "/proc/$service_pid/stat"; }
before=$(used_ticks)
sleep 2
check "… nor does it keep a processor busy" test $(($(used_ticks) - before)) -lt 100
wait "$crowd_pid" || true
check "… and afterwards calls go on" eventually call_model after-the-crowd
kill -TERM "$service_pid"
await_end

# ---- the clock
if [[ -n ${ZG_SANITIZE:-} ]]; then
  say "the clock is not shifted below a sanitizer"
  summary
  exit
fi
start_shifted() { # SECONDS SETTINGS…
  echo "$1" >"$work/shift"
  : >"$work/shifted.log"
  ip netns exec "$ns" setpriv --reuid zgservice --regid zgservice --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
    LD_PRELOAD="${ZG_SHIFTED_CLOCK:?}" ZG_CLOCK_SHIFT="$work/shift" \
    "$ZG_BIN" serve --config "$work/config.toml" --set ledger.retention_days=30 "${@:2}" >"$work/shifted.log" 2>&1 &
  service_pid=$!
  children+=("$service_pid")
  await_line "$work/shifted.log" '^ready' "$service_pid"
}
stop_shifted() {
  kill -TERM "$service_pid"
  await_end
}
day=$((24 * 3600))
rows() { sqlite3 "file:$work/service/state/usage.db?mode=ro" 'SELECT count(*) FROM exchanges'; }
start_shifted 0
check "a call is booked" call_model today
stop_shifted
# A row of 15 days ago: of 30 that it may have.
sqlite3 "$work/service/state/usage.db" "UPDATE exchanges SET started_at = started_at - 15 * $day * 1000 WHERE id = (SELECT min(id) FROM exchanges)"
before=$(rows)
start_shifted $((20 * day))
call_ahead() { # as call_model, with the clock of the machine
  intercepted env LD_PRELOAD="$ZG_SHIFTED_CLOCK" ZG_CLOCK_SHIFT="$work/shift" curl --silent --show-error --fail --http1.1 \
    -H 'x-sim: id=ahead' -d '{"model":"gpt-sim","messages":[{"role":"user","content":"hi"}]}' \
    https://api.openai.com/v1/chat/completions
}
chmod a+r "$work/shift"
check "a call while the clock is 20 days ahead" call_ahead
leap_is_told() { holds 'any("leapt ahead by 20 days" in d["reason"] for d in u["dependencies"])' /readyz; }
check "the leap is told" eventually leap_is_told
check "… in the log too" eventually grep -q 'leapt ahead by 20 days' "$work/shifted.log"
check "no row is deleted because of it" test "$(rows)" -ge "$before"
stop_shifted
check "nor at the end" test "$(rows)" -eq $((before + 1))
start_shifted 0
check "with the clock put right nothing is told any more" eventually holds 'all("leapt" not in d["reason"] for d in u["dependencies"])' /readyz
check "and all rows are there" test "$(rows)" -eq $((before + 1))
stop_shifted

start_shifted $((-300 * day))
ca_is_not_valid_yet() { holds 'any(d["name"] == "ca" and d["status"] == "failed" and "not valid before" in d["reason"] for d in u["dependencies"])' /readyz; }
check "a CA from after today is noticed" ca_is_not_valid_yet
stop_shifted
start_shifted -$(($(date +%s) - 3600)) --state-dir "$work/service/first"
clock_is_wrong() { holds 'any(d["name"] == "clock" and "1970-01-01" in d["reason"] for d in u["dependencies"])' /readyz; }
check "a first start with a clock from before the program is noticed" clock_is_wrong
check "… in the log too" grep -q 'before this program was written' "$work/shifted.log"
stop_shifted
summary
