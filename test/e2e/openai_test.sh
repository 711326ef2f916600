#!/usr/bin/env bash
# The service's own OpenAI API, driven by unmodified clients: OpenAI's SDK in two versions, its agents, Vercel's AI SDK,
# LangChain, curl, and bare HTTP by the rules of openai-python.
source "$(dirname "$0")/lib.sh"

command -v node npm >/dev/null || skip "needs node and npm"
[[ -x ${ZG_LANGUAGE_SERVER:?} ]] || skip "the language server simulator is not built"
"$here/npm-install.sh" "${ZG_PACKAGES:?}" || skip "the SDKs could not be installed"
chmod -R a+rX "$ZG_PACKAGES"

begin openai
ulimit -n 16384
key=a-key-of-some-length
start_usual_origin
redirect_client

start_with() { start_driving "$1" openai.keep_alive=1s openai.aliases=gpt-4o=gemini-3-pro-high "${@:2}"; }

# Clients run as the user of the service, which is root here: who needs no key.
as_user() { as root "$work/origin/origin-ca.pem" "$@"; }

# `sentences COMMAND…`: a client that says itself what holds, one line for each sentence, and `end` when it has come so far.
sentences() {
  limit=280 as_user "$@" >"$work/sentences.log" 2>&1 || true
  cat "$work/sentences.log"
  checks=$((checks + $(grep -cE '^(ok|FAILED): ' "$work/sentences.log" || true)))
  failures=$((failures + $(grep -c '^FAILED: ' "$work/sentences.log" || true)))
  check "$(basename "$2") comes to its end" grep -qx end "$work/sentences.log"
}

# ---- what every client must find

# A sanitizer keeps freed memory for a while.
crowd=1000 growth=48
[[ -z ${ZG_SANITIZE:-} ]] || crowd=100 growth=512
start_with "" language_server.turns=$crowd limits.api_connections=$((2 * crowd)) limits.api_peer_connections=$((2 * crowd))
for package in openai openai7; do
  say "--- $package $(node -p "require('$ZG_PACKAGES/node_modules/$package/package.json').version")"
  sentences node "$here/openai_client.mjs" "$package"
done
sentences node "$here/frameworks_client.mjs"
sentences node "$here/openai_socket_client.mjs"
sentences "$python" "$here/openai_rules.py" open

# ZG_AGENTS: see agents_test.sh.
if [[ -x ${ZG_AGENTS:-/nonexistent}/node_modules/.bin/codex ]]; then
  mkdir -p "$work/codex"
  provider='{name="zerogravity",base_url="http://127.0.0.1:8741/v1",wire_api="responses",supports_websockets=true,env_key="KEY"}'
  (cd "$work/codex" && in_ns env -i PATH="$ZG_AGENTS/node_modules/.bin:/usr/local/bin:/usr/bin:/bin" HOME="$work/codex" LC_ALL=C.UTF-8 \
    TERM=dumb KEY=any timeout 60 codex exec --skip-git-repo-check -m gpt-4o -c model_provider=zg -c "model_providers.zg=$provider" \
    'hello' </dev/null >"$work/codex.log" 2>&1) || true
  check "Codex gets its answer" grep -q 'word 2 – é 世界 🚀' "$work/codex.log"
  check "... over the WebSocket, without a word of falling back" fails grep -qiE 'falling back|reconnecting|websocket' "$work/codex.log"
fi

url=http://127.0.0.1:8741/v1/chat/completions
json='Content-Type: application/json'
hello='{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hello"}]}'
check "curl: a stream ends with [DONE]" grep -qx 'data: \[DONE\]' <(in_ns curl -sSN -m 20 -H "$json" "$url" -d "$hello")
check "curl: an answer says how many turns are left" grep -qiE '^x-ratelimit-remaining-requests: [0-9]+' \
  <(in_ns curl -sS -m 20 -H "$json" -D - -o /dev/null "$url" -d "$hello")
check "curl: a body in gzip is read" grep -qx 'data: \[DONE\]' \
  <(gzip <<<"$hello" | in_ns curl -sSN -m 20 -H "$json" "$url" -H 'Content-Encoding: gzip' --data-binary @-)
check "curl: a refusal is an exit code" fails in_ns curl -sS -m 20 --fail -H "$json" "$url" -d '{}'

sentences node "$here/openai_latency_client.mjs"
sentences "$python" "$here/crowd_of_chats.py" "$service_pid" "$crowd" "$growth"
check "nothing went wrong inside" fails grep -qE '"level":"(error|fatal)"' "$work/service.log"
# In this shell, not in the one that check captures: only a parent can wait.
stopped=0
stop_driving || stopped=$?
check "SIGTERM ends the service with code 0" test "$stopped" -eq 0

# ---- limits

start_with "" api.key=$key api.require_key=true language_server.turns=1 language_server.turns_waiting=0 openai.responses=2 \
  limits.api_body_size=64KiB limits.api_body=1s limits.api_head=1s
for package in openai openai7; do sentences node "$here/openai_limits_client.mjs" "$package"; done
sentences "$python" "$here/openai_rules.py" tight
stop_driving || true

# ---- a server that dies

start_with "slow_start_ms=3000"
sentences node "$here/openai_crash_client.mjs"
stop_driving || true
summary
