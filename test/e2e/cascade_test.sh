#!/usr/bin/env bash
# The service keeps a language server, follows its cascades by push, and books what its turns cost.
source "$(dirname "$0")/lib.sh"

[[ -x ${ZG_LANGUAGE_SERVER:?} ]] || skip "the language server simulator is not built"
begin cascade
start_usual_origin
redirect_client

# /readyz answers 503 while a server is away; api() prints the body all the same.
cascade() { in_ns timeout --kill-after=5 30 "$ZG_BIN" cascade --config "$work/config.toml" --url http://127.0.0.1:8741 "$@"; }
follows_by() { holds "any('stream: $1' in d.get('reason', '') for d in u['dependencies'])" /readyz; }
says() { # FILE EXPRESSION over e, the list of events
  "$python" -c '
import json, sys
e = [json.loads(line) for line in open(sys.argv[1])]
text = "".join(x["text"] for x in e if x["type"] == "text")
of = lambda kind: [x for x in e if x["type"] == kind]
if not eval(sys.argv[2]):
    sys.exit("not true: " + sys.argv[2] + "\n" + "\n".join(map(str, e)))' "$1" "$2"
}
turn() { # NAME WORDS…
  local name=$1
  shift
  cascade --json "$@" >"$work/$name.events" 2>"$work/$name.err" || { cat "$work/$name.err" "$work/$name.events" && return 1; }
}
whole() { says "$work/$1.events" "text.count('word') >= 3 and of('finished')[0]['reason'] == 'stop'"; }

# ---- a turn, and its tokens

start_driving "" api.permissions=client
check "a turn is written to the terminal" grep -q "word 0" <(cascade "say hello" 2>&1)
# Slow enough that no two pieces become one update.
check "a turn comes as events" turn plain "say hello once more [[sim:delay_ms=50]]"
check "… whole and with its end" whole plain
check "… in pieces as they were written" says "$work/plain.events" "len(of('text')) >= 3"
wire_and_server_agree() {
  api '/v1/usage/exchanges?limit=1000' >"$work/rows.json"
  "$python" - "$work/rows.json" "$work/plain.events" <<'EOF'
import json, sys
rows = {r["response_id"]: r for r in json.load(open(sys.argv[1]))["data"]}
events = [json.loads(line) for line in open(sys.argv[2])]
cascade = events[0]["id"]
told = [e for e in events if e["type"] == "usage"]
assert told, "the server told no usage"
for e in told:
    row = rows[e["response_id"]]
    assert row["conversation"] == cascade, (row["conversation"], cascade)
    for name in ("input_uncached_tokens", "cache_read_tokens", "output_tokens", "thinking_tokens"):
        assert row[name] == e[name], (name, row[name], e[name])
EOF
}
check "the wire and the language server tell the same tokens, in the same conversation" eventually wire_and_server_agree
first_id=$("$python" -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())["id"])' "$work/plain.events")
check "a cascade goes on" turn more --continue "$first_id" "and on"
check "… with the new turn alone" says "$work/more.events" "e[0]['id'] == '$first_id' and text.count('word 0') == 1"
check "cascades are listed" grep -q "$first_id" <(cascade --list)
check "a step that asks for permission is denied by default" turn denied "[[ls:waiting=1]]"
check "… and the turn comes to its end" says "$work/denied.events" "of('tool')[-1]['status'] == 'canceled' and of('finished')"
check "… or allowed when asked" turn allowed --allow "[[ls:waiting=1]]"
check "… and then it runs" says "$work/allowed.events" "of('tool')[-1]['status'] == 'done' and of('finished')"
# … and that what is rewritten was seen before.
check "a text that is rewritten is told as such" turn rewritten "[[ls:rewrite=1]] [[sim:delay_ms=100]]"
check "… once" says "$work/rewritten.events" "len(of('text_rewritten')) == 1"
check "an error of a step is a failed turn with its cause" fails turn error "[[ls:error_step=1]]"
check "… told as an event" says "$work/error.events" "of('failed')"
check "retries do not hide the answer" turn retried "[[ls:retries=1]]"
check "… which comes whole" whole retried
answer_of() { # PATH BODY
  in_ns curl -sS -m 10 -o "$work/answer" -w '%{http_code}' -H 'content-type: application/json' "http://127.0.0.1:8741$1" ${2:+-d "$2"}
}
unknown_is_404() { [[ $(answer_of "$@") == 404 ]] && grep -q '"error"' "$work/answer"; }
for id in 00000000-0000-4000-8000-000000000000 nonsense %00 %ff%fe "$(printf 'a%.0s' {1..300})"; do
  check "an unknown cascade ${id:0:20} is a 404: turns" unknown_is_404 "/v1/cascades/$id/turns" '{"text":"hi"}'
  check "… cancel" unknown_is_404 "/v1/cascades/$id/cancel" '{}'
  check "… interactions" unknown_is_404 "/v1/cascades/$id/interactions" \
    '{"step":1,"trajectory_id":"t","kind":"run_command","allow":false}'
  check "… conversations" unknown_is_404 "/v1/usage/conversations/$id"
  check "… and its reconciliation" unknown_is_404 "/v1/usage/reconcile?conversation=$id"
