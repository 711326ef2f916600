#!/usr/bin/env bash
# The agents themselves under `zerogravity run`, against the simulated providers. They are large, so they are not installed
# for this: ZG_AGENTS names a folder made by
#   npm install --prefix FOLDER @anthropic-ai/claude-code @openai/codex @google/gemini-cli opencode-ai
source "$(dirname "$0")/lib.sh"

[[ -d ${ZG_AGENTS:-/nonexistent}/node_modules/.bin ]] || ZG_NO_SKIP= skip "ZG_AGENTS names no folder with the agents"
begin agents
start_usual_origin
home=$work/home
mkdir -p "$home/project"
chown -R zgclient "$home"

# `agent NAME VARIABLE… -- ARGUMENTS…`: its words are not the matter here, nor is what it makes of the simulated answer.
agent() {
  local name=$1 variables=()
  shift
  while [[ $1 != -- ]]; do variables+=("$1") && shift; done
  shift
  (cd "$home/project" && in_ns setpriv --reuid zgclient --regid zgclient --clear-groups \
    env -i PATH="$ZG_AGENTS/node_modules/.bin:/usr/local/bin:/usr/bin:/bin" HOME="$home" LC_ALL=C.UTF-8 TERM=dumb "${variables[@]}" \
    timeout --kill-after=5 100 "$ZG_BIN" run --upstream-ca-file "$work/origin/origin-ca.pem" --json "$home/$name.json" -- \
    timeout 60 "$name" "$@" </dev/null >"$work/$name.log" 2>&1) || true
}
spent() { # NAME
  "$python" -c '
import json, sys
u = json.load(open(sys.argv[1]))
assert u["totals"]["requests"] > 0 and u["totals"]["output_tokens"] > 0, json.dumps(u)[:2000]' "$home/$1.json" ||
    { tail -n 15 "$work/$1.log" && return 1; }
}

agent claude ANTHROPIC_API_KEY=test-key -- -p 'say hi'
check "Claude Code is accounted" spent claude
agent codex CODEX_API_KEY=test-key OPENAI_API_KEY=test-key -- exec --skip-git-repo-check 'say hi'
check "Codex is accounted" spent codex
agent gemini GEMINI_API_KEY=test-key GEMINI_CLI_TRUST_WORKSPACE=true -- -p 'say hi'
check "Gemini CLI is accounted" spent gemini
agent opencode OPENAI_API_KEY=test-key -- run -m openai/gpt-5 'say hi'
check "opencode is accounted" spent opencode
summary
