#!/usr/bin/env bash
# A language server that is killed, stalls or starves while many turns run on it: every turn ends and says how, none is
# answered twice, and the service recovers by itself.
source "$(dirname "$0")/lib.sh"

[[ -x ${ZG_LANGUAGE_SERVER:?} ]] || skip "the language server simulator is not built"
begin supervisor
start_usual_origin
redirect_client

readonly crowd=20
# Long enough to be in the middle when something happens to the server: 1500 words, 2 ms apart.
readonly long_turn='[[ls:synthetic=1500,gap_us=2000]] hello'

cascade() { in_ns timeout --kill-after=5 "${limit:-40}" "$ZG_BIN" cascade --url http://127.0.0.1:8741 --json "$@"; }

# `crowd_begins TEXT`: that many turns at once, each with its events, its end and its exit code in files.
crowd_begins() {
  local i
  rm -f "$work"/turn.*
  turns=()
  for ((i = 0; i < crowd; i++)); do
    { code=0; cascade "$1" >"$work/turn.$i.events" 2>"$work/turn.$i.err" || code=$?; echo "$code" >"$work/turn.$i.code"; } &
    turns+=($!)
  done
}
all_speak() { [[ $(grep -l '"type":"text"' "$work"/turn.*.events 2>/dev/null | wc -l) -eq $crowd ]]; }
crowd_ends() { wait "${turns[@]}"; }
# 124 is the time limit of a turn that hangs.
none_hangs() { ! grep -qx 124 "$work"/turn.*.code; }
all_end_with() { [[ $(grep -lx "$1" "$work"/turn.*.code | wc -l) -eq $crowd ]]; }
all_say() { [[ $(grep -l "$1" "$work"/turn.*.events | wc -l) -eq $crowd ]]; }
ended_once() {
  local file
  for file in "$work"/turn.*.events; do
    [[ $(grep -cE '"type":"(finished|failed|error)"' "$file") -eq 1 ]] || { cat "$file" | tail -3; return 1; }
  done
}
another_server() { local pid; pid=$(server_pid); [[ -n $pid && $pid != "$old_pid" ]]; }
whole_turn() { cascade hello >"$work/whole.events" && grep -q '"reason":"stop"' "$work/whole.events"; }
refused_with_503() {
  [[ $(in_ns curl -sS -m 10 -o "$work/refused" -D "$work/refused.head" -w '%{http_code}' \
    http://127.0.0.1:8741/v1/cascades -H "content-type: application/json" -d '{"text":"hello"}') == 503 ]] && grep -qi '^retry-after: [0-9]' "$work/refused.head"
}

# ---- killed

start_driving ""
old_pid=$(server_pid)
crowd_begins "$long_turn"
check "many turns speak at once" eventually all_speak
kill -KILL "$old_pid"
check "while no server is there a request is refused, with the time to come back" eventually refused_with_503
crowd_ends
check "killed: no turn hangs" none_hangs
check "killed: every turn ends with an error" all_end_with 1
check "killed: each ends once" ended_once
check "killed: another server takes over" eventually another_server
check "killed: and serves" eventually whole_turn
stop_driving || true

# ---- stalled: it is there, and answers nothing

start_driving "" language_server.turn_quiet=500ms
old_pid=$(server_pid)
crowd_begins "$long_turn"
eventually all_speak
kill -STOP "$old_pid"
check "stalled: it is found out by its heartbeats and replaced" eventually another_server
crowd_ends
check "stalled: no turn hangs" none_hangs
check "stalled: every turn ends with an error" all_end_with 1
check "stalled: each ends once" ended_once
check "stalled: the one that takes over serves" eventually whole_turn
kill -KILL "$old_pid" 2>/dev/null || true
stop_driving || true

# ---- a turn that says nothing, on a server that lives

start_driving "" language_server.turn_quiet=300ms language_server.turn_quiet_most=1500ms
old_pid=$(server_pid)
check "a silent turn on a living server is given up" fails cascade '[[ls:stall=2]] hello'
check "and the server stays" test "$(server_pid)" == "$old_pid"
check "and serves" whole_turn
stop_driving || true

# ---- starved: it gets the processor now and then

start_driving "" language_server.turn_quiet=1s
old_pid=$(server_pid)
crowd_begins "$long_turn"
eventually all_speak
for _ in {1..15}; do
  kill -STOP "$old_pid" && sleep 0.2
  kill -CONT "$old_pid" && sleep 0.05
done
crowd_ends
check "starved: every turn comes to its good end" all_end_with 0
check "starved: whole" all_say '"reason":"stop"'
check "starved: the server was left alone" test "$(server_pid)" == "$old_pid"
stop_driving || true

# ---- another user's process takes the port: it stands in the command line, for everybody to read

start_thief() { # NAME MARK
  thief=$work/$1
  touch "$thief.log" && : >"$thief.bytes" && chmod 666 "$thief.bytes"
  ip netns exec "$ns" setpriv --reuid zgother --regid zgother --clear-groups \
    "$python" "$here/port_thief.py" "$2" "$thief.bytes" >"$thief.log" 2>&1 &
  children+=("$!")
  await_line "$thief.log" '^ready' "$!"
}
stolen_port() { sed -n 's/^took //p' "$thief.log"; }
has_taken() { [[ -n $(stolen_port) ]]; }
told_nothing() { ! grep -aqE 'x-codeium-csrf-token|hello|exa\.language_server_pb' "$thief.bytes"; }
names_the_thief() { grep -F 'somebody else' "$work/service.log" | grep -qF "127.0.0.1:$(stolen_port) is held by uid $(id -u zgother) (zgother)"; }

start_thief early slow_start_ms=1513
start_driving slow_start_ms=1513
check "stolen while it starts: the port was taken" has_taken
check "stolen while it starts: the thief got no connection" fails grep -q connection "$thief.log"
check "stolen while it starts: and not a byte" test ! -s "$thief.bytes"
check "stolen while it starts: the log says who has it" names_the_thief
check "stolen while it starts: the server was started again, at another port" \
  fails holds "any(':$(stolen_port)' in d['reason'] for d in u['dependencies'] if d['name'] == 'language_server')" /readyz
check "stolen while it starts: and serves" eventually whole_turn
stop_driving || true

# ---- an address of the configuration that another user's process holds

eventually rm -rf "$work/service"  # the language server may still be writing as it goes
write_config <<EOF
[language_server]
mode = "attach"
address = "127.0.0.1:45123"
csrf_token = "a-token-of-its-own"
EOF
in_ns setpriv --reuid zgother --regid zgother --clear-groups "$python" -c '
import socket, sys
s = socket.create_server(("127.0.0.1", 45123))
print("ready", flush=True)
while True:
    peer, _ = s.accept()
    sys.stdout.write("connection\n"); sys.stdout.flush()' >"$work/impostor.log" 2>&1 &
children+=("$!")
await_line "$work/impostor.log" '^ready' "$!"
start_service
says_who() { holds "any('127.0.0.1:45123 is held by uid $(id -u zgother) (zgother), not by the language server' in d['reason'] for d in u['dependencies'])" /readyz; }
check "an attached address that another user holds: /readyz says who has it" eventually says_who
check "an attached address that another user holds: it got no connection" fails grep -q connection "$work/impostor.log"
check "an attached address that another user holds: a turn is refused in the same words" \
  grep -q "is held by uid" <(cascade hello 2>&1)
kill_service

eventually rm -rf "$work/service"  # the language server may still be writing as it goes
start_driving slow_start_ms=1
start_thief late "$(tr '\0' '\n' <"/proc/$(server_pid)/cmdline" | grep -x -A1 -- --csrf_token | tail -1)"
old_pid=$(server_pid)
crowd_begins "$long_turn"
eventually all_speak
kill -KILL "$old_pid"
check "stolen when it is killed: the port was taken" eventually has_taken
crowd_ends
check "stolen when it is killed: every turn ends with an error" all_end_with 1
check "stolen when it is killed: another server takes over" eventually another_server
check "stolen when it is killed: and serves" eventually whole_turn
check "stolen when it is killed: the thief got no token and no text" told_nothing
stop_driving || true

# ---- what other users can read of it

start_driving ""
command_line_shows_the_token() {
  setpriv --reuid zgother --regid zgother --clear-groups tr '\0' ' ' <"/proc/$(server_pid)/cmdline" | grep -qE 'csrf_token [0-9a-f-]{36}'
}
check "a token in the command line is everybody's" command_line_shows_the_token
stop_driving || true
write_config <<EOF
[language_server]
mode = "launch"
user = "zgclient"
command = ["${ZG_LANGUAGE_SERVER:?}", "--https_server_port", "0", "--parent_pipe_path", "{parent_pipe}",
           "--cloud_code_endpoint", "https://daily-cloudcode-pa.googleapis.com", "--sim", "connect=127.0.0.2:443"]
environment = ["WINDSURF_CSRF_TOKEN={csrf_token}"]
EOF
chown root "$work/service"
: >"$work/service.log"
ip netns exec "$ns" env -i PATH="$PATH" HOME=/root "$ZG_BIN" serve --config "$work/config.toml" >"$work/service.log" 2>&1 &
service_pid=$!
children+=("$service_pid")
await_line "$work/service.log" '^ready' "$service_pid"
check "a build that takes the token from its environment is driven by it" eventually whole_turn
hides_the_token() {
  local words
  words=$(tr '\0' ' ' <"/proc/$(server_pid)/cmdline") && grep -q -- '--https_server_port 0' <<<"$words" &&
    ! grep -qE 'csrf|[0-9a-f]{8}-[0-9a-f]{4}' <<<"$words"
}
check "… and other users read neither token nor port in its command line" hides_the_token
hides_the_environment() {
  grep -zq '^WINDSURF_CSRF_TOKEN=' "/proc/$(server_pid)/environ" &&
    ! setpriv --reuid zgother --regid zgother --clear-groups cat "/proc/$(server_pid)/environ"
}
check "… nor the environment" hides_the_environment
stop_driving || true
summary
