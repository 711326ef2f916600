#!/usr/bin/env bash
# Any command of an ordinary user under `zerogravity run`: what it does, what it spends, and what is left of it.
source "$(dirname "$0")/lib.sh"

begin run
printf 'nameserver 127.0.0.53\noptions timeout:5\n' >"/etc/netns/$ns/resolv.conf"
start_origin origin 127.0.0.2:443 127.0.0.2:8443 '[fd00::2]:443' -- "${hosts[@]}" "$other_host"
start_python servers run_servers.py
home=$work/home
mkdir "$home"
chown zgclient "$home"
install -m 755 "${ZG_STATIC_CLIENT:?}" "$work/static_client"

# As zgclient, with an environment that trusts nobody in particular.
user() {
  in_ns setpriv --reuid zgclient --regid zgclient --clear-groups \
    env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$home" LC_ALL=C.UTF-8 ASAN_OPTIONS="${ASAN_OPTIONS:-}" \
    ZG_NODE_MODULES="${ZG_PACKAGES:-}/node_modules" "${variables[@]}" timeout --kill-after=5 "${limit:-60}" "$@"
}
variables=(UNCHANGED=yes)
watched=("$ZG_BIN" run --upstream-ca-file "$work/origin/origin-ca.pem")
watch() { user "${watched[@]}" --json "$home/report.json" "$@"; }
client() { watch "${options[@]}" -- "$python" "$here/run_client.py" "$@"; }
options=()
chat='{"model":"gpt-sim","messages":[{"role":"user","content":"hi"}]}'
chat_url=https://api.openai.com/v1/chat/completions

# `code N COMMAND…`
code() {
  local expected=$1 got=0
  shift
  "$@" || got=$?
  [[ $got == "$expected" ]] || { echo "exit code $got" && return 1; }
}

# `reported EXPRESSION`: of u, the run's JSON report.
reported() {
  "$python" -c '
import json, sys
u = json.load(open(sys.argv[1]))
if not eval(sys.argv[2]):
    sys.exit(f"not true: {sys.argv[2]}\n{u}")' "$home/report.json" "$1"
}

prints() { # PATTERN COMMAND…
  local pattern=$1 output
  shift
  output=$("$@" 2>&1) || { echo "$output" && return 1; }
  grep -qE -- "$pattern" <<<"$output" || { echo "$output" && return 1; }
}

# The path it would have for its zgclient alone: processes of the run that outlive it.
nobody_left() { ! pgrep -u zgclient -l; }

# ---- clients

check "curl's call comes through, and its report says what it cost" \
  prints 'gpt-sim +1 ' watch -- curl -sS --fail --max-time 20 -o /dev/null -d "$chat" $chat_url
check "the report as JSON says the same" \
  reported 'u["totals"]["requests"] == 1 and u["totals"]["input_tokens"] == 11 and u["models"][0]["model"] == "gpt-sim"'
check "it was a network of its own" reported 'u["mode"] == "network" and u["exit_status"] == 0'
check "Python's call is accounted as well" watch -- "$python" "$here/python_client.py"
check "by model" reported 'u["models"][0]["model"] == "claude-sim" and u["totals"]["requests"] == 2'
check "a static binary that ignores the environment is intercepted" watch -- "$work/static_client" 127.0.0.2 api.openai.com
check "and accounted" reported 'u["totals"]["requests"] == 1'
check "without a run it is not, since it trusts only what is in the system's place" \
  fails user "$work/static_client" 127.0.0.2 api.openai.com
check "IPv6 is intercepted" client calls_at fd00::2
check "and accounted" reported 'u["totals"]["requests"] == 1'
check "100 connections at once are served" client crowd 100
check "and accounted" reported 'u["totals"]["requests"] == 100'
check "a pipeline with children in the background is covered whole" watch -- bash -c "
  (curl -sS --fail -d '$chat' $chat_url | cat >/dev/null) & (curl -sS --fail -d '$chat' $chat_url >/dev/null) & wait"
