#!/usr/bin/env bash
# Every token in the right conversation, and both ends reconciled: many cascades at once with retries, refusals,
# cancelled turns, sub-agents and background calls; then with ids stripped from the requests, and with lying ones.
source "$(dirname "$0")/lib.sh"

[[ -x ${ZG_LANGUAGE_SERVER:?} ]] || skip "the language server simulator is not built"
begin attribution
start_usual_origin
redirect_client

# The service starts the server as another user, so it is root here. $1: switches of the simulator; $2: its endpoint.
start_with() {
  write_config <<CONFIG
[language_server]
mode = "launch"
user = "${user:-zgclient}"
command = ["$ZG_LANGUAGE_SERVER", "--csrf_token", "{csrf_token}", "--https_server_port", "{https_port}",
           "--parent_pipe_path", "{parent_pipe}", "--cloud_code_endpoint", "https://daily-cloudcode-pa.googleapis.com",
           "--sim", "connect=127.0.0.2:443${1:+,$1}"]
turns = 1000
[limits]
api_connections = 2000
api_peer_connections = 2000
CONFIG
  chown root "$work/service"
  rm -rf "$work/service/state"
  : >"$work/service.log"
  start_again
}

start_again() {
  ip netns exec "$ns" env -i PATH="$PATH" HOME=/root ASAN_OPTIONS="${ASAN_OPTIONS:-}" TSAN_OPTIONS="${TSAN_OPTIONS:-}" \
    ${trusting:+SSL_CERT_FILE="$trusting"} "$ZG_BIN" serve --config "$work/config.toml" >"$work/service.log" 2>&1 &
  service_pid=$!
  children+=("$service_pid")
  await_line "$work/service.log" '^ready' "$service_pid" || { say "the service did not start" && exit 1; }
  eventually server_is ok || { say "no language server" && exit 1; }
}

stop_service() { kill -TERM "$service_pid" && wait "$service_pid"; }
server_is() { holds "any(d['name'] == 'language_server' and d['status'] == '$1' for d in u['dependencies'])" /readyz; }
interception_is() { holds "any(d['name'] == 'interception' and d['status'] == '$1' for d in u['dependencies'])" /readyz; }
turns() { in_ns timeout --kill-after=5 120 "$python" "$here/attribution_client.py" "$@"; }
verify() { in_ns timeout --kill-after=5 60 "$ZG_BIN" usage verify "$@"; }
# `all_rows FILE`: every row, page by page.
all_rows() {
  in_ns "$python" - "$1" <<'PYTHON'
import json, sys, urllib.request
rows, after = [], ""
while True:
    page = json.load(urllib.request.urlopen(f"http://127.0.0.1:8741/v1/usage/exchanges?limit=1000{after}"))
    rows += page["data"]
    if not page["has_more"]:
        break
    after = f"&after={page['last_id']}"
json.dump(rows, open(sys.argv[1], "w"))
PYTHON
}
# `rows_say EXPRESSION`: over rows (model calls), turns (what each client was told) and cascades (their ids).
rows_say() {
  all_rows "$work/rows.json"
  "$python" - "$work/rows.json" "$work/turns" "$1" <<'PYTHON'
import json, sys
rows = [r for r in json.load(open(sys.argv[1])) if r["kind"] == "model"]
turns = [json.loads(line) for line in open(sys.argv[2])]
cascades = {t["cascade"] for t in turns}
agent = [r for r in rows if r["request_kind"] != "checkpoint"]
if not eval(sys.argv[3]):
    sys.exit("not true: " + sys.argv[3] + "\n" + "\n".join(json.dumps({k: r[k] for k in ("id", "conversation", "attributed_by", "request_kind", "status", "response_id", "trace_id", "claimed_conversation", "attribution_flags")}) for r in rows[:40]))
PYTHON
}
# Every usage event of every turn: that row, in that cascade, with those tokens.
told_and_booked_agree() {
  all_rows "$work/rows.json"
  "$python" - "$work/rows.json" "$work/turns" <<'PYTHON'
import json, sys
rows = {r["response_id"]: r for r in json.load(open(sys.argv[1])) if r["response_id"]}
count = 0
for turn in map(json.loads, open(sys.argv[2])):
    for told in (e for e in turn["events"] if e["type"] == "usage"):
        row = rows[told["response_id"]]
        assert row["conversation"] == turn["cascade"], (row["conversation"], turn["cascade"], turn["switch"])
        for name in ("input_uncached_tokens", "cache_read_tokens", "output_tokens", "thinking_tokens"):
            assert row[name] == told[name], (name, row[name], told[name])
        count += 1
assert count >= sum(1 for _ in open(sys.argv[2])) / 2, count
PYTHON
}
# Each turn's page: what the API told of tokens equals the turn's own rows.
pages_agree() {
  in_ns "$python" - "$work/turns" <<'PYTHON'
import json, sys, urllib.request
for turn in map(json.loads, open(sys.argv[1])):
    page = json.load(urllib.request.urlopen("http://127.0.0.1:8741/v1/usage/conversations/" + turn["cascade"]))
    [own] = [t for t in page["turns"] if t["request_id"] == turn["request_id"]]
    told = {e["response_id"]: e for e in turn["events"] if e["type"] == "usage"}
    if "cancel" != turn["switch"]:
        for name in ("input_uncached_tokens", "output_tokens"):
            assert own["usage"][name] == sum(e[name] for e in told.values()), (turn["switch"], name, own["usage"], told)
    assert own["outcome"] and own["total_ms"] is not None, own
    if turn["switch"].startswith("retries"):
        assert any(len(c["attempts"]) == 3 for c in own["calls"]), own["calls"]
        assert page["usage"]["retries"] == 2, page["usage"]
    if "sub_agent" in turn["switch"]:
        assert page["sub_agents"][0]["usage"]["output_tokens"] > 0, page["sub_agents"]
        assert own["sub_agent_usage"]["output_tokens"] == page["sub_agents"][0]["usage"]["output_tokens"]
PYTHON
}

