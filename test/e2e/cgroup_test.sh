#!/usr/bin/env bash
# The cgroup scope: an already running session is intercepted, and nothing else of the same user.
source "$(dirname "$0")/lib.sh"

source "$(dirname "$0")/cgroup_lib.sh" cgroup
write_config </dev/null
start_service
trust_both

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
