# shellcheck shell=bash
# What every end-to-end test stands on. A test sources this file, calls `begin NAME`, starts what it needs, and states
# sentences with `check`; its exit code tells whether all of them held. Whatever was started, made or installed is gone
# on any exit.
#
#   zgother   connects to the origin directly         zgservice  runs the service
#   zgclient  is redirected to the service            zg-<name>-<pid> is the namespace
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
redirect=$here/../../scripts/mitm-redirect.sh
python=/usr/bin/python3
hosts=(generativelanguage.googleapis.com daily-cloudcode-pa.googleapis.com api.openai.com api.anthropic.com)
watched=("${hosts[@]}")
other_host=unwatched.example
origin_addresses=(127.0.0.2 fd00::2)

checks=0
failures=0
children=()
origin_options=()
# With these the service sees which program a process of another user runs: service_rights=("${sees_programs[@]}")
sees_programs=(--inh-caps +sys_ptrace,+dac_read_search --ambient-caps +sys_ptrace,+dac_read_search)
service_rights=()

say() { printf '%s\n' "$*"; }

skip() {
  say "skipped: $*"
  [[ -z ${ZG_NO_SKIP:-} ]] || { echo "FAILED: ZG_NO_SKIP is set, and this test cannot run here" && exit 1; }
  exit 77
}

# ---- the stage

begin() {
  local name=$1
  [[ $EUID -eq 0 ]] || skip "needs root for network namespaces and users"
  command -v ip nft setpriv curl "$python" >/dev/null || skip "needs ip, nft, setpriv, curl and $python"
  [[ -x ${ZG_SIM:?} ]] || skip "the simulator is not built"
  [[ -x ${ZG_BIN:?} ]] || skip "the service is not built"
  ulimit -c 0  # a crash shows in the exit code; its core would land in the caller's folder
  ns=zg-$name-$$
  ip netns add "$ns" 2>/dev/null || skip "network namespaces cannot be made here"
  work=$(mktemp -d "/tmp/zg-e2e-$name.XXXXXX")
  trap finish EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  make_stage
}

make_stage() {
  local user host address
  for user in zgclient zgother zgservice; do
    id "$user" >/dev/null 2>&1 || useradd --system --no-create-home --home-dir /nonexistent "$user"
  done
  chmod 755 "$work"
  ip -n "$ns" link set lo up
  ip -n "$ns" address add fd00::2/128 dev lo nodad
  mkdir -p "/etc/netns/$ns"
  echo "127.0.0.1 localhost" >"/etc/netns/$ns/hosts"
  for host in "${hosts[@]}" "$other_host"; do
    for address in "${origin_addresses[@]}"; do echo "$address $host" >>"/etc/netns/$ns/hosts"; done
  done
}

# What a test has to undo itself.
at_end() { :; }

finish() {
  local code=$?
  trap - EXIT
  set +e
  at_end
  if ((code != 0 && code != 77)); then show_evidence; fi
  stop_children
  ip netns pids "$ns" 2>/dev/null | xargs --no-run-if-empty kill -KILL 2>/dev/null || true
  ip netns delete "$ns" 2>/dev/null || true
  umount "$work/service/disk" 2>/dev/null || true
  rm -rf "/etc/netns/$ns" "$work"
  exit "$code"
}

show_evidence() {
  local file
  for file in "$work"/*.log; do
    [[ -s $file ]] || continue
    say "--- last lines of ${file##*/}"
    tail -n 40 "$file"
  done
}

stop_children() {
  local pid
  for pid in "${children[@]:-}"; do
    if [[ -n $pid ]]; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
  wait 2>/dev/null || true
}

# ---- running things

in_ns() { ip netns exec "$ns" "$@"; }

# `as USER CA COMMAND…`: with an environment of its own, trusting exactly CA.
as() {
  local user=$1 ca=$2
  shift 2
  in_ns setpriv --reuid "$user" --regid "$user" --clear-groups \
    env -i PATH="$PATH" HOME=/nonexistent LC_ALL=C.UTF-8 SSL_CERT_FILE="$ca" NODE_EXTRA_CA_CERTS="$ca" \
    ZG_NODE_MODULES="${ZG_PACKAGES:-}/node_modules" timeout --kill-after=5 "${limit:-60}" "$@"
}

directly() { as zgother "$work/origin/origin-ca.pem" "$@"; }
intercepted() { as zgclient "$work/service/bundle.pem" "$@"; }

