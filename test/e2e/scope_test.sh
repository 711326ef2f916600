#!/usr/bin/env bash
# A service that redirects a cgroup to itself: for as long as it lives and no longer, by each backend.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/cgroup_lib.sh" scope

touch "$work/service.log"
start_scoped() { # ARGUMENTS… of serve; it must be root for that
  local old
  rm -rf "$work/service/state"
  old=$(stat -c %s "$work/service.log")
  scoped "$@" >>"$work/service.log" 2>&1 &
  service_pid=$!
  children+=("$service_pid")
  timeout 60 grep -m 1 -qE '(^|[^a-z])ready ' <(tail -c "+$((old + 1))" -f --pid="$service_pid" "$work/service.log") ||
    { say "the service did not start" && exit 1; }
  trust_both
}
scoped() {
  exec nsenter --net="/run/netns/$ns" setpriv --reuid "${as:-root}" env -i PATH="$PATH" HOME=/root ASAN_OPTIONS="${ASAN_OPTIONS:-}" TSAN_OPTIONS="${TSAN_OPTIONS:-}" \
    "$ZG_BIN" serve --config "$work/config.toml" --scope cgroup "$@"
}
stop_service() { kill -TERM "$service_pid" && wait "$service_pid"; }
refuses() { refuses_to root "$@"; } # CODE PATTERN ARGUMENTS… of serve
refuses_to() { # USER …
  local expected=$2 pattern=$3 got=0 output
  rm -rf "$work/other"
  install -d -o "$1" "$work/other"
  output=$(as=$1 scoped --mitm-listen 127.0.0.1:0 --api-listen 127.0.0.1:0 --state-dir "$work/other" --bundle-file "$work/other/bundle.pem" \
    "${@:4}" 2>&1) || got=$?
  [[ $got == "$expected" ]] && grep -qE -- "$pattern" <<<"$output" || { echo "$got: $output" && return 1; }
}
examined() { # EXPRESSION over topic(NAME), a finding of the doctor
  nsenter --net="/run/netns/$ns" unshare --mount bash -c 'mount --bind "$1" /etc/hosts && shift && exec "$@"' - "/etc/netns/$ns/hosts" \
    "$ZG_BIN" doctor --json --config "$work/config.toml" >"$work/diagnosis.json" || true
  "$python" -c '
import json, sys
d = json.load(open(sys.argv[1]))
topic = lambda name: next(f for f in d["findings"] if f["topic"] == name)
if not eval(sys.argv[2]): sys.exit(json.dumps(d, indent=1))' "$work/diagnosis.json" "$1"
}
# A run in the cgroup, of a user that does not know of the service.
counts_six() {
  rm -rf "$work/runs" && install -d -o zgclient "$work/runs"
  in_group "$watched_group" ip netns exec "$ns" setpriv --reuid zgclient --regid zgclient --clear-groups env -i PATH="$PATH" \
    timeout 60 "$ZG_BIN" run -q --json "$work/runs/report.json" --state-dir "$work/runs/state" \
    --upstream-ca-file "$work/origin/origin-ca.pem" -- bash -c 'for n in 1 2 3 4 5 6; do
      curl -sS --fail --max-time 20 -o /dev/null -d "{\"model\":\"gpt-sim\",\"messages\":[]}" https://api.openai.com/v1/chat/completions || exit
    done' && "$python" -c 'import json, sys; u = json.load(open(sys.argv[1])); assert u["totals"]["requests"] == 6, u' "$work/runs/report.json"
}
start_python silent silent_udp.py
write_config </dev/null
chown root "$work/service"
other_ns=$ns-other
ip netns add "$other_ns"
ip -n "$other_ns" link set lo up
at_end() {
  end_cgroups
  ip netns delete "$other_ns"
}