# ---- many at once

ulimit -n 16384
crowd=1000
[[ -z ${ZG_SANITIZE:-} ]] || crowd=120
start_with
check "$crowd turns run at once" turns "$work/turns" "$crowd" "$crowd" "" "retries=2,retry_ms=10" "sub_agent=1" "tool_steps=2" \
  "background=1" cancel "sim:status=429,reason=QUOTA_EXHAUSTED" "error_step=1"
check "what a turn is told is booked, in its cascade" eventually told_and_booked_agree
check "every model call of an agent is in a cascade of the test" rows_say "all(r['conversation'] in cascades for r in agent)"
check "… by its requestId" rows_say "all(r['attributed_by'] == 'request_id' for r in agent)"
check "… and nothing is disputed" rows_say "not any(r['attribution_flags'] for r in rows)"
check "background calls are booked by kind and in no cascade" rows_say \
  "len(rows) > len(agent) and all(r['conversation'] is None for r in rows if r['request_kind'] == 'checkpoint')"
check "no answer is booked twice" rows_say "len({r['response_id'] for r in rows if r['response_id']}) == sum(1 for r in rows if r['response_id'])"
check "attempts of one step are counted" rows_say "{r['attempt'] for r in rows if r['http_status'] == 503} == {0, 1}"
check "refusals are rows with their reason" rows_say "any(r['error_reason'] == 'QUOTA_EXHAUSTED' for r in agent)"
check "every turn's page adds up" eventually pages_agree
check "the wire and the server are reconciled" eventually verify
check "… which is said" grep -qE '^reconciled: [0-9]+ calls matched' <(verify)
check "… with no difference that is not explained" holds \
  "u['reconciled'] and u['intercepted'] and u['totals']['unexplained'] == 0 and u['totals']['matched'] >= $crowd and u['language_server']['cascades'] == $crowd" '/v1/usage/reconcile?limit=1000'
one=$("$python" -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())["cascade"])' "$work/turns")
check "one conversation alone is reconciled" holds \
  "len(u['data']) == 1 and u['data'][0]['matched'] >= 1 and u['data'][0]['wire'] == u['data'][0]['server']" "/v1/usage/reconcile?conversation=$one"
check "a conversation that nobody knows is 404" grep -q unknown_conversation <(api /v1/usage/conversations/nobody)
check "interception is well" interception_is ok
stop_service || true

# ---- what was written is still there after a restart, and reconciled with a server that remembers nothing

start_again
check "after a restart what both ends told is still reconciled" holds "u['totals']['unexplained'] == 0 and u['totals']['matched'] >= $crowd" '/v1/usage/reconcile?limit=1000'
stop_service || true

# ---- without ids

start_with ids=none
check "without ids turns run" turns "$work/turns" 40 20 "" "retries=2,retry_ms=10" "sub_agent=1" "background=1" "sim:status=429,reason=QUOTA_EXHAUSTED"
check "… and are found by what the server lists" eventually told_and_booked_agree
check "… each answer" rows_say "all(r['conversation'] in cascades and r['attributed_by'] == 'response_id' for r in agent if r['response_id'])"
check "… and each refusal by its trace" rows_say "all(r['conversation'] in cascades and r['attributed_by'] == 'trace_id' for r in agent if not r['response_id'])"
check "… reconciled" eventually verify
stop_service || true

start_with ids=labels
check "with labels alone turns run" turns "$work/turns" 10 10 "" "tool_steps=1"
check "… and are found by their trajectory" eventually rows_say "all(r['conversation'] in cascades and r['attributed_by'] == 'trajectory_id' for r in agent)"
stop_service || true

# ---- lies

start_with ids=lie
check "with lying ids turns run" turns "$work/turns" 20 20 ""
check "… and no token is in a cascade that never was" eventually rows_say "all(r['conversation'] in cascades for r in agent)"
check "… the lie is kept and flagged" rows_say \
  "all(r['claimed_conversation'] and r['attribution_flags'] == ['disputed', 'unknown_conversation'] for r in agent)"
check "… reconciled all the same" eventually verify
stop_service || true

# ---- a server whose traffic passes elsewhere: as root it is not redirected, and trusts the provider itself

user=root trusting=$work/origin/origin-ca.pem
start_with
check "a server that is not intercepted works" turns "$work/turns" 3 3 ""
check "… and is loud in /readyz" eventually interception_is failed
check "… by name" grep -q "NOT INTERCEPTED" <(api /readyz)
check "verify fails" fails verify
check "… and says why" grep -q "NOT INTERCEPTED" <(verify)
stop_service || true
summary