# `await_line FILE PATTERN PID`: returns once the process has written such a line; fails when it ends before that.
await_line() {
  timeout 30 grep -m 1 -qE -- "$2" <(tail -n +1 -f --pid="$3" "$1" 2>/dev/null)
}

# `eventually COMMAND…`: for what the service does off the hot path; gives up after 20 s.
eventually() {
  local deadline=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || { "$@"; return; }
    sleep 0.05
  done
}

start_origin() { # NAME ADDRESS… -- HOST…
  local name=$1 options=("${origin_options[@]}")
  shift
  while [[ $1 != -- ]]; do options+=(--listen "$1") && shift; done
  shift
  while (($#)); do options+=(--host "$1") && shift; done
  touch "$work/$name.log"
  # No shell function here: $! must be the program itself, so that signals reach it.
  ip netns exec "$ns" "$ZG_SIM" "${options[@]}" --make-ca "$work/$name" --journal "$work/$name.journal" \
    >"$work/$name.log" 2>&1 &
  origin_pid=$!
  children+=("$origin_pid")
  await_line "$work/$name.log" '^ready' "$origin_pid" || { say "the origin did not start" && exit 1; }
}

start_python() { # NAME SCRIPT ARGUMENTS…: a server that says ready
  local name=$1
  shift
  touch "$work/$name.log"
  ip netns exec "$ns" "$python" "$here/$1" "${@:2}" >"$work/$name.log" 2>&1 &
  children+=("$!")
  await_line "$work/$name.log" '^ready' "$!" || { say "$name did not start" && exit 1; }
}

start_usual_origin() {
  local origin_options=(--mute 127.0.0.5:443)
  start_origin origin 127.0.0.2:443 '[fd00::2]:443' -- "${hosts[@]}" "$other_host"
}

# The hosts of `watched` are intercepted; further sections come on stdin.
write_config() {
  local list
  list=$(printf '"%s", ' "${watched[@]}")
  {
    cat <<EOF
state_dir = "$work/service/state"
[api]
listen = "127.0.0.1:8741"
[mitm]
listen = ["127.0.0.1:8742", "[::1]:8742"]
upstream_ca_file = "$work/origin/origin-ca.pem"
bundle_file = "$work/service/bundle.pem"
hosts = [${list%, }]
EOF
    cat
  } >"$work/config.toml"
  mkdir -p "$work/service"
  chown zgservice "$work/service"
}

# Each start appends to service.log; only what it adds is searched for the ready line.
start_service() {
  local old
  touch "$work/service.log"
  old=$(stat -c %s "$work/service.log")
  ip netns exec "$ns" setpriv --reuid zgservice --regid zgservice --clear-groups "${service_rights[@]}" \
    env -i PATH="$PATH" HOME=/nonexistent ASAN_OPTIONS="${ASAN_OPTIONS:-}" TSAN_OPTIONS="${TSAN_OPTIONS:-}" \
    "$ZG_BIN" serve --config "$work/config.toml" >>"$work/service.log" 2>&1 &
  service_pid=$!
  children+=("$service_pid")
  timeout 60 grep -m 1 -qE '(^|[^a-z])ready ' <(tail -c "+$((old + 1))" -f --pid="$service_pid" "$work/service.log") ||
    { say "the service did not start" && exit 1; }
}

kill_service() {
  kill -KILL "$service_pid"
  wait "$service_pid" 2>/dev/null || true
}

start_usual_service() {
  write_config </dev/null
  start_service
  redirect_client
}

redirect_client() { in_ns "$redirect" install --user zgclient --port 8742 >/dev/null; }

# `start_driving SWITCHES [KEY=VALUE…]`: a service that starts the simulated language server as the client's user, so it is
# root here; further settings of its configuration.
start_driving() {
  local settings=() setting
  for setting in "${@:2}"; do settings+=(--set "$setting"); done
  write_config <<EOF
[language_server]
mode = "launch"
user = "zgclient"
command = ["${ZG_LANGUAGE_SERVER:?}", "--csrf_token", "{csrf_token}", "--https_server_port", "{https_port}",
           "--parent_pipe_path", "{parent_pipe}", "--cloud_code_endpoint", "https://daily-cloudcode-pa.googleapis.com",
           "--sim", "connect=127.0.0.2:443${1:+,$1}"]
EOF
  chown root "$work/service"
  rm -rf "$work/service/state"
  : >"$work/service.log"
  ip netns exec "$ns" env -i PATH="$PATH" HOME=/root ASAN_OPTIONS="${ASAN_OPTIONS:-}" TSAN_OPTIONS="${TSAN_OPTIONS:-}" \
    "$ZG_BIN" serve --config "$work/config.toml" "${settings[@]}" >"$work/service.log" 2>&1 &
  service_pid=$!
  children+=("$service_pid")
  await_line "$work/service.log" '^ready' "$service_pid" || { say "the service did not start" && exit 1; }
  eventually server_is ok || { say "no language server" && exit 1; }
}

# In this shell, not in the one that `check` captures: only a parent can wait.
stop_driving() { kill -TERM "$service_pid" && wait "$service_pid"; }

# `server_is ok|failed`, by /readyz.
server_is() { holds "any(d['name'] == 'language_server' and d['status'] == '$1' for d in u['dependencies'])" /readyz; }
server_pid() { pgrep -P "$service_pid" -f sim-language | head -1; }

# With the bearer key of a script that has one.
api() { in_ns curl ${key:+-H "Authorization: Bearer $key"} --silent --show-error --max-time 10 --noproxy '*' "http://127.0.0.1:8741$1"; }

# `usage_value EXPRESSION`: a Python expression over u, the answer of /v1/usage.
usage_value() { api /v1/usage | "$python" -c "import json, sys; u = json.load(sys.stdin); print($1)"; }

# `holds EXPRESSION [PATH]`: is the expression over u true?
holds() {
  api "${2:-/v1/usage}" | "$python" -c '
import json, sys
text = sys.stdin.read()
u = json.loads(text)
if not eval(sys.argv[1]):
    sys.exit(f"not true: {sys.argv[1]}\n{text}")' "$1"
}

# `call_model NAME [SIM]`: one streamed model call of the redirected client; says how it ended.
call_model() {
  intercepted curl --silent --show-error --fail --http1.1 --max-time 30 -H "x-sim: id=$1${2:+,$2}" -d \
    '{"model":"gpt-sim","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}' \
    https://api.openai.com/v1/chat/completions
}

# `row EXPRESSION`: is it true of any row r of the ledger?
row() { holds "any($1 for r in u['data'])" '/v1/usage/exchanges?limit=1000'; }

# ---- saying what holds

# `check SENTENCE COMMAND…`
check() {
  local sentence=$1 output
  shift
  checks=$((checks + 1))
  if output=$("$@" 2>&1); then
    say "ok: $sentence"
  else
    failures=$((failures + 1))
    say "FAILED: $sentence"
    say "  $*"
    head -c 3000 <<<"$output" | sed 's/^/  | /'
  fi
}

fails() { ! "$@"; }

same() { # FILE FILE
  cmp "$1" "$2" || { diff -a -u "$1" "$2" | head -n 40 && return 1; }
}

# `run_both NAME COMMAND…`: the transcripts of a direct and of an intercepted run must be equal. Leaves what the origin
# told about tokens in the intercepted run in NAME.told.
run_both() {
  local name=$1
  shift
  check "$name: runs directly" transcript "$work/$name.direct" directly "$@"
  local told=0
  [[ -e $work/origin.journal ]] && told=$(wc -l <"$work/origin.journal")
  check "$name: runs through the interceptor" transcript "$work/$name.intercepted" intercepted "$@"
  tail -n "+$((told + 1))" "$work/origin.journal" >"$work/$name.told" 2>/dev/null || true
  check "$name: nothing differs from the direct run" same "$work/$name.direct" "$work/$name.intercepted"
}

transcript() { # FILE COMMAND…
  local file=$1
  shift
  "$@" >"$file" 2>"$file.err" || { cat "$file" "$file.err" && return 1; }
  [[ -s $file ]]
}

# The ledger is written off the hot path: ask until it agrees.
usage_agrees_with() { # FILE of journal lines [attributed]
  eventually usage_agrees_now "$@"
}
usage_agrees_now() {
  all_rows >"$work/exchanges.json"
  api /v1/usage >"$work/usage.json"
  "$python" "$here/compare_usage.py" "$1" "$work/exchanges.json" "$work/usage.json" "${@:2}"
}

# Every row of the ledger, one page a line.
all_rows() {
  local page after=
  while page=$(api "/v1/usage/exchanges?limit=1000$after"); do
    printf '%s\n' "$page"
    after=$("$python" -c 'import json, sys; u = json.load(sys.stdin); print("&after=%s" % u["last_id"] if u["has_more"] else "")' <<<"$page")
    [[ -n $after ]] || return 0
  done
  return 1
}

summary() {
  say "$((checks - failures)) of $checks sentences hold"
  ((failures == 0))
}
