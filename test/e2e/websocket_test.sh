#!/usr/bin/env bash
# Turns over a WebSocket, by real libraries: npm's ws, undici's WebSocket, Python's websockets. Their messages are those of
# a direct run, and the ledger has what the origin told of each turn, to the token, as soon as the turn is over.
source "$(dirname "$0")/lib.sh"

command -v node npm nghttpx >/dev/null || skip "needs node, npm and nghttpx"
"$python" -c 'import websockets' 2>/dev/null || skip "needs Python's websockets"
"$here/npm-install.sh" "${ZG_PACKAGES:?}" || skip "the clients could not be installed"
chmod -R a+rX "$ZG_PACKAGES"
begin websocket

start_front() { # nghttpx speaks HTTP/2 with extended CONNECT (RFC 8441) in front of the simulator
  touch "$work/front.log"
  ip -n "$ns" address add fd00::6/128 dev lo nodad
  ip netns exec "$ns" nghttpx --conf=/dev/null --errorlog-file="$work/front.log" --no-ocsp --no-via --workers=1 \
    --frontend='127.0.0.6,443' --frontend='fd00::6,443' \
    --backend='127.0.0.2,443;;tls;sni=api.openai.com' --cacert="$work/origin/origin-ca.pem" \
    "$work/origin/origin-key.pem" "$work/origin/origin-cert.pem" >>"$work/front.log" 2>&1 &
  children+=("$!")
  eventually directly curl --silent --fail --http2 --connect-to ::127.0.0.6 -o /dev/null https://api.openai.com/
}

responses=/v1/responses
mjs() { run_both "$1" node "$here/websocket_client.mjs" "${@:2}"; }
py() { run_both "$1" "$python" "$here/websocket_client.py" "${@:2}"; }

