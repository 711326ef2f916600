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
    http://127.0.0.1:8741/v1/cascades -d '{"text":"hello"}') == 503 ]] && grep -qi '^retry-after: [0-9]' "$work/refused.head"
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
summary