done
check "a step that does not wait is a 404" unknown_is_404 "/v1/cascades/$first_id/interactions" \
  '{"step":999,"trajectory_id":"t","kind":"run_command","allow":false}'
check "an unknown cascade is told by the command, too" grep -q "not found" <(cascade --continue nonsense hi 2>&1)
title=$'\e]0;pwned\a\e[2J \u202etxt.exe'
check "a title that would drive the terminal" turn evil "$title"
check "… is listed without" fails grep -qaP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' <(cascade --list)
check "an unknown model is refused by name" grep -q nonsense <(cascade --model nonsense hi 2>&1 || true)

# ---- a server that goes away

old_pid=$(server_pid)
crash_ends_the_turn() { fails turn crash "[[ls:crash_mid_turn=1]]" && fails says "$work/crash.events" "of('finished')"; }
check "a server that dies in a turn ends it with an error, at once" crash_ends_the_turn
new_pid() { local pid; pid=$(server_pid); [[ -n $pid && $pid != "$old_pid" ]]; }
check "it is started again" eventually new_pid
check "and is ready again" eventually server_is ok
check "and serves" eventually turn after "hello again"
server_pid=$(server_pid)
stopped=0
stop_driving || stopped=$?
check "SIGTERM ends the service with code 0" test "$stopped" -eq 0
gone() { ! kill -0 "$server_pid" 2>/dev/null; }
check "and the server with it" eventually gone
check "without a service the command says so" grep -q "127.0.0.1:8741: Connection refused" <(cascade hi 2>&1 || true)

# ---- the kinds of stream

for kind in reactive=disabled reactive=deprecated reactive=unimplemented; do
  start_driving "$kind"
  check "$kind: a turn comes by agent state" turn agent "hello"
  check "$kind: whole" whole agent
  check "$kind: and /readyz says how it follows" follows_by agent
  stop_driving || true
done
start_driving "reactive=disabled,agent=unimplemented"
check "with nothing pushed a turn comes by polling" turn polled "hello"
check "… whole" whole polled
check "… and says loudly that it polls" grep -q 'POLLED' "$work/service.log"
check "… in /readyz, too" follows_by polling
stop_driving || true
for switch in end_stream_after_turn=1 version_gap=1 late_idle=300 early_idle=1 giant_snapshot=6000000; do
  start_driving "$switch"
  check "$switch: a turn comes" turn odd "hello"
  check "$switch: whole and once" says "$work/odd.events" "text.count('word 0') == 1 and of('finished')"
  stop_driving || true
done
touch "$work/exit0" && chmod 666 "$work/exit0" && chmod 777 "$work"
start_driving "exit0_at_start=$work/exit0"
check "a server that exits with 0 at its start is started again" turn second "hello"
check "… and answers" whole second
stop_driving || true
summary