for backend in nft ebpf; do
  start_scoped --cgroup "/$watched_group" --backend "$backend"
  for how in new4 new6 mapped; do
    check "$backend: a process in the cgroup is intercepted ($how)" ours "$(issuer "$watched_group" "$how")"
  done
  mkdir "$cgroups/$watched_group/below"
  check "$backend: one below it as well" ours "$(issuer "$watched_group/below")"
  check "$backend: the rows name the process and its cgroup" \
    eventually row 'r["cgroup"] == "/'"$watched_group"'/below" and "python" in r["executable"] and r["pid"] > 1'
  rmdir "$cgroups/$watched_group/below"
  check "$backend: a process of the same user outside is not touched" theirs "$(issuer "")"
  check "$backend: nor one inside that lives in another network" \
    grep -q 'from inside' <(in_group "$watched_group" ip netns exec "$other_ns" "$python" "$here/scope_client.py" inside)
  check "$backend: UDP 443 is rejected in the cgroup" in_group "$watched_group" ip netns exec "$ns" "$python" "$here/udp_client.py" refused
  check "$backend: and not outside" in_ns "$python" "$here/udp_client.py" unanswered
  check "$backend: the service says so" holds \
    'any(d["name"] == "redirect" and d["status"] == "ok" and "/'"$watched_group"' ('"$backend"')" in d["reason"] for d in u["dependencies"])' /readyz
  check "$backend: the doctor says which backends work, and intercepts an exchange of the cgroup" \
    examined '"nft: works" in topic("scope cgroup")["detail"] and "ebpf: works" in topic("scope cgroup")["detail"] and topic("exchange")["state"] == "ok" and "'"$watched_group"'" in topic("exchange")["detail"]'
  check "$backend: the script sees the service's redirect" says 0 "Installed: " status --cgroup "/$watched_group"
  check "$backend: but does not take it away from it" says 2 "belongs to a running service" remove --cgroup "/$watched_group"
  check "$backend: nor install another" says 2 "belongs to a running service" install --cgroup "/$watched_group"
  check "$backend: a second service is refused" refuses 7 "another service redirects" --cgroup "/$watched_group" --backend "$backend"
  check "$backend: a run in the cgroup reaches the origin each time, and counts itself" counts_six
  check "$backend: and the service bypasses nobody" holds 'u["interception"]["bypassed_hosts"] == []'
  start_session
  kill_service
  check "$backend: a service that was killed leaves no rule" no_rules
  check "$backend: and its cgroup is connected directly again" theirs "$(issuer "$watched_group")"

  start_scoped --pid "$session" --backend "$backend"
  place=$(dirname "$(place_of_session)")
  check "$backend: a running process is moved and intercepted, its child included" ours "$(session_says new)"
  check "$backend: what is open goes on as it was" grep -q '^old 200' <<<"$(session_says old)"
  check "$backend: another process of the user is not touched" theirs "$(issuer "")"
  kill_service
  check "$backend: killed, it is connected directly" theirs "$(session_says new)"
  check "$backend: the script's status sees what is left" says 1 "left behind" status --pid "$session"
  start_scoped --pid "$session" --backend "$backend"
  check "$backend: the next service goes on with what is left" ours "$(session_says new)"
  check "$backend: in the same cgroup" test "$(dirname "$(place_of_session)")" = "$place"
  stop_service
  check "$backend: ended, the process is where it was" test "$(place_of_session)" = "$place"
  check "$backend: without a cgroup or a rule of ours" fails test -e "$cgroups${place%/}/zerogravity-$session"
  check "$backend: and connected directly" theirs "$(session_says new)"
  exec 7>&-
  wait "$session" || true
done

says 0 "" install --cgroup "/$watched_group" --port 1
start_scoped --cgroup "/$watched_group"
check "what the script has installed before is replaced" ours "$(issuer "$watched_group")"
check "the script's status says where it goes" says 0 "goes to port 8742" status --cgroup "/$watched_group"
stop_service
check "nothing is left" no_rules

start_scoped --cgroup "/$watched_group" --backend ebpf --set redirect.pending=64
kill -STOP "$service_pid"
mkfifo "$work/crowd"
in_group "$watched_group" ip netns exec "$ns" "$python" "$here/scope_client.py" crowd 300 <"$work/crowd" >"$work/crowd.log" &
children+=("$!")
exec 8>"$work/crowd"
await_line "$work/crowd.log" connected "$!"
kill -CONT "$service_pid"
echo go >&8
check "beyond redirect.pending the oldest connections are refused" eventually grep -qE '^closed (2[3-9][0-9]|300)$' "$work/crowd.log"
check "and the next are intercepted" ours "$(issuer "$watched_group")"
check "all is ready" holds 'u["status"] == "ready"' /readyz
eventually rmdir "$cgroups/$watched_group"
check "a cgroup that is gone makes it not ready" holds 'u["status"] == "not_ready"' /readyz
mkdir "$cgroups/$watched_group"
check "another of its name is another" holds 'u["status"] == "not_ready"' /readyz
stop_service

check "the root cgroup is refused" refuses 7 "refusing the root" --cgroup /
check "a cgroup that does not exist is refused" refuses 7 "there is no cgroup" --cgroup /nowhere
check "a process that does not exist is refused" refuses 7 "there is no process" --pid 4194304
check "both at once are refused" refuses 7 "needs one of" --pid 1 --cgroup /x
check "neither is refused" refuses 7 "needs one of"
check "the process that started the service is refused" refuses 7 "would catch its own" --pid $$
in_own_group() { (echo "$BASHPID" >"$cgroups/$watched_group/cgroup.procs" && refuses "$@"); }
check "the service's own cgroup is refused" in_own_group 7 "would catch its own" --cgroup "/$watched_group"
check "without root each backend says what it is that it cannot do" refuses_to zgclient 7 'nft: cannot .*permitted; ebpf: cannot .*permitted' \
  --cgroup "/$watched_group"
summary
