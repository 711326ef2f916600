#!/usr/bin/env bash
# HTTP/2 on both sides: curl, nghttp, h2load, Node and gRPC, directly and through the real redirect. The origin is
# nghttpx, which speaks HTTP/2 in front of the simulator.
source "$(dirname "$0")/lib.sh"

command -v nghttpx nghttp h2load >/dev/null || skip "needs nghttpx, nghttp and h2load"
[[ -x ${ZG_GRPC:?} ]] || skip "the gRPC simulator is not built"
begin http2

start_front() { # nghttpx takes the simulator's place; that listens on 127.0.0.9
  touch "$work/front.log"
  ip netns exec "$ns" nghttpx --conf=/dev/null --errorlog-file="$work/front.log" --no-ocsp --no-via --workers=1 \
    --frontend='127.0.0.2,443' --frontend='fd00::2,443' --padding=16 --no-location-rewrite \
    --backend='127.0.0.9,443;;tls;sni=api.openai.com' --cacert="$work/origin/origin-ca.pem" \
    "$work/origin/origin-key.pem" "$work/origin/origin-cert.pem" >>"$work/front.log" 2>&1 &
  children+=("$!")
  eventually directly curl --silent --fail --http2 -o /dev/null https://api.openai.com/
}

start_grpc() {
  touch "$work/grpc.log"
  ip netns exec "$ns" "$ZG_GRPC" serve --listen 127.0.0.4:443 --cert "$work/origin/origin-cert.pem" \
    --key "$work/origin/origin-key.pem" >"$work/grpc.log" 2>&1 &
  children+=("$!")
  await_line "$work/grpc.log" '^ready' "$!" || { say "the gRPC server did not start" && exit 1; }
}

start_rare_origin() {
  touch "$work/rare_origin.log"
  ip netns exec "$ns" node "$here/http2_rare_origin.mjs" 127.0.0.6 "$work/origin/origin-cert.pem" \
    "$work/origin/origin-key.pem" >"$work/rare_origin.log" 2>&1 &
  children+=("$!")
  await_line "$work/rare_origin.log" '^ready' "$!" || { say "the rare origin did not start" && exit 1; }
}

metric_is() { api /metrics | grep -E "^$1 $2\$"; }

start_origin origin 127.0.0.9:443 -- "${hosts[@]}" "$other_host"
start_front
start_grpc
start_usual_service

run_both curl bash "$here/http2_curl.sh"
check "curl spoke HTTP/2 but where it offered less" test "$(grep -cE '^(HTTP/2 |2$)' "$work/curl.direct")" = 13
check "every token that the origin told is in the ledger, once, under its model" usage_agrees_with "$work/curl.told"
check "the agent's calls belong to its conversation" \
  row 'r["conversation"] == "c0ffee00-0000-4000-8000-000000000001" and r["attributed_by"] == "request_id"'

run_both nghttp bash "$here/http2_nghttp.sh"
check "nghttp got all that it asked for" fails grep -q failed "$work/nghttp.direct"

run_both grpc bash -c '"$0" call --address 127.0.0.4:443 --name api.openai.com --ca "$SSL_CERT_FILE"' "$ZG_GRPC"
check "gRPC calls of all four kinds end as they should" \
  test "$(grep -cE ': status (0|1 CANCELLED|8 as it was asked to)' "$work/grpc.direct")" = 12
check "all that was asked at once was answered" grep -q '40 calls at once: 40 answered' "$work/grpc.direct"
check "gRPC calls are rows" row 'r["path"] == "/sim.talk.Talk/Converse" and r["http_status"] == 200'
check "a call that its client cancelled is interrupted" row 'r["path"] == "/sim.talk.Talk/Count" and r["status"] == "interrupted"'

