#!/usr/bin/env bash
# The service's own API in HTTP/2 by prior knowledge: curl, nghttp, h2load and Node, beside HTTP/1.1 on the same port.
source "$(dirname "$0")/lib.sh"

command -v nghttp h2load >/dev/null || skip "needs nghttp and h2load"
[[ -x ${ZG_LANGUAGE_SERVER:?} ]] || skip "the language server simulator is not built"
begin api_http2
key=a-key-of-some-length
ip -n "$ns" address add 192.0.2.1/32 dev lo  # without one nghttp and h2load look for no IPv4 address at all
start_usual_origin
redirect_client
start_driving "" api.key=$key api.require_key=true limits.api_body_size=64KiB

url=http://127.0.0.1:8741
bearer="Authorization: Bearer $key"
hello='{"model":"gemini-3-flash","stream":true,"messages":[{"role":"user","content":"hello"}]}'
json='Content-Type: application/json'
curl2() { in_ns curl -H "$json" --http2-prior-knowledge --silent --show-error --max-time 20 --noproxy '*' "$@"; }
spoken() { # STATUS CURL-ARGUMENTS…: answered in HTTP/2 with that status
  local status=$1 told
  shift
  told=$(curl2 -o "$work/answer" -w '%{http_version} %{http_code}' "$@")
  echo "$told"
  cat "$work/answer"
  [[ $told == "2 $status" ]]
}

# ---- curl

check "it is alive in HTTP/2" spoken 200 "$url/healthz"
check "... and in HTTP/1.1" test "$(in_ns curl -sS -m 20 -o /dev/null -w '%{http_version} %{http_code}' "$url/healthz")" = "1.1 200"
check "... and where an upgrade is offered, which is not taken" \
  test "$(in_ns curl -sS -m 20 --http2 -o /dev/null -w '%{http_version} %{http_code}' "$url/healthz")" = "1.1 200"
check "usage is answered" spoken 200 -H "$bearer" "$url/v1/usage"
check "a wrong key is refused" spoken 401 -H 'Authorization: Bearer wrong-key-of-that-length' "$url/v1/usage"
check "no key is refused" spoken 401 "$url/v1/usage"
check "what is not there is not found" spoken 404 -H "$bearer" "$url/v1/nothing"
head -c 300000 /dev/zero >"$work/large"
check "a body over the limit is refused" spoken 413 -H "$bearer" --data-binary "@$work/large" "$url/v1/chat/completions"
check "... also where its length is not told" \
  spoken 413 -H "$bearer" -X POST -T - "$url/v1/chat/completions" <"$work/large"
check "... or not allowed to come at all" spoken 401 --data-binary "@$work/large" "$url/v1/chat/completions"
check "a chat is streamed to its end" grep -qx 'data: \[DONE\]' <(curl2 -N -H "$bearer" "$url/v1/chat/completions" -d "$hello")
check "... with the headers of OpenAI's" grep -qiE '^x-ratelimit-remaining-requests: [0-9]+' \
  <(curl2 -D - -o /dev/null -H "$bearer" "$url/v1/chat/completions" -d "$hello")
check "a body in gzip is read" grep -qx 'data: \[DONE\]' \
  <(gzip <<<"$hello" | curl2 -H "$bearer" "$url/v1/chat/completions" -H 'Content-Encoding: gzip' --data-binary @-)
check "a turn's events are streamed" grep -q '"type":"finished"' \
  <(curl2 -N -H "$bearer" "$url/v1/cascades" -d '{"text":"say hello"}')

# ---- nghttp and h2load

check "nghttp is told our limits" grep -q 'SETTINGS_MAX_CONCURRENT_STREAMS(0x03):100' <(in_ns nghttp -nv "$url/healthz")
check "nghttp gets several at once" \
  test "$(in_ns nghttp -ns --header="$bearer" "$url/healthz" "$url/v1/usage" "$url/metrics" | grep -c ' 200 ')" = 3

load() { # REQUESTS PATH [H2LOAD-ARGUMENTS…]
  local requests=$1 path=$2
  shift 2
  in_ns h2load --requests="$requests" --clients=10 --max-concurrent-streams=100 --threads=1 --header="$bearer" --header="$json" "$@" "$url$path" \
    >"$work/load" 2>&1
  tail -n 10 "$work/load"
  grep -q "$requests succeeded, 0 failed, 0 errored, 0 timeout" "$work/load" && grep -q "$requests 2xx" "$work/load"
}
check "10 connections with 100 streams each are answered" load 20000 /healthz
check "... also where the answers come from the ledger" load 2000 /v1/usage
printf '%s' "$hello" >"$work/hello"
check "1000 chats at once are streamed" load 1000 /v1/chat/completions --data="$work/hello"

# ---- clients that leave

if command -v node >/dev/null; then
  check "Node: a stream that is reset cancels its turn and no other" \
    in_ns env ZG_KEY=$key timeout 60 node "$here/api_http2_client.mjs" "$url"
fi
abandoned() { # of the last cascade
  local cascade
  cascade=$(sed -n 's/^x-zerogravity-cascade-id: \([^\r]*\).*/\1/p' "$work/head")
  holds "any(t['outcome'] == 'abandoned' for t in u['turns'])" "/v1/usage/conversations/$cascade"
}
slow='{"model":"gemini-3-flash","stream":true,"messages":[{"role":"user","content":"hi [[sim:events=600,delay_ms=50]]"}]}'
leave() { fails curl2 -N -m 1 -D "$work/head" -o /dev/null -H "$bearer" "$url/v1/chat/completions" -d "$slow"; }
check "curl: a client that gives up in the middle of a stream" leave
check "... has its turn cancelled" eventually abandoned

# ---- the end

curl2 -N -H "$bearer" "$url/v1/chat/completions" -d "${slow/events=600/events=40}" >"$work/last" 2>&1 &
children+=("$!")
eventually grep -q '"content":"' "$work/last"
check "nothing went wrong inside" fails grep -qE '"level":"(error|fatal)"' "$work/service.log"
stopped=0
stop_driving || stopped=$?
check "SIGTERM ends the service with code 0" test "$stopped" -eq 0
check "a stream under way was given to its end" grep -qx 'data: \[DONE\]' "$work/last"
summary