# `all_agree WHAT`: of all that the origin has told so far.
all_agree() {
  cat "$work"/*.told >"$work/all"
  check "$1" usage_agrees_with "$work/all" attributed
}
# What both kinds of client can do; PREFIX makes ids.
turns_of() { # PREFIX
  turns=("id=$1-a" "prewarm:id=$1-b" "next:id=$1-c,events=5" "id=$1-large,big_event=200000"
    "id=$1-fragments,fragment=50,ping=1,big_event=2000" "id=$1-incomplete,end=incomplete" "id=$1-failed,end=failed"
    "id=$1-half,error_mid=1" "id=$1-error,end=error" "id=$1-refused,status=429" "id=$1-cancelled,end=cancelled"
    "id=$1-silent,no_usage=1" "id=$1-slow,delay_ms=20")
}

start_usual_origin
start_front
start_usual_service

# ---- every library, with compression and without

for library in ws ws-plain undici; do
  turns_of "$library"
  mjs "$library" "$library" $responses "" "${turns[@]}" "id=$library-p,events=9,delay_ms=20" \
    "with:id=$library-q,delay_ms=30,fragment=40" "with:id=$library-r,delay_ms=10"
  all_agree "$library: every turn is in the ledger, once, with what the origin told"
done
for compression in deflate plain; do
  turns_of "py-$compression"
  py "py-$compression" "$compression" $responses "" "${turns[@]}"
  all_agree "Python, $compression: every turn is in the ledger, once, with what the origin told"
done
turns_of undici-uncompressed
mjs undici-uncompressed undici $responses uncompressed=1 "${turns[@]}"
compressed() { grep -q 'open.*permessage-deflate' "$work/$1.direct"; }
for name in ws undici py-deflate; do check "$name: messages were compressed" compressed "$name"; done
for name in ws-plain undici-uncompressed py-plain; do check "$name: messages were not compressed" fails compressed "$name"; done
check "parallel turns were there at once" \
  test "$(grep -cE 'undici-(p|q|r)","messages":(8|9|1[0-9]),.*completed' "$work/undici.direct")" = 3

# ---- terms of compression, and other transports

number=0
for terms in server_no_context=1 client_no_context=1 server_bits=10 client_bits=10 server_no_context=1,client_no_context=1,server_bits=9,client_bits=9; do
  number=$((number + 1))
  mjs "terms-$number" ws $responses "$terms" "3*id=terms-$number-{},big_event=100000" "id=terms-$number-e,fragment=30,ping=1"
  check "$terms was agreed to" grep -qE 'open":"permessage-deflate; .*(no_context_takeover|window_bits)' "$work/terms-$number.direct"
done
mjs chatgpt ws /backend-api/codex/responses "" id=chatgpt-a next:id=chatgpt-b
mjs realtime ws '/v1/realtime?model=gpt-realtime' "" id=realtime-a id=realtime-b,events=9
mjs live ws /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent "" id=live-a id=live-b,events=9
mjs cut ws $responses "" id=cut-a id=cut-b,cut_after=6

cp "/etc/netns/$ns/hosts" "$work/hosts"
sed -i -E 's/^.*(127.0.0|fd00:):?\.?2 api.openai.com/\1.6 api.openai.com/; s/^fd00:\.6/fd00::6/' "/etc/netns/$ns/hosts"
turns_of h2
mjs h2 ws-h2 $responses "" "${turns[@]}" id=h2-p,events=9,delay_ms=20 with:id=h2-q,delay_ms=30,fragment=40
cp "$work/hosts" "/etc/netns/$ns/hosts"
all_agree "every turn of these is in the ledger as well"
check "a turn that the origin cut is interrupted" row 'r["response_id"] == "resp_cut-b" and r["status"] == "interrupted"'
check "a turn says how it was carried, and where" row \
  'r["response_id"] == "resp_h2-a" and r["transport"] == "websocket" and r["path"] == "/v1/responses" and r["host"] == "api.openai.com"'
check "a prewarm says what it is" row 'r["response_id"] == "resp_ws-b" and r["kind"] == "prewarm" and r["input_tokens"] > 0'
check "a turn belongs to the conversation that the upgrade named" row \
  'r["response_id"] == "resp_ws-a" and r["conversation"] == "of the upgrade" and r["attributed_by"] == "header:session-id"'
check "or to the one that its message named" row \
  'r["response_id"] == "resp_undici-a" and r["conversation"] == "of the message" and r["attributed_by"] == "body:prompt_cache_key"'
check "a turn has its own times and bytes" row \
  'r["response_id"] == "resp_ws-slow" and r["duration_ms"] >= 150 and r["request_bytes"] > 0 and r["response_bytes"] > 0'

# ---- an origin that wants no WebSocket

for status in 404 426 400; do
  mjs "refused-$status" ws $responses "status=$status" id=never
  check "the client sees the $status" grep -qx "{\"refused\":$status}" "$work/refused-$status.intercepted"
done
check "and falls back to POST" call_model fallback
check "... which is counted" eventually row 'r["response_id"] == "chatcmpl-fallback" and r["status"] == "complete"'

# ---- while the socket goes on

# `on_a_socket TURN…`: a client in the background, in this shell.
on_a_socket() {
  intercepted node "$here/websocket_client.mjs" ws $responses "" "$@" >"$work/background.log" 2>&1 &
  client_pid=$!
  children+=("$client_pid")
}
on_a_socket id=early-a id=early-b,stall=body
check "a turn is a row while its socket goes on" eventually row 'r["response_id"] == "resp_early-a" and r["status"] == "complete"'
check "... with the next turn running" kill -0 "$client_pid"
pkill -TERM -P "$client_pid"
wait "$client_pid" 2>/dev/null || true
check "a client that goes away in mid-turn leaves an interrupted one" \
  eventually row 'r["response_id"] == "resp_early-b" and r["status"] == "interrupted"'
check "a client that drops the connection as well" \
  intercepted node "$here/websocket_client.mjs" ws $responses "" leave:id=left,delay_ms=50
check "... leaves an interrupted turn" eventually row 'r["response_id"] == "resp_left" and r["status"] == "interrupted"'
metric_is() { api /metrics | grep -E "^$1 $2\$"; }
check "the tap gave up on nothing of all this" metric_is zerogravity_tap_detached_total 0

# ---- under run

# The connections of `run` itself would be redirected as well.
in_ns "$redirect" remove --user zgclient >/dev/null
home=$work/home
mkdir "$home"
chown zgclient "$home"
# `watch OPTION… -- TURN…`: the client under `run`, its report in $home/report.json.
watch() {
  local options=()
  while [[ $1 != -- ]]; do options+=("$1") && shift; done
  in_ns setpriv --reuid zgclient --regid zgclient --clear-groups env -i PATH="$PATH" HOME="$home" LC_ALL=C.UTF-8 \
    ZG_NODE_MODULES="$ZG_PACKAGES/node_modules" timeout --kill-after=5 60 "$ZG_BIN" run --upstream-ca-file "$work/origin/origin-ca.pem" \
    --json "$home/report.json" "${options[@]}" -- node "$here/websocket_client.mjs" ws $responses "" "${@:2}"
}
code() { # EXPECTED COMMAND…
  local code=0
  "${@:2}" || code=$?
  ((code == $1)) || { echo "exit code $code" && return 1; }
}
reported() { "$python" -c "import json; u = json.load(open('$home/report.json')); assert $1, u['totals']"; }
check "run counts turns" watch -- prewarm:id=run-a next:id=run-b id=run-c
check "... which its report has, without the prewarm" reported 'u["totals"]["requests"] == 2'
check "--max-tokens ends a command in the middle of its socket" code 124 watch --max-tokens 100 -- id=run-d id=run-e,stall=body
check "... after the turn that spent them" reported 'u["over_budget"] and u["totals"]["requests"] >= 1'

# ---- many turns, and a service that dies

redirect_client
rm -f "$work"/*.told
kill_service
rm -rf "$work/service/state/usage.db"*
start_service
limit=120 mjs many ws $responses "" '2000*id=many-{},events=1'
all_agree "2000 turns on one socket are 2000 rows"

on_a_socket '5*id=kept-{}' id=killed,stall=body
check "five turns are shown" eventually row 'r["response_id"] == "resp_kept-4" and r["status"] == "complete"'
shown=$(usage_value 'u["totals"]')
kill_service
wait "$client_pid" 2>/dev/null || true
start_service
check "what was shown is still there after kill -9" test "$(usage_value 'u["totals"]')" = "$shown"
rows_kept() { all_rows | grep -o '"response_id":"resp_kept-[0-9]"' | sort -u | wc -l; }
check "row by row" test "$(rows_kept)" = 5
mjs after ws $responses "" id=after-a
check "and counting goes on" eventually row 'r["response_id"] == "resp_after-a" and r["status"] == "complete"'
summary