if command -v node npm >/dev/null && "$here/npm-install.sh" "${ZG_PACKAGES:?}"; then
  chmod -R a+rX "$ZG_PACKAGES"
  start_rare_origin
  run_both rare node "$here/http2_rare.mjs" 127.0.0.6
  check "pushes, interim answers, trailers, tunnels, resets and a goodbye were all among it" \
    test "$(grep -cE 'pushed|103,103|"42",3000|three|"code":7|"code":2|413|goodbye","code":0' "$work/rare.direct")" = 9
  check "what was pushed is a row" row 'r["path"] == "/pushed" and r["http_status"] == 200'
  check "a cut answer is interrupted" row 'r["path"] == "/half" and r["status"] == "interrupted" and r["http_status"] == 200'
  check "an early answer is whole" row 'r["path"] == "/early" and r["http_status"] == 413 and r["request_bytes"] > 0'
  limit=120 run_both node node "$here/http2_node.mjs"
  limit=120 run_both sdk env ZG_HTTP2=1 node "$here/sdk_client.mjs"
  check "no scenario of the SDKs ended in a way that it should not" fails grep -q unexpected "$work/sdk.direct"
  cat "$work"/*.told >"$work/all"
  check "every token of Node's streams and of the SDKs is in the ledger, once" usage_agrees_with "$work/all"
  run_both cut node "$here/http2_node.mjs" cut
  check "a model call that its client cancelled keeps what was seen of it" \
    eventually row 'r["response_id"] == "chatcmpl-node-cut" and r["status"] == "interrupted"'
fi

ask_openai() { # FIELD: a model call that says its conversation in a header
  intercepted curl --silent --show-error --fail --http2 -H "$1" -H 'content-type: application/json' -d \
    '{"model":"gpt-sim","messages":[{"role":"user","content":"hi"}]}' https://api.openai.com/v1/chat/completions
}
check "a conversation may be named by a header" ask_openai 'thread-id: h2-thread'
check "... and is" eventually row 'r["conversation"] == "h2-thread" and r["attributed_by"] == "header:thread-id" and r["status"] == "complete"'

load() { # REQUESTS CLIENTS STREAMS PATH
  intercepted h2load --requests="$1" --clients="$2" --max-concurrent-streams="$3" --threads=1 "https://api.openai.com$4" \
    >"$work/load" 2>&1
  tail -n 10 "$work/load"
  grep -q "$1 succeeded, 0 failed, 0 errored, 0 timeout" "$work/load"
}
seen() { usage_value "u['interception']['exchanges_seen']"; }
saw() { [[ $(seen) == "$1" ]]; }
before=$(seen)
check "3000 requests of 10 connections with 100 streams each are answered" load 3000 10 100 /
check "every single one of them was seen" eventually saw "$((before + 3000))"
check "the tap has followed all of it" metric_is zerogravity_tap_detached_total 0

# One stream of any length in constant memory.
gigabyte=$((1 << 30))
allowed_growth_kb=$((32 << 10))
[[ -n ${ZG_SANITIZE:-} ]] && allowed_growth_kb=$((1 << 30)) && gigabyte=$((1 << 27))
peak_kb() { awk '/^VmHWM/ { print $2 }' "/proc/$service_pid/status"; }
fetch() { limit=150 "$1" curl --silent --show-error --fail --http2 --max-time 140 "https://api.openai.com/bytes/$gigabyte" | sha256sum; }
grew_little() {
  local now
  now=$(peak_kb)
  echo "peak $before kB at first, $now kB now"
  ((now - before <= allowed_growth_kb))
}
before=$(peak_kb)
direct=$(fetch directly)
check "1 GB in one stream arrives unchanged" test "$(fetch intercepted)" = "$direct"
check "the service's memory did not grow with it" grew_little

# What the tap cannot follow passes all the same.
kill_service
write_config <<'EOF'
[limits]
h2_open_streams = 20
EOF
start_service
check "with fewer streams than the clients use all are answered" load 1000 2 100 /
check "the tap has let go of both connections, and says so" eventually metric_is zerogravity_tap_detached_total 2
check "the log says why" grep -q 'too many open streams' "$work/service.log"
summary
