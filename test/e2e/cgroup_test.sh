#!/usr/bin/env bash
# The cgroup scope: an already running session is intercepted, and nothing else of the same user.
source "$(dirname "$0")/lib.sh"

cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
[[ -n $cgroups ]] || skip "needs cgroup v2"
begin cgroup
watched_group=zg-e2e-$$
mkdir "$cgroups/$watched_group" 2>/dev/null || skip "cgroups cannot be made here"
at_end() {
  stop_children
  for each in "$cgroups/$watched_group"/*/ "$cgroups/$watched_group"; do
    [[ -d $each ]] || continue
    xargs -r -n 1 kill -KILL <"$each/cgroup.procs" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10; do rmdir "$each" 2>/dev/null && break || sleep 0.1; done
  done
}
# `ip netns exec` hides the cgroups behind a /sys of its own.
redirect() { nsenter --net="/run/netns/$ns" "$redirect" "$@"; }
start_usual_origin
write_config </dev/null
start_service
cat "$work/origin/origin-ca.pem" "$work/service/bundle.pem" >"$work/both.pem"

in_group() { # CGROUP COMMAND…
  local group=$1
  shift
  bash -c 'echo $$ >"$1" && shift && exec "$@"' - "$cgroups/$group/cgroup.procs" "$@"
}
issuer() { # CGROUP
  in_group "$1" ip netns exec "$ns" setpriv --reuid zgclient --regid zgclient --clear-groups env -i PATH="$PATH" \
    SSL_CERT_FILE="$work/both.pem" "$python" "$here/cgroup_client.py" <<<new
}
ours() { grep -qi 'new 200 .*zerogravity' <<<"$1" || { echo "$1" && return 1; }; }
theirs() { grep -q 'new 200' <<<"$1" && ! ours "$1" >/dev/null || { echo "$1" && return 1; }; }
says() { # CODE PATTERN ARGUMENTS…
  local expected=$1 pattern=$2 got=0 output
  shift 2
  output=$(redirect "$@" 2>&1) || got=$?
  [[ $got == "$expected" ]] && grep -qE -- "$pattern" <<<"$output" || { echo "$got: $output" && return 1; }
}
no_rules() { fails grep -qi zerogravity <(in_ns nft list ruleset; in_ns iptables-save; in_ns ip6tables-save); }

start_session() {
  mkfifo "$work/say"
  : >"$work/session.log"
  in_group "" ip netns exec "$ns" setpriv --reuid zgclient --regid zgclient --clear-groups env -i PATH="$PATH" \
    SSL_CERT_FILE="$work/both.pem" bash -c '"$@"; exit' - "$python" "$here/cgroup_client.py" \
    <"$work/say" >"$work/session.log" 2>&1 &
  session=$!
  children+=("$session")
  exec 7>"$work/say"
  rm "$work/say"
  await_line "$work/session.log" '^ready' "$session"
}
session_says() { # old|new
  local before
  before=$(wc -l <"$work/session.log")
  echo "$1" >&7
  eventually bash -c "(( \$(wc -l <'$work/session.log') > $before ))"
  tail -n 1 "$work/session.log"
}
place_of_session() { sed -n 's/^0:://p' "/proc/$session/cgroup"; }

for backend in nft iptables; do
  command -v "$backend" >/dev/null || continue
  check "$backend: a cgroup is installed" says 0 "the cgroup /$watched_group now goes" install --cgroup "/$watched_group" --backend "$backend"
  check "$backend: status says so" says 0 "Installed: TCP 443 of the cgroup" status --cgroup "/$watched_group"
  check "$backend: a process in the cgroup is intercepted" ours "$(issuer "$watched_group")"
  mkdir "$cgroups/$watched_group/below"
  check "$backend: one below it as well" ours "$(issuer "$watched_group/below")"
  rmdir "$cgroups/$watched_group/below"
  check "$backend: a process of the same user outside is not touched" theirs "$(issuer "")"
  check "$backend: UDP 443 is rejected in the cgroup" in_group "$watched_group" ip netns exec "$ns" "$python" "$here/udp_client.py" refused
  check "$backend: it is removed" says 0 "No redirect for" remove --cgroup "/$watched_group"
  check "$backend: exactly" no_rules
  check "$backend: then nothing is intercepted" theirs "$(issuer "$watched_group")"

  start_session
  place=$(place_of_session)
  check "$backend: a running process is installed" says 0 "now goes" install --pid "$session" --backend "$backend"
  check "$backend: what it does anew is intercepted, its child included" ours "$(session_says new)"
  check "$backend: what is open goes on as it was" grep -q '^old 200' <<<"$(session_says old)"
  check "$backend: another process of the user is not touched" theirs "$(issuer "")"
  check "$backend: installed again it stays" says 0 "now goes" install --pid "$session" --backend "$backend"
  check "$backend: and is still intercepted" ours "$(session_says new)"
  check "$backend: removed, it is where it was" says 0 "No redirect" remove --pid "$session"
  check "$backend: in its old cgroup" test "$(place_of_session)" = "$place"
  check "$backend: with no rule left" no_rules
  check "$backend: and not intercepted" theirs "$(session_says new)"
  says 0 "" install --pid "$session" --backend "$backend"
  exec 7>&-
  wait "$session" || true
  eventually rmdir "$cgroups${place%/}/zerogravity-$session"
  check "$backend: status sees when the process and its cgroup are gone" says 0 "the cgroup is gone" \
    status --cgroup "${place%/}/zerogravity-$session"
  check "$backend: and its rules can still be removed" says 0 "No redirect" remove --cgroup "${place%/}/zerogravity-$session"
  check "$backend: exactly" no_rules
done

check "the root cgroup is refused" says 2 "refusing the root" install --cgroup /
check "a cgroup that does not exist is refused" says 2 "there is no cgroup" install --cgroup /nowhere
check "a process that does not exist is refused" says 2 "there is no process" install --pid 4194304
check "two scopes at once are refused" says 2 "only one of" install --pid 1 --cgroup /x
interceptor=$(nsenter --net="/run/netns/$ns" ss -ltnpH 'sport = :8742' | sed -n 's/.*pid=\([0-9]*\).*/\1/p' | head -n 1)
echo "$interceptor" >"$cgroups/$watched_group/cgroup.procs"
check "a cgroup that the interceptor itself is in is refused" says 2 "its own connections" install --cgroup "/$watched_group"
echo "$interceptor" >"$cgroups/cgroup.procs"
check "the intercepted calls are in the ledger" eventually holds 'u["totals"]["requests"] >= 6'
summary
