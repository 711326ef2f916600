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
