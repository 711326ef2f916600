#!/usr/bin/env bash
# curl and Python, directly and through the real redirect.
source "$(dirname "$0")/lib.sh"

begin curl
start_usual_origin
service_rights=("${sees_programs[@]}")
start_usual_service

status_says() { in_ns "$redirect" status --user zgclient | grep "$1"; }

run_both curl bash "$here/curl_client.sh"
check "the transcript holds no failed call but the one that was cut" test "$(grep -c 'curl failed' "$work/curl.direct")" = 1
check "every token that the origin told is in the ledger, once, under its model" usage_agrees_with "$work/curl.told"
check "calls without usage are rows of their own kind" row 'r["kind"] == "count_tokens"'
check "… and so are all others" row 'r["kind"] == "other" and r["path"] == "/v1internal:loadCodeAssist"'
check "the agent's calls belong to its conversation" \
  row 'r["conversation"] == "c0ffee00-0000-4000-8000-000000000001" and r["attributed_by"] == "request_id"'
check "no prompt text decides the conversation" \
  holds 'all("wrong" not in (r["conversation"] or "") for r in u["data"])' '/v1/usage/exchanges?limit=1000'

# What answers tell of limits, by account. `limited KEY PERCENT [--http2]`
limited() {
  intercepted curl --silent --show-error --fail "${@:3}" -H "x-api-key: $1" -H "x-sim: limits=$2" -H 'content-type: application/json' \
    -d '{"model":"claude-sim","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}' https://api.anthropic.com/v1/messages
}
five_hours() { holds "sorted(round(w['used_percent']) for w in u['data']) == $1" "/v1/limits?window=5h${2:-}"; }
check "a call with limits in its answer" limited sk-ant-secret-of-alice 41 --http1.1
check "… and with the same key" limited sk-ant-secret-of-alice 42 --http1.1
check "… and with another" limited sk-ant-secret-of-bob 7 --http1.1
check "the limits are told: one key is one account, two are two" eventually five_hours "[7, 42]"
check "… and how they changed" five_hours "[7, 41, 42]" "&history=1"
check "… when they end, for how long they are, and from whom" holds \
  "all(3000 < w['resets_at'] - w['seen_at'] <= 3600 and w['window_minutes'] == 300 and w['provider'] == 'anthropic' and
       w['host'] == 'api.anthropic.com' and len(w['account']) == 16 and not w['expired'] for w in u['data'])" "/v1/limits?window=5h"
limits_of_a_model() {
  intercepted curl --silent --show-error --fail -H 'authorization: Bearer sk-secret-of-carol' -H 'x-sim: limits=30' -d \
    '{"model":"gpt-sim","messages":[{"role":"user","content":"hi"}]}' https://api.openai.com/v1/chat/completions
}
check "a call with limits of its model" limits_of_a_model
model_limits() {
  holds "[(w['model'], w['limit'], w['remaining'], w['used_percent']) for w in u['data']] == [('gpt-sim', 100, 70, 30)]" "/v1/limits?window=requests"
}
check "… which are told with it" eventually model_limits
limits_as_a_table() { in_ns "$ZG_BIN" usage --limits --url http://127.0.0.1:8741 | grep -E "api.anthropic.com  [0-9a-f]{16}  5h  .* 42.0 % .* (59 min|1 h) "; }
check "… and as a table" limits_as_a_table
kill_service
check "no key, nor a part of one, is in any file of the service" fails grep -r -a -l -E 'sk-ant-secret|secret-of-|of-alice|of-bob|of-carol' \
  "$work/service" "$work/service.log"
secret_is_private() { [[ $(stat -c '%a %U' "$work/service/state/hash.key") == "600 zgservice" ]]; }
check "the secret by which keys are told apart is the service's alone" secret_is_private
start_service
check "the limits are there after kill -9" five_hours "[7, 42]"
check "a call with the first key after that" limited sk-ant-secret-of-alice 43 --http1.1
check "… is of the same account" eventually five_hours "[7, 43]"

# One program, twice: the second time it has the first one's connection to the origin.
reused() { api /metrics | sed -n 's/^zerogravity_upstreams_reused_total //p'; }
bytes() { intercepted curl --silent --show-error --fail --http1.1 -i https://api.openai.com/bytes/50000 >"$work/bytes.$1"; }
bytes first
before=$(reused)
bytes second
one_more() { (($(reused) == before + 1)); }
check "a client is served by the upstream that another of its program has left" eventually one_more
check "… and gets the same bytes" same "$work/bytes.first" "$work/bytes.second"
directly curl --silent --http1.1 -i https://api.openai.com/bytes/50000 >"$work/bytes.direct"
check "… as from the origin" same "$work/bytes.direct" "$work/bytes.second"
check "the redirect's status says that traffic is really intercepted" \
  status_says "really being intercepted"
summary
