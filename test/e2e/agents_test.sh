#!/usr/bin/env bash
# The agents themselves, under `zerogravity run` and through the redirect, against the simulated providers: what the origin
# told of each of their calls is counted, to the token. ZG_AGENTS may name a folder where they are installed already.
source "$(dirname "$0")/lib.sh"

command -v node npm >/dev/null || skip "needs node and npm"
agents=${ZG_AGENTS:-${ZG_PACKAGES%/*}/agents}
# They are 330 MB for one kind of machine: where a registry does not give them in time, that is no fault of this tree, and
# the test is skipped also under ZG_NO_SKIP.
[[ -n ${ZG_AGENTS:-} ]] ||
  timeout 900 "$here/npm-install.sh" "$agents" "$here/agents" @anthropic-ai/claude-code ||
  { say "skipped: the agents could not be installed" && exit 77; }
chmod -R a+rX "$agents"
begin agents
start_usual_origin
home=$work/home
mkdir -p "$home/project" "$home/.local/share/opencode"
# opencode uses a WebSocket for a key of its own store alone.
echo '{"openai":{"type":"api","key":"test-key"}}' >"$home/.local/share/opencode/auth.json"
chown -R zgclient "$home"

# `agent NAME VARIABLE… -- COMMAND…`: its words are not the matter here. Leaves what the origin told meanwhile in
# NAME.told.
agent() {
  local name=$1 variables=() told
  shift
  while [[ $1 != -- ]]; do variables+=("$1") && shift; done
  shift
  told=$(wc -l <"$work/origin.journal")
  (cd "$home/project" && in_ns setpriv --reuid zgclient --regid zgclient --clear-groups \
    env -i PATH="$agents/node_modules/.bin:$agents/node_modules/opencode-linux-x64-baseline/bin:/usr/local/bin:/usr/bin:/bin" HOME="$home" LC_ALL=C.UTF-8 TERM=dumb "${variables[@]}" \
    timeout --kill-after=5 100 "$@" </dev/null >"$work/$name.log" 2>&1) || true
  tail -n "+$((told + 1))" "$work/origin.journal" >"$work/$name.told"
}
watched() { # NAME VARIABLE… -- ARGUMENTS…: under `run`
  local name=$1 variables=()
  shift
  while [[ $1 != -- ]]; do variables+=("$1") && shift; done
  agent "$name" "${variables[@]}" -- "$ZG_BIN" run --upstream-ca-file "$work/origin/origin-ca.pem" --json "$home/$name.report" -- \
    timeout 60 "$name" "${@:2}"
}
redirected() { # NAME VARIABLE… -- ARGUMENTS…: through the redirect to a service
  local name=$1 variables=()
  shift
  while [[ $1 != -- ]]; do variables+=("$1") && shift; done
  agent "$name" "${variables[@]}" SSL_CERT_FILE="$work/service/bundle.pem" NODE_EXTRA_CA_CERTS="$work/service/bundle.pem" -- \
    timeout 60 "$name" "${@:2}"
}

# `told NAME EXPRESSION`: over l, the lines that the origin wrote meanwhile.
told() {
  "$python" -c '
import json, sys
l = [json.loads(line) for line in open(sys.argv[1])]
if not eval(sys.argv[2]):
    sys.exit(f"not true: {sys.argv[2]}\n{l}")' "$work/$1.told" "$2" || { tail -n 15 "$work/$1.log" && return 1; }
}
answered() { told "$1" 'any(c["kind"] == "model" and c["status"] == "complete" for c in l)'; }
on_a_socket() { told "$1" 'any(c["transport"] == "websocket" and c["kind"] == "model" and c["status"] == "complete" for c in l)'; }
# The report of the run has exactly that.
reported() { # NAME
  "$python" -c '
import json, sys
calls = [c for c in map(json.loads, open(sys.argv[1])) if c["kind"] == "model"]
told = {"requests": len(calls)}
for name, member in (("input_tokens", "input_total"), ("cache_read_tokens", "cache_read"), ("output_tokens", "output_total")):
    told[name] = sum(c["sent_usage"][member] or 0 for c in calls)
totals = json.load(open(sys.argv[2]))["totals"]
shown = {name: totals[name] for name in told}
if told != shown:
    sys.exit(f"the origin told {told}, the report shows {shown}")' "$work/$1.told" "$home/$1.report"
}

names=(codex opencode claude)
if (($(node -p 'process.versions.node.split(".")[0]') >= 20)); then names+=(gemini); fi  # Gemini CLI wants that

codex=(CODEX_API_KEY=test-key OPENAI_API_KEY=test-key -- exec --skip-git-repo-check 'say hi')
opencode=(OPENCODE_EXPERIMENTAL_WEBSOCKETS=true OPENCODE_DISABLE_MODELS_FETCH=true -- run -m openai/gpt-5 'say hi')
claude=(ANTHROPIC_API_KEY=test-key -- -p 'say hi')
gemini=(GEMINI_API_KEY=test-key GEMINI_CLI_TRUST_WORKSPACE=true -- -p 'say hi')

# ---- under run

watched codex "${codex[@]}"
check "Codex has its answer over a WebSocket" on_a_socket codex
check "... after a prewarm" told codex 'l[0]["kind"] == "prewarm" and l[0]["transport"] == "websocket"'
check "the report of its run has every turn, to the token" reported codex
watched opencode "${opencode[@]}"
check "opencode has its answer over a WebSocket" on_a_socket opencode
check "the report of its run has every turn, to the token" reported opencode
watched claude "${claude[@]}"
check "Claude Code has its answer" answered claude
check "the report of its run has every call, to the token" reported claude
if [[ " ${names[*]} " == *" gemini "* ]]; then
  watched gemini "${gemini[@]}"
  check "Gemini CLI has its answer" answered gemini
  check "the report of its run has every call, to the token" reported gemini
fi

# ---- through the redirect

start_usual_service
: >"$work/all"
for name in "${names[@]}"; do
  declare -n arguments=$name
  redirected "$name" "${arguments[@]}"
  check "$name has its answer through the redirect" answered "$name"
  cat "$work/$name.told" >>"$work/all"
  check "$name: every call is in the ledger, once, with what the origin told" usage_agrees_with "$work/all" attributed
done
check "Codex spoke over a WebSocket" on_a_socket codex
check "opencode spoke over a WebSocket" on_a_socket opencode
check "Codex' turns belong to its session" row \
  'r["transport"] == "websocket" and r["kind"] == "model" and r["conversation"] and r["attributed_by"].startswith("header:")'

if [[ " ${names[*]} " == *" gemini "* ]]; then
  check "Gemini CLI, which names no conversation, has one by its transcript" row \
    'r["host"] == "generativelanguage.googleapis.com" and r["kind"] == "model" and r["attributed_by"] == "transcript" and r["conversation"].startswith("transcript-")'
fi

# ---- where the provider wants no WebSocket (Codex takes a 400 for an error, also without us)

for status in 404 426; do
  kill_service
  kill -KILL "$origin_pid"
  wait "$origin_pid" 2>/dev/null || true
  rm -rf "$work/service/state/usage.db"*
  origin_options=(--refuse-websockets "$status")
  start_origin origin 127.0.0.2:443 '[fd00::2]:443' -- "${hosts[@]}" "$other_host"
  start_service
  redirected codex "${codex[@]}"
  check "Codex falls back to POST where its upgrade is answered $status" told codex 'any(c["transport"] == "http" and c["status"] == "complete" for c in l)'
  check "... and every call is in the ledger" usage_agrees_with "$work/codex.told" attributed
done
summary