check "and accounted" reported 'u["totals"]["requests"] == 2'
# What the runs open to the origin; their clients are in networks of their own.
in_ns nft -f - <<EOF
table inet opened {
  counter opened { }
  chain input {
    type filter hook input priority 0; policy accept;
    tcp dport 443 tcp flags & (syn | ack) == syn counter name opened
  }
}
EOF
opened() { in_ns nft list counter inet opened opened | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
# `opens PATTERN WAY…`: to the origin, for five clients one after the other.
opens() {
  local before
  before=$(opened)
  user "${watched[@]}" -q "${@:2}" -- bash -c \
    "for n in 1 2 3 4 5; do curl -sS --fail --max-time 20 -o /dev/null -d '$chat' $chat_url || exit; done" || return
  [[ $(($(opened) - before)) =~ ^($1)$ ]] || { echo "$(($(opened) - before)) connections" && return 1; }
}
check "later clients of a command are served by what its earlier ones have left" opens '[1-4]'
check "and so they are by a proxy" opens '[1-4]' --way proxy
check "unless that is switched off" opens 5 --set mitm.reuse_upstream=false
in_ns nft delete table inet opened
if command -v node npm >/dev/null && "$here/npm-install.sh" "${ZG_PACKAGES:?}" >/dev/null; then
  chmod -R a+rX "$ZG_PACKAGES"
  limit=120 check "the providers' SDKs work in Node" watch -- node "$here/sdk_client.mjs"
  check "and are accounted by model" reported 'len(u["models"]) >= 3 and u["totals"]["requests"] >= 6'
else
  say "not run: the SDKs could not be installed"
fi

# ---- what has CAs of its own

certifi=$home/env/lib/python3.11/site-packages/certifi/cacert.pem
install -d -o zgclient "$(dirname "$certifi")"
cp "$work/origin/origin-ca.pem" "$certifi"
chmod 644 "$certifi"
variables=("VIRTUAL_ENV=$home/env")
check "a program that trusts the certifi of a virtual environment alone is intercepted" watch -- \
  curl -sS --fail --cacert "$certifi" -o /dev/null -d "$chat" $chat_url
check "and accounted" reported 'u["totals"]["requests"] == 1'
check "outside, the file is as it was" cmp "$certifi" "$work/origin/origin-ca.pem"
variables=(UNCHANGED=yes)
if command -v keytool >/dev/null; then
  keys() { keytool -list -cacerts -storepass changeit; }
  check "Java's store has the run's CA" prints zerogravity- watch -- keytool -list -cacerts -storepass changeit
  check "outside, it has not" fails grep -q zerogravity- <(keys 2>/dev/null)
  check "behind a proxy, JAVA_TOOL_OPTIONS names a store" \
    prints 'trustStore=.*/java-cacerts' watch --way proxy -- sh -c 'echo $JAVA_TOOL_OPTIONS; test -s ${JAVA_TOOL_OPTIONS#*=}'
else
  say "not run: no Java is installed"
fi
if command -v java >/dev/null && grep -q jdk.compiler <(java --list-modules); then
  check "a Java program is intercepted" watch -- java "$here/RunClient.java" $chat_url "$chat"
  check "and accounted" reported 'u["totals"]["requests"] == 1'
else
  say "not run: no Java that runs a source file is installed"
fi

# ---- the rest of the network

check "a host that is not watched keeps its own certificate" \
  watch -- curl -sS --fail --cacert "$work/origin/origin-ca.pem" -o /dev/null "https://$other_host/"
check "a server that speaks first is reached, on any port" client greeted_at 127.0.0.7
check "over IPv6 as well" client greeted_at fd00::2
check "what the host serves on loopback is reached at the same address" client greeted_at 127.0.0.1
check "a port where nobody is refuses" client refused_at 127.0.0.1 4998
check "the command's own servers on loopback are its own" client own_loopback
check "a name is resolved over UDP" client resolves named.example
check "and over TCP" client resolves_by_tcp named.example
check "and its address reached by name" client greeted_at named.example
check "QUIC is refused at once, so that clients fall back to TCP" client quic_refused
check "over IPv6 as well" client quic_refused fd00::2
check "a watched host is intercepted on any port" watch -- \
  curl -sS --fail -o /dev/null --connect-to api.openai.com:443:127.0.0.2:8443 -d "$chat" $chat_url
check "and accounted" reported 'u["totals"]["requests"] == 1'

check "the report names what passed by unwatched" \
  prints "Passed by unwatched: $other_host \\(1 connection\\)" watch -- \
  curl -sS --fail --cacert "$work/origin/origin-ca.pem" -o /dev/null "https://$other_host/"
check "and so does the one as JSON" reported "u['unwatched'][0]['host'] == '$other_host'"
check "a run of nothing speaks of this run" prints 'no connection in this run' watch -- true

# ---- a proxy of the user's

proxy_journal=$work/proxy.journal
start_python corporate_proxy corporate_proxy.py 3128 "$proxy_journal"
# `proxied N PATTERN COMMAND…`: N requests of the proxy match the pattern, made by the command.
proxied() {
  local expected=$1 pattern=$2 count
  : >"$proxy_journal"
  "${@:3}" || return
  count=$(grep -cE -- "$pattern" "$proxy_journal") || true
  [[ $count == "$expected" ]] || { cat "$proxy_journal" && return 1; }
}
proxy_url=http://user:secret@127.0.0.1:3128
variables=(HTTPS_PROXY=$proxy_url)
check "what goes through the user's own proxy is intercepted in its tunnel" \
  proxied 1 '^200 api.openai.com:443$' watch -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "and accounted" reported 'u["totals"]["requests"] == 1'
check "with the program that made it" reported "u['processes'][0]['process'].endswith('/curl')"
check "a client that is asked for its password first is followed" proxied 1 '^200 ' watch -- env -u HTTPS_PROXY \
  curl -sS --fail -o /dev/null -x http://127.0.0.1:3128 --proxy-user user:secret --proxy-anyauth -d "$chat" $chat_url
check "and accounted" reported 'u["totals"]["requests"] == 1'
check "a program that ignores the proxy goes through it as well" \
  proxied 1 '^200 api.openai.com:443$' watch -- "$work/static_client" 127.0.0.2 api.openai.com
check "what is not watched has its own tunnel" proxied 1 "^200 $other_host:443" watch -- \
  curl -sS --fail --cacert "$work/origin/origin-ca.pem" -o /dev/null "https://$other_host/"
check "and is named" reported "u['unwatched'][0]['host'] == '$other_host'"
check "as a proxy, the run goes through the user's" \
  proxied 1 '^200 api.openai.com:443$' watch --way proxy -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "and accounts" reported 'u["totals"]["requests"] == 1'
options=(--way usual-ports)
check "without nftables, too" proxied 1 '^200 ' watch "${options[@]}" -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
options=()
variables=("HTTPS_PROXY=$proxy_url" NO_PROXY=.openai.com)
check "NO_PROXY is honoured" proxied 0 . watch -- "$work/static_client" 127.0.0.2 api.openai.com
check "and what it names is watched all the same" reported 'u["totals"]["requests"] == 1'
variables=(UNCHANGED=yes)
options=(--way proxy --set "mitm.upstream_proxy=$proxy_url" --set mitm.no_proxy=api.openai.com)
check "and so are the keys" proxied 0 . watch "${options[@]}" -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
options=()
variables=(NO_PROXY=localhost,.openai.com)
check "behind the run's own proxy a NO_PROXY does not lead programs past it" \
  watch --way proxy -- sh -c "test \$NO_PROXY = localhost && curl -sS --fail -o /dev/null -d '$chat' $chat_url"
check "and they are accounted" reported 'u["totals"]["requests"] == 1 and u["past_proxy"] == []'
variables=("HTTPS_PROXY=$proxy_url" NO_PROXY=.openai.com)
check "the user's proxy is not used for them all the same" \
  proxied 0 . watch --way proxy -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
variables=(HTTPS_PROXY=http://user:wrong-secret@127.0.0.1:3128)
says_why() {
  watch --way proxy -- curl -sS --max-time 20 -d "$chat" $chat_url >"$work/said" 2>&1
  grep -q 'answered 407' "$work/said" || { cat "$work/said" && return 1; }
}
check "a proxy that refuses is named to the client, with what it said" says_why
check "and its password is never shown" fails grep -q wrong-secret "$work/said"
variables=(HTTPS_PROXY=socks5://127.0.0.1:1)
check "a proxy that cannot be looked through is warned of" prints 'HTTPS_PROXY does not name an http' watch -- true
variables=(UNCHANGED=yes)

# ---- what the command keeps

same_inside() { [[ $(user bash -c "$1") == "$(user "${watched[@]}" -q -- bash -c "$1")" ]]; }
check "its uid, gid, folder, umask, limits and signals are the user's" \
  same_inside 'cd /tmp; id -u; id -g; pwd; umask; ulimit -a; grep -E "^Sig(Blk|Ign|Cgt)|^Cap(Eff|Prm)" /proc/self/status; echo $UNCHANGED'
check "its files belong to the user" watch -- touch "$home/made"
check "outside, too" test "$(stat -c %U "$home/made")" = zgclient
check "its input and output are the caller's" test "$(echo through | user "${watched[@]}" -q -- tr a-z A-Z)" = THROUGH
check "no descriptor of ours is open in it" same_inside 'ls /proc/self/fd'
check "its exit code is the run's" code 7 watch -- sh -c 'exit 7'
check "killed by a signal it is 128 + n" code 137 watch -- sh -c 'kill -KILL $$'
check "a command that does not exist is 127" code 127 watch -- no-such-command
check "a file that cannot be executed is 126" code 126 watch -- /etc/passwd
check "a run without a command is wrong usage" code 2 watch
check "a signal sent to the run reaches the command" code 5 watch -- bash -c \
  'trap "exit 5" TERM; kill -TERM $(ps -o ppid= $PPID); while :; do sleep 0.1; done'
terminal() { user "$python" "$here/run_terminal.py" "$1" "${watched[@]}"; }
check "Ctrl-C reaches the command, and only the command" terminal interrupt
check "Ctrl-Z stops the whole job, and fg continues it" terminal suspend
check "a command that does not want to be stopped is not" terminal goes_on
check "in the background it waits for the terminal, and fg gives it" terminal background
check "a command that stops itself stops the job" terminal stops_itself
check "it has the size of the window" terminal window
check "it reads the terminal in a pipeline" terminal reads_terminal

# ---- who made it

user_ledger() { user "$python" -c "
import sqlite3, sys
rows = sqlite3.connect('$home/.local/state/zerogravity/usage.db').execute(
    'select pid, uid, executable, cgroup from exchanges where response_id = ?', (sys.argv[1],)).fetchall()
print(rows)
assert len(rows) == 1
pid, uid, executable, cgroup = rows[0]
assert $2" "$1"; }
check "a call that takes its time" client slow_call who
check "is booked with the process, the user and the program that made it" \
  user_ledger chatcmpl-who "pid == int(open('$home/who.pid').read()) and uid == $(id -u zgclient) and executable == '$(readlink -f "$python")' and cgroup.startswith('/')"

check "the report has it, too" reported "u['processes'][0]['process'] == '$(readlink -f "$python")'"

# ---- the budget

options=(--max-tokens 100)
check "--max-tokens ends the command with a status of its own" code 124 client spender
check "and the report says so" reported 'u["over_budget"] and u["totals"]["input_tokens"] + u["totals"]["output_tokens"] >= 100'
options=(--max-tokens 100 --set limits.kill_grace=50ms)
check "a command that does not end when asked is killed after limits.kill_grace" code 124 client slow_to_end "$home/ended"
check "and not later" fails test -e "$home/ended"
options=(--max-tokens 1000000)
prints_refusal() { prints "$1" code 2 watch "${@:2}" -- true; }
check "an answer that tells no usage, and so is not counted, is said at once" \
  prints 'not counted: an answer of api.openai.com .*--max-tokens cannot count' \
  watch --max-tokens 1000000 -- curl -sS --fail -o /dev/null -H 'x-sim: no_usage=1' -d '{"model":"gpt-sim","messages":[{"role":"user","content":"hi"}]}' https://api.openai.com/v1/chat/completions
check "a budget of no number is refused in words" prints_refusal 'as in --max-tokens 100000' --max-tokens 1e6
check "a budget that is not spent changes nothing" client calls_at 127.0.0.2
check "what cannot be read, and so not be counted, is said at once" \
  prints 'not read: traffic to .*:443 .*--max-tokens cannot count it' \
  watch "${options[@]}" -- "$python" "$here/hello_client.py" padded api.openai.com 70000
check "… and the report has it" reported 'u["unread"][0]["why"] == "client_hello"'
options=()

# ---- a run within a run

check "a run within a run just runs the command, whose report is the outer one's" \
  prints 'within another run' watch -- "$ZG_BIN" run -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "which accounts" reported 'u["totals"]["requests"] == 1'
check "two deep and from a script as well" prints 'within another run' watch -- "$ZG_BIN" run -q -- sh -c \
  "'$ZG_BIN' run -- curl -sS --fail -o /dev/null -d '$chat' $chat_url"
check "which accounts" reported 'u["totals"]["requests"] == 1'
check "its exit code is the command's" code 7 watch -- "$ZG_BIN" run -q -- "$ZG_BIN" run -q -- sh -c 'exit 7'
check "a command that does not exist is 127 there, too" code 127 watch -- "$ZG_BIN" run -q -- no-such-command
user_rows() { user "$python" -c "
import sqlite3; print(sqlite3.connect('$home/.local/state/zerogravity/usage.db').execute('select count(*) from exchanges').fetchone()[0])"; }
rows_before=$(user_rows)
check "one that is to count for itself counts" watch -- "$ZG_BIN" run --json "$home/inner.json" -- \
  curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "and so does the outer one" reported 'u["totals"]["requests"] == 1'
inner_counted() { "$python" -c "import json; assert json.load(open('$home/inner.json'))['totals']['requests'] == 1"; }
check "each in its report" inner_counted
one_row_more() { [[ $(user_rows) == $((rows_before + 1)) ]] || { echo "$(user_rows) rows, $rows_before before" && return 1; }; }
check "the ledger has the call once" one_row_more
check "its budget ends the command" code 124 watch -- "$ZG_BIN" run -q --max-tokens 5 -- bash -c \
  "curl -sS -o /dev/null -d '$chat' $chat_url; sleep 30"
check "behind a run's proxy it is within a run as well" \
  prints 'within another run' watch --way proxy -- "$ZG_BIN" run -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "which accounts" reported 'u["totals"]["requests"] == 1'
check "and can count for itself" watch --way proxy -- "$ZG_BIN" run --json "$home/inner.json" -- \
  curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "in its report" inner_counted
# Root makes no user namespace.
as_root() { in_ns env -i PATH="$PATH" HOME="$work/root" "${watched[@]}" --json "$home/report.json" "$@"; }
mkdir "$work/root"
check "root's runs nest, too" prints 'within another run' \
  as_root -- "$ZG_BIN" run -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "and account" reported 'u["totals"]["requests"] == 1'
check "also with reports of their own" as_root -- "$ZG_BIN" run --json "$home/inner.json" -- \
  curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "of the same" inner_counted
rm -f "$home/report.json"  # root's
# Where there is no network at all, or one of a single family.
ip netns add "$ns-alone"
at_end() { ip netns delete "$ns-alone"; }
ip -n "$ns-alone" link set lo up
alone() { ns=$ns-alone prints "$1" watch -- "$ZG_BIN" run -- true; }
check "a host without a network changes nothing" alone 'within another run'
ip -n "$ns-alone" address add 198.51.100.7/32 dev lo
check "nor does one with IPv4 alone" alone 'within another run'
ip -n "$ns-alone" address add 192.0.2.1/32 dev lo
alone_outside() { ns=$ns-alone prints 'in this run' watch -- true; }
check "the address of a run alone makes none" alone_outside
variables=(HTTPS_PROXY=http://zerogravity-run:made-up@127.0.0.1:1)
check "a variable alone makes no run: it watches" prints 'in this run' watch -- true
variables=(UNCHANGED=yes)

# ---- its bundle

state=$home/.local/state/zerogravity
two_bundles() {
  user "${watched[@]}" -q -- sh -c 'echo $SSL_CERT_FILE; sleep 1' >"$work/one" &
  user "${watched[@]}" -q --upstream-ca-file "$work/origin/origin-ca.pem" -- sh -c 'echo $SSL_CERT_FILE; sleep 1' >"$work/other"
  wait $!
  ! cmp -s "$work/one" "$work/other" || { cat "$work/one" && return 1; }
}
check "two runs at once have bundles of their own" two_bundles
constraints() { user "${watched[@]}" -q "$@" -- sh -c 'openssl x509 -noout -ext nameConstraints -in $NODE_EXTRA_CA_CERTS'; }
constrained() { # PATTERN ARGUMENTS…
  grep -q "$1" <(constraints "${@:2}")
}
check "a run's CA is for the hosts that it watches" constrained api.openai.com
check "--host adds one" constrained gateway.example --host gateway.example
check "… to the others" constrained api.openai.com --host gateway.example
check "--only-host watches it alone" fails constrained api.openai.com --only-host gateway.example
check "a run with other hosts before it takes nothing from the next" watch -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "which accounts" reported 'u["totals"]["requests"] == 1'
check "a run stores no key of a CA" fails grep -rqs 'PRIVATE KEY' "$state"
check "a run leaves the bundle of a service as it is" user "$python" -c "
import os, subprocess
service = '$state/combined-ca.pem'
open(service, 'w').write('the service\'s own')
subprocess.run(['$ZG_BIN', 'run', '-q', '--', 'true'], check=True)
assert open(service).read() == 'the service\'s own'
os.remove(service)"
beside_a_service() {
  local served=$work/beside.log service before here_now
  : >"$served"
  limit=120 user "$ZG_BIN" serve >"$served" 2>&1 &
  service=$!
  await_line "$served" '(^|[^a-z])ready ' "$service" || return
  before=$(sha256sum <"$state/combined-ca.pem")
  two_bundles || return
  here_now=$(sha256sum <"$state/combined-ca.pem")
  pkill -TERM -P "$service"
  wait "$service"
  [[ $before == "$here_now" ]]
}
check "nor do two, beside a service that runs" beside_a_service
rm -f "$state/combined-ca.pem"
no_bundle_left() { [[ -z $(find "$state/runs" -mindepth 1 -type d) ]]; }
check "nothing is left of them" no_bundle_left

# ---- the end

check "the run of a command that leaves a daemon ends with the command" client leaves_daemon "$home/daemon.done" "$home/daemon.go"
check "and says that it still runs" reported 'u["still_running"] == 1 and u["totals"]["requests"] == 0'
touch "$home/daemon.go"
check "the daemon goes on, watched" eventually test -e "$home/daemon.done"
check "and is accounted" eventually reported 'u["still_running"] == 0 and u["totals"]["requests"] == 1'
check "then nothing is left" eventually nobody_left

# Starts a run of a tree with a child in a session of its own; sets `front`.
start_sleeper() {
  rm -f "$home/pids"
  client sleeper "$home/pids" &
  children+=("$!")
  eventually test -e "$home/pids"
  front=$(pgrep -u zgclient -o -x zerogravity)
  keeper=$(pgrep -u zgclient -P "$front" -x zerogravity)
}
start_sleeper
kill -KILL "$front"
check "if the run is killed, nothing is left" eventually nobody_left
check "not even its bundle" eventually no_bundle_left
for options in "--way usual-ports" "--way proxy"; do
  read -ra options <<<"$options"
  start_sleeper
  kill -KILL "$front"
  check "nor with ${options[*]}" eventually nobody_left
done
options=()
start_sleeper
kill -KILL "$keeper"
check "if its interceptor is killed, nothing is left either" eventually nobody_left
check "but its bundle, which the next run takes away" user "${watched[@]}" -q -- true
check "then that is gone, too" no_bundle_left
start_sleeper
kill -KILL "$(cut -d' ' -f1 "$home/pids")"
kill -KILL "$(cut -d' ' -f2 "$home/pids")"
check "if the command is killed, nothing is left" eventually nobody_left
check "no rule or route is left on the host" fails grep -q . <(in_ns nft list ruleset)

# ---- beside a service of the same user

: >"$work/own.log"
limit=120 user "$ZG_BIN" serve >"$work/own.log" 2>&1 &
children+=("$!")
await_line "$work/own.log" '(^|[^a-z])ready ' "$!"
requests_before=$(usage_value 'u["totals"]["requests"]')
check "a run beside a service of its user works as before" watch -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "and its row is the service's to show" eventually holds "u['totals']['requests'] == $requests_before + 1"
pkill -TERM -u zgclient -f 'zerogravity serve'
eventually nobody_left

# ---- of a user whom a service redirects

service_of_hosts() {
  local watched=("${hosts[@]}")
  write_config </dev/null
}
service_of_hosts
start_service
six_calls() { watch "$@" -- bash -c "for n in 1 2 3 4 5 6; do curl -sS --fail --max-time 20 -o /dev/null -d '$chat' $chat_url || exit; done"; }
for backend in nft iptables; do
  command -v "$backend" >/dev/null || continue
  in_ns "$redirect" install --user zgclient --port 8742 --backend "$backend" >/dev/null
  for way in network usual-ports proxy; do
    check "$backend: a run of a redirected user reaches the origin each time ($way)" six_calls --way "$way"
    check "$backend: and counts each call itself" reported 'u["totals"]["requests"] == 6 and u["totals"]["errors"] == 0'
  done
  check "$backend: what it does not watch gets through as well" watch -- \
    curl -sS --fail --cacert "$work/origin/origin-ca.pem" -o /dev/null "https://$other_host/"
  check "$backend: the script's status names these connections" \
    prints 'more were those of `zerogravity run`' in_ns "$redirect" status --user zgclient
done
check "the service has not seen them, and bypasses nobody" \
  holds 'u["interception"]["exchanges_seen"] == 0 and u["interception"]["connections"] == 0 and u["interception"]["bypassed_hosts"] == []'
check "what the user calls without a run is the service's as before" call_model beside-runs
check "and counted there" eventually row 'r["response_id"] == "chatcmpl-beside-runs"'
in_ns "$redirect" remove --user zgclient >/dev/null
kill -TERM "$service_pid" && wait "$service_pid"

# ---- other ways

options=(--way usual-ports)
check "without nftables the usual ports work" client calls_at 127.0.0.2
check "and are accounted" reported 'u["totals"]["requests"] == 1'
check "other ports refuse" client refused_at 127.0.0.7 2525
options=()
check "as a proxy, clients that are told are intercepted" \
  watch --way proxy -- curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "and accounted" reported 'u["totals"]["requests"] == 1 and u["mode"] == "proxy"'
check "with the program that made it" reported "u['processes'][0]['process'].endswith('/curl')"
# Another user, and another process of the same user, that have learned where it is.
proxy_serves() { # USER URL
  in_ns setpriv --reuid "$1" --regid "$1" --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
    curl -sS -k --max-time 10 -o /dev/null -x "$2" -d "$chat" $chat_url
}
rm -f "$home/proxy.url"
client_of_proxy() { watch --way proxy -- sh -c "echo \$HTTPS_PROXY >$home/proxy.new; mv $home/proxy.new $home/proxy.url; sleep 30"; }
client_of_proxy >"$work/proxy.said" 2>&1 &
proxy_run=$!
children+=("$proxy_run")
eventually test -e "$home/proxy.url"
url=$(cat "$home/proxy.url")
check "the proxy of a run serves its command" proxy_serves zgclient "$url"
check "but nobody without the secret" fails proxy_serves zgclient "http://${url#*@}"
check "and no other user, even with it" fails proxy_serves zgother "$url"
check "its secret is not shown" fails grep -q "${url#http://}" "$work/proxy.said"
pkill -KILL -u zgclient sleep || true
wait "$proxy_run" 2>/dev/null || true
eventually nobody_left
check "a program that ignores the proxy is named" \
  prints 'static_client ignores HTTPS_PROXY' watch --way proxy -- sh -c "$work/static_client 127.0.0.2 api.openai.com || true"
check "in the report as well" prints 'Connected past the proxy, unwatched: .*/static_client' watch --way proxy -- \
  sh -c "$work/static_client 127.0.0.2 api.openai.com || true"
check "and in the one as JSON" reported "u['past_proxy'][0]['executable'].endswith('/static_client')"
check "that this can happen is said in any case" prints 'programs that ignore it are not watched' watch --way proxy -- true
check "a request beyond limits.proxy_head_size is not taken" fails watch --way proxy --set limits.proxy_head_size=256B -- \
  curl -sS --fail -o /dev/null --proxy-header "X-Long: $(printf 'x%.0s' {1..400})" -d "$chat" $chat_url
without_namespaces() {
  user unshare --user --map-current-user --keep-caps bash -c '
    echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps -all --inh-caps -all "$@"' - "$@"
}
check "where there are no user namespaces, a run says so and falls back to the proxy" \
  prints 'user namespace.*' without_namespaces "${watched[@]}" --json "$home/report.json" -- \
  curl -sS --fail -o /dev/null -d "$chat" $chat_url
check "and accounts" reported 'u["totals"]["requests"] == 1 and u["mode"] == "proxy"'
check "the user's ledger has all of it" prints '^[0-9]{3}' user "$python" -c "
import sqlite3; print(sqlite3.connect('$home/.local/state/zerogravity/usage.db').execute('select count(*) from exchanges').fetchone()[0])"
summary
