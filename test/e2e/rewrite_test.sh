#!/usr/bin/env bash
# The user's rules, over HTTP/1.1 and HTTP/2: what the origin gets, what the client gets, and what the ledger says of it.
# nghttpx speaks HTTP/2 in front of the simulator.
source "$(dirname "$0")/lib.sh"

command -v nghttpx h2load >/dev/null || skip "needs nghttpx and h2load"
begin rewrite

start_front() { # nghttpx takes the simulator's place; that listens on 127.0.0.9
  touch "$work/front.log"
  ip netns exec "$ns" nghttpx --conf=/dev/null --errorlog-file="$work/front.log" --no-ocsp --no-via --no-add-x-forwarded-proto \
    --workers=1 --frontend='127.0.0.2,443' --frontend='fd00::2,443' --no-location-rewrite \
    --backend='127.0.0.9,443;;tls;sni=api.openai.com' --cacert="$work/origin/origin-ca.pem" \
    "$work/origin/origin-key.pem" "$work/origin/origin-cert.pem" >>"$work/front.log" 2>&1 &
  children+=("$!")
  eventually directly curl --silent --fail --http2 -o /dev/null https://api.openai.com/
}

write_rules() { # FIRST MODEL
  write_config <<EOF
[limits]
rewrite_body = "64KiB"

[[rules]]
name = "cheaper"
match = { host = "api.openai.com", path = "/v1/chat/*", model = "gpt-dear*" }
act = [ { model = "$1" }, { max_output_tokens = 64 } ]

[[rules]]
name = "brief"
match = { host = ["generativelanguage.googleapis.com", "api.anthropic.com"], kind = "model", model = "*-brief" }
act = [ { system = "append", text = "Be brief." } ]

[[rules]]
name = "path"
match = { host = "generativelanguage.googleapis.com", model = "gemini-dear" }
act = [ { model = "gemini-cheap" } ]

[[rules]]
name = "usage"
match = { host = "api.openai.com", header = { x-wants = "no usage" } }
act = [ { include_usage = true }, { remove_header = "x-wants" }, { set_header = "x-set", value = "yes" } ]

[[rules]]
name = "json"
match = { host = "api.openai.com", path = "/upload" }
act = [ { set = "/a/b", value = 1 }, { remove = "/c" }, { append = "/d", value = "e" } ]

[[rules]]
name = "no-opus"
match = { host = "api.anthropic.com", model = "claude-opus*" }
act = [ { block = "no opus today" } ]

[[rules]]
name = "mock"
match = { host = "api.openai.com", model = "mocked" }
act = [ { mock = "$work/answer.sse" } ]

[[rules]]
name = "theirs"
match = { host = "api.openai.com", path = "/v1/models", uid = 1 }
act = [ { block = "not you" } ]

[[rules]]
name = "ours"
match = { host = "api.openai.com", path = "/v1/models", user = "zgclient" }
act = [ { set_header = "x-user", value = "zgclient" } ]
EOF
}

metric() { api /metrics | grep -F "$1 " | sed 's/.* //'; }
ask() { intercepted curl --silent --show-error --max-time 20 "$@"; }
# What the origin got, as it tells itself: the line, the fields, the body.
echoed() { ask -H 'x-sim: echo=1' -H 'content-type: application/json' "$@"; }
body_of() { "$@" | sed '1,/^$/d'; }
body_is() { # EXPECTED COMMAND…
  local expected=$1 got
  shift
  got=$(body_of "$@")
  [[ $got == "$expected" ]] || { echo "$got" && return 1; }
}
has() { # PATTERN COMMAND…
  local pattern=$1
  shift
  "$@" >"$work/has" 2>&1 || true
  grep -qiE -- "$pattern" "$work/has" || { cat "$work/has" && return 1; }
}
has_not() { fails has "$@"; }
rule_row() { eventually row "r['rules'] == '$1' and $2"; }
not_applied_row() { eventually row "r['rules'] is None and '$1' in (r['rewrite'] or '')"; }

