# Watched cgroups, for the tests about them; sourced after lib.sh, with the test's name as argument. Makes the stage, an
# origin and the cgroup $watched_group; what runs in it is ended with the test.
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
[[ -n $cgroups ]] || skip "needs cgroup v2"
begin "$1"
watched_group=zg-e2e-$$
mkdir "$cgroups/$watched_group" 2>/dev/null || skip "cgroups cannot be made here"
end_cgroups() {
  stop_children
  for each in "$cgroups/$watched_group"/*/ "$cgroups/$watched_group"; do
    [[ -d $each ]] || continue
    xargs -r -n 1 kill -KILL <"$each/cgroup.procs" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10; do rmdir "$each" 2>/dev/null && break || sleep 0.1; done
  done
}
at_end() { end_cgroups; }
# `ip netns exec` hides the cgroups behind a /sys of its own.
redirect() { nsenter --net="/run/netns/$ns" "$redirect" "$@"; }
start_usual_origin

trust_both() { cat "$work/origin/origin-ca.pem" "$work/service/bundle.pem" >"$work/both.pem"; }
in_group() { # CGROUP COMMAND…
  local group=$1
  shift
  bash -c 'echo $$ >"$1" && shift && exec "$@"' - "$cgroups/$group/cgroup.procs" "$@"
}
issuer() { # CGROUP [new|new4|new6|mapped]
  in_group "$1" ip netns exec "$ns" setpriv --reuid zgclient --regid zgclient --clear-groups env -i PATH="$PATH" \
    SSL_CERT_FILE="$work/both.pem" "$python" "$here/cgroup_client.py" <<<"${2:-new}"
}
ours() { grep -qi ' 200 .*zerogravity' <<<"$1" || { echo "$1" && return 1; }; }
theirs() { grep -q ' 200' <<<"$1" && ! ours "$1" >/dev/null || { echo "$1" && return 1; }; }
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