printf 'data: {"choices":[{"index":0,"delta":{"content":"made up"}}]}\n\ndata: {"id":"x","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":7,"total_tokens":14}}\n\ndata: [DONE]\n\n' >"$work/answer.sse"
printf '{"model":"gpt-dear"}' >"$work/dear.json"
gzip -c "$work/dear.json" >"$work/dear.gz"
head -c 70000 /dev/zero >"$work/large"
chmod 644 "$work"/*
chat=https://api.openai.com/v1/chat/completions
google=https://generativelanguage.googleapis.com/v1beta/models
messages=https://api.anthropic.com/v1/messages
upload=https://api.openai.com/upload
cheap='{"model":"gpt-sim-small","max_completion_tokens":64}'
start_origin origin 127.0.0.9:443 -- "${hosts[@]}" "$other_host"
start_front
write_rules gpt-sim-small
start_service
redirect_client

for http in --http1.1 --http2; do
  check "$http: a model is mapped and a cap set, and not one other byte is touched" \
    body_is '{"messages" : [ ],"model":  "gpt-sim-small", "n":1.0,"max_completion_tokens":64 }' \
    echoed $http -d '{"messages" : [ ],"model":  "gpt-dear-1", "n":1.0 }' $chat
  check "$http: a body of unknown length is changed as well" \
    body_is "$cheap" bash -c 'cat "$1" | "${@:2}"' _ "$work/dear.json" ip netns exec "$ns" setpriv --reuid zgclient --regid zgclient \
    --clear-groups curl --silent --cacert "$work/service/bundle.pem" $http -H 'x-sim: echo=1' -T - -X POST $chat
  echoed $http -H 'content-encoding: gzip' --data-binary "@$work/dear.gz" $chat >"$work/echoed" || true
  check "$http: so is a compressed one, which goes on compressed" \
    test "$("$python" -c 'import gzip, sys; print(gzip.decompress(open(sys.argv[1], "rb").read().split(b"\n\n", 1)[1]).decode())' "$work/echoed")" = "$cheap"
  check "$http: a client that waits for 100-continue is not kept waiting" \
    body_is "$cheap" echoed $http --expect100-timeout 15 --max-time 5 -H 'Expect: 100-continue' -d '{"model":"gpt-dear"}' $chat
  check "$http: Google's instruction is extended in its own shape" \
    has '"systemInstruction":\{"parts":\[\{"text":"Hi."\}, ?\{"text": ?"Be brief."\}\]\}' \
    echoed $http -d '{"contents":[],"systemInstruction":{"parts":[{"text":"Hi."}]}}' $google/gemini-brief:generateContent
  check "$http: Anthropic's is made where there was none" \
    has '"system": ?"Be brief."' echoed $http -d '{"model":"claude-brief","max_tokens":5,"messages":[]}' $messages
  check "$http: a model in the path is mapped there" \
    has '^POST /v1beta/models/gemini-cheap:streamGenerateContent\?alt=sse$' echoed $http -d '{"contents":[]}' \
    "$google/gemini-dear:streamGenerateContent?alt=sse"
  check "$http: JSON is set, removed and extended at pointers" \
    has '^\{"a": \{"b": 1 \}, +"d":\["x", ?"e"\] \}' echoed $http -d '{"a": {"b": {"long":[1,2,{}]} }, "c":"gone", "d":["x"] }' $upload
  check "$http: a request that is not what a rule expects passes as it came" body_is '{"d":["x"]}' echoed $http -d '{"d":["x"]}' $upload
  check "$http: ... and its row says so" not_applied_row 'json not applied'
  check "$http: a body over limits.rewrite_body passes as it came" has '"bytes":70000,' ask $http --data-binary "@$work/large" $upload
  check "$http: ... and its row says so" not_applied_row limits.rewrite_body

  check "$http: a blocked model is an error that the provider's clients understand" \
    has '^\{"type":"error","error":\{"type":"permission_error","message":".*no opus today.*"\}.* 403$' \
    ask $http -w ' %{http_code}' -d '{"model":"claude-opus-4","max_tokens":5,"messages":[]}' $messages
  check "$http: its row spent nothing" rule_row 'no-opus' "r['http_status'] == 403 and r['output_tokens'] is None"
  check "$http: a mocked stream is streamed" has 'made up' ask $http -d '{"model":"mocked","stream":true,"messages":[]}' $chat
  check "$http: its row spent nothing, whatever it says" rule_row mock "r['http_status'] == 200 and r['output_tokens'] is None"
  check "$http: the origin has seen neither" fails grep -qE 'mocked|claude-opus' "$work/origin.journal"

  streamed() { ask $http -H 'x-wants: no usage' -H "x-sim: id=usage-$1" -d '{"model":"gpt-sim","stream":true,"messages":[{"role":"user","content":"hi"}]}' $chat; }
  check "$http: usage that the client did not ask for is taken out of its stream" has_not '"usage":\{' streamed "$http-1"
  check "$http: ... of which all the rest is there" has '^data: \[DONE\]' streamed "$http-2"
  check "$http: ... and booked" rule_row usage "r['output_tokens'] and r['response_id'] == 'chatcmpl-usage-$http-1'"
  check "$http: fields are set" has '^x-set: yes' echoed $http -H 'x-wants: no usage' -d '{}' $chat
  check "$http: ... and removed" has_not '^x-wants' echoed $http -H 'x-wants: no usage' -d '{}' $chat
  check "$http: rules can depend on who asks" has '^x-user: zgclient' echoed $http https://api.openai.com/v1/models
  check "$http: a row names the rule and the change" \
    rule_row cheaper "'model gpt-dear -> gpt-sim-small' in r['rewrite'] and r['requested_model'] == 'gpt-sim-small'"
done

check "usage is summed by rule" \
  holds "{g['rule'] for g in u['rules']} >= {'cheaper', 'usage', 'no-opus', 'mock'}" '/v1/usage?group_by=rule'
check "the table knows rules, too" has cheaper in_ns "$ZG_BIN" --config "$work/config.toml" usage --group-by rule
check "every change is a line of the log" \
  grep -qE '"outcome":"applied","rule":"cheaper","host":"api.openai.com","path":"/v1/chat/completions"' "$work/service.log"
check "neither prompts nor what rules write is in the log" fails grep -qE 'Be brief|made up|"hi"' "$work/service.log"
check "changes are counted" test "$(metric 'zerogravity_rewrites_total{outcome="answered"}')" = 4

# Where no rule matches nobody notices: whole suites of clients through the rewriting relay, with a ledger of their own.
kill_service
rm -f "$work/service/state/usage.db"*
start_service
run_both curl bash "$here/http2_curl.sh"
check "every token that the origin told is in the ledger, once" usage_agrees_with "$work/curl.told"
if command -v node npm >/dev/null && "$here/npm-install.sh" "${ZG_PACKAGES:?}"; then
  chmod -R a+rX "$ZG_PACKAGES"
  limit=120 run_both node node "$here/http2_node.mjs"
  limit=120 run_both sdk env ZG_HTTP2=1 node "$here/sdk_client.mjs"
  check "no scenario of the SDKs ended in a way that it should not" fails grep -q unexpected "$work/sdk.direct"
  cat "$work"/*.told >"$work/all"
  check "every token of Node's streams and of the SDKs is in the ledger, once" usage_agrees_with "$work/all"
fi
load() {
  intercepted h2load --requests=3000 --clients=10 --max-concurrent-streams=100 --threads=1 https://api.openai.com/ >"$work/load" 2>&1
  tail -n 10 "$work/load"
  grep -q "3000 succeeded, 0 failed, 0 errored, 0 timeout" "$work/load"
}
check "3000 requests of 10 connections with 100 streams each are answered" load
fetch() { limit=100 "$1" curl --silent --show-error --fail "$2" --max-time 90 https://api.openai.com/bytes/200000000 | sha256sum; }
for http in --http1.1 --http2; do
  check "$http: 200 MB arrive unchanged" test "$(fetch intercepted $http)" = "$(fetch directly $http)"
done
peak_kb=200000
[[ -n ${ZG_SANITIZE:-} ]] && peak_kb=$((1 << 30))
check "the service is small after all that" test "$(awk '/^VmHWM/ { print $2 }' "/proc/$service_pid/status")" -lt $peak_kb

# SIGHUP takes over rules; a mistake takes over nothing.
slow=$work/slow
touch "$slow"
ask -N -H 'x-sim: id=slow,delay_ms=300,events=10' -d '{"model":"gpt-dear","stream":true,"messages":[]}' $chat >"$slow" 2>&1 &
slow_pid=$!
eventually grep -q '^data' "$slow"
write_rules gpt-sim-smaller
kill -HUP "$service_pid"
reloaded() { has '"model":"gpt-sim-smaller"' echoed --http2 -d '{"model":"gpt-dear"}' $chat; }
check "SIGHUP takes over new rules" eventually reloaded
wait "$slow_pid" || true
check "an exchange under way has finished" grep -q '^data: \[DONE\]' "$slow"
sed -i 's/max_output_tokens = 64/max_output_tokens = "many"/' "$work/config.toml"
kill -HUP "$service_pid"
mistake='config.toml:[0-9]+:[0-9]+.*max_output_tokens'
check "rules with a mistake are refused with its place" eventually grep -qE "$mistake" "$work/service.log"
check "... and the old ones stay" reloaded
check "check-config says the same" has "$mistake" "$ZG_BIN" --config "$work/config.toml" check-config

# A dry run says what it would do.
kill_service
write_rules gpt-sim-small
printf '[rewrite]\ndry_run = true\n' >>"$work/config.toml"
start_service
check "a dry run changes nothing" body_is '{"model":"gpt-dear"}' echoed --http1.1 -d '{"model":"gpt-dear"}' $chat
check "... and says what it would" eventually grep -qE '"outcome":"would_apply","rule":"cheaper"' "$work/service.log"

printf '%s' '{"host": "api.openai.com", "method": "POST", "path": "/v1/chat/completions", "body": {"model": "gpt-dear", "messages": []}}' \
  >"$work/request.json"
check "check-config explains what rules make of a request" \
  has '^\+.*gpt-sim-small' "$ZG_BIN" --config "$work/config.toml" check-config --explain "$work/request.json"
summary
