#!/usr/bin/env bash
# Sends the TLS connections of one user, or of one cgroup, and of nobody else, to the interceptor.
#
# For these only: TCP port 443 (IPv4 and IPv6) is redirected to a local port, and UDP port 443 is rejected so that
# QUIC clients fall back to TCP at once. Acts on the network namespace it is run in. The service itself must be
# another user, or outside the cgroup, or its own upstream connections would come back to it.
set -euo pipefail

readonly default_user=antigravity-ls
readonly default_port=8742
readonly created_by="zerogravity redirect user"

usage() {
  cat <<EOF
usage: ${0##*/} install|remove|status [--user NAME | --cgroup PATH | --pid PID] [--port N] [--backend nft|iptables]
       [--while-pid PID[,PID]] [--api ADDR:PORT] [--purge-user]

  install   redirect the TCP 443 of the user, cgroup or process to the port; what is open goes on as it was; installing
            again replaces what is there in one step
  remove    take the rules away again; the user stays, since it may own files
            (--purge-user deletes it too, but only if this script created it)
  status    say what is there and whether traffic really arrives; exit code 0 installed, 1 not installed, 2 error

  --user    whose connections ($default_user; created as a system user if missing)
  --cgroup  those of the processes in this cgroup (v2) and below, e.g. /user.slice/user-1000.slice/session-3.scope
  --pid     those of this running process, its children and theirs: it gets a cgroup of its own below the one it is in,
            and goes back there when the redirect is removed
  --port    where the interceptor listens ($default_port)
  --backend nft if it works here, iptables otherwise
  --while-pid  the redirect goes by itself when the first of these processes ends, however that ends; without it the
            redirect stays until remove, and while no service listens at the port its connections are refused
  --api     the service's HTTP API, asked by status (127.0.0.1:8741)
EOF
}

fail() {
  echo "${0##*/}: $*" >&2
  exit 2
}

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)); }

parse_arguments() {
  action=${1:-}
  [[ $# -gt 0 ]] && shift
  user="" uid="" cgroup="" pid="" port=$default_port backend="" api=127.0.0.1:8741 purge_user=no while_pids=""
  while [[ $# -gt 0 ]]; do
    case $1 in
      --purge-user) purge_user=yes && shift && continue ;;
      --user | --cgroup | --pid | --port | --backend | --api | --while-pid) [[ $# -ge 2 ]] || fail "$1 needs a value" ;;
      *) fail "unknown argument $1 (see --help)" ;;
    esac
    case $1 in
      --user) user=$2 ;;
      --cgroup) cgroup=$2 ;;
      --pid) pid=$2 ;;
      --port) port=$2 ;;
      --backend) backend=$2 ;;
      --api) api=$2 ;;
      --while-pid) while_pids=$2 ;;
    esac
    shift 2
  done
  is_port "$port" || fail "--port must be 1 to 65535, got '$port'"
  [[ -z $user$cgroup || -z $pid ]] && [[ -z $user || -z $cgroup ]] || fail "only one of --user, --cgroup and --pid"
  [[ $while_pids =~ ^([1-9][0-9]*(,[1-9][0-9]*)*)?$ ]] || fail "--while-pid must be numbers, got '$while_pids'"
  [[ $backend =~ ^(nft|iptables|)$ ]] || fail "--backend must be nft or iptables, got '$backend'"
}

# ---- the user

# Sets uid; an unknown user leaves it empty. A number without a user may be the uid of one that was deleted.
find_user() {
  uid=$(getent passwd "$user" | cut -d: -f3) || true
  [[ -z $uid && $user =~ ^[0-9]+$ ]] && uid=$user
  [[ $uid != 0 ]] || fail "refusing uid 0: root's connections include the service's own"
}

create_user() {
  [[ $user =~ ^[a-z_][a-z0-9_-]{0,31}$ ]] || fail "there is no user '$user', and that is no name for a new one"
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
    --comment "$created_by" "$user" || fail "the user $user could not be created"
  echo "Created the system user $user."
  find_user
}

purge_created_user() {
  [[ $(getent passwd "$user" | cut -d: -f5) == "$created_by" ]] ||
    fail "the user $user was not created by this script and stays"
  userdel "$user" || fail "the user $user could not be deleted"
  echo "Deleted the user $user."
}

# ---- the cgroup

# Sets cgroup_root: where the one hierarchy of cgroup v2 is mounted.
find_cgroup_root() {
  cgroup_root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
  [[ -n $cgroup_root ]] || fail "no cgroup v2 hierarchy is mounted here (try --user)"
}

# The path of a process's cgroup below the root.
cgroup_of() { sed -n 's/^0:://p' "/proc/$1/cgroup" 2>/dev/null || true; }

# Sets cgroup and pid's own one; the redirect of a process is that of the cgroup made for it.
find_cgroup() {
  find_cgroup_root
  if [[ -n $pid ]]; then
    [[ $pid =~ ^[1-9][0-9]*$ ]] || fail "--pid must be a number, got '$pid'"
    find_cgroup_of_pid
  fi
  cgroup=${cgroup#"$cgroup_root"}
  cgroup=/${cgroup#/}
  cgroup=${cgroup%/}
  [[ -n $cgroup ]] || fail "refusing the root cgroup: every process is in it (try --pid)"
  [[ $cgroup != *[\"\\[:cntrl:]]* ]] || fail "that is no path of a cgroup: $cgroup"
}

find_cgroup_of_pid() {
  local own="zerogravity-$pid" found
  # It may be gone, or have left the cgroup that was made for it.
  found=$(find "$cgroup_root" -type d -name "$own" -print -quit 2>/dev/null)
  if [[ -n $found ]]; then
    cgroup=$found
    return
  fi
  found=$(cgroup_of "$pid")
  [[ -n $found || $action != install ]] || fail "there is no process $pid"
  cgroup=${found%/}/$own
}

# Moves the process, its children and theirs; again until none is left behind, since they may be forking.
move_tree() { # PID CGROUP
  local each left
  for _ in 1 2 3 4 5 6 7 8; do
    left=no
    for each in $(tree_of "$1"); do
      [[ $(cgroup_of "$each") == "$2" || ! -e /proc/$each ]] && continue
      left=yes
      echo "$each" >"$cgroup_root$2/cgroup.procs" 2>/dev/null || true
    done
    [[ $left == yes ]] || return 0
  done
  fail "the processes below $1 could not all be moved into $2"
}

tree_of() { # PID
  local child
  echo "$1"
  for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do tree_of "$child"; done
}

make_own_cgroup() {
  [[ -n $pid && ! -d $cgroup_root$cgroup ]] || return 0
  mkdir "$cgroup_root$cgroup" || fail "no cgroup can be made below $(cgroup_of "$pid") (its subtree is not ours to change)"
  move_tree "$pid" "$cgroup"
}

leave_own_cgroup() {
  [[ ${cgroup##*/} =~ ^zerogravity-[0-9]+$ && -d $cgroup_root$cgroup ]] || return 0
  local each
  # Again until it is empty: they may be forking.
  for _ in 1 2 3 4 5 6 7 8; do
    for each in $(cat "$cgroup_root$cgroup/cgroup.procs"); do
      echo "$each" >"$cgroup_root${cgroup%/*}/cgroup.procs" 2>/dev/null || true
    done
    rmdir "$cgroup_root$cgroup" 2>/dev/null && return
  done
  fail "the cgroup $cgroup could not be removed"
}

# `serve --scope cgroup` has a redirect of its own, which goes with it; it holds the lock as long.
redirected_by_service() { [[ -n $cgroup && -d $cgroup_root$cgroup ]] && ! flock --nonblock "$cgroup_root$cgroup" true; }

leave_to_service() {
  ! redirected_by_service || fail "the redirect of $scope_text belongs to a running service: it ends with that"
}

# Uid and inode of who listens on the port, if anyone does.
listener_at() { # PORT
  awk -v port="$(printf ':%04X' "$1")" '$2 ~ port"$" && $4 == "0A" { print $8, $10; exit }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# The connections of the user's own interceptor would come back to it, and each would make the next.
redirected_to_itself() { # PORT
  local owner
  owner=$(listener_at "$1")
  [[ -n $uid && ${owner%% *} == "$uid" ]]
}

refuse_own_service() {
  local inode listener process
  if [[ -z $cgroup ]]; then
    ! redirected_to_itself "$port" ||
      fail "the interceptor at port $port runs as $user itself, so its own connections would come back to it: run it as another user"
    return 0
  fi
  inode=$(listener_at "$port")
  inode=${inode##* }
  [[ -n $inode ]] || return 0
  listener=$(find /proc/[0-9]*/fd -lname "socket:\\[$inode\\]" -print -quit 2>/dev/null) || true
  [[ -n $listener ]] || return 0
  process=${listener#/proc/} process=${process%%/*}
  [[ $(cgroup_of "$process")/ != "$cgroup"/* ]] ||
    fail "the interceptor (process $process) is in $cgroup itself, and would catch its own connections: start it elsewhere"
}

# ---- what is matched

# The marks of the connections that `zerogravity run` makes to origins (mitm/upstream/redirect_pass.hpp). What goes
# through these is in the run's own ledger.
declare -rx nft_pass="meta priority 0:5"  # exported: the holder of the rules is another shell
iptables_pass() { # TOOL
  if [[ $1 == ip6tables ]]; then echo "-m hl --hl-eq 61"; else echo "-m ttl --ttl-eq 61"; fi
}

# Sets scope (the name of the rules), scope_text and how each backend tells the connections.
find_scope() {
  if [[ -z $cgroup$pid ]]; then
    user=${user:-$default_user}
    find_user
    scope=$uid scope_text="the user $user (uid $uid)"
    nft_match="meta skuid $uid"
    iptables_match=(-m owner --uid-owner "$uid")
    return
  fi
  find_cgroup
  local slashes=${cgroup//[^\/]/}
  # By the path alone, so that it is found again when the cgroup is gone.
  scope=cg_$(cksum <<<"$cgroup" | cut -d' ' -f1) scope_text="the cgroup $cgroup"
  nft_match="socket cgroupv2 level ${#slashes} \"${cgroup#/}\""
  iptables_match=(-m cgroup --path "$cgroup")
}

# ---- nft

# nft looks for the cgroups of its rules below /sys/fs/cgroup; where that is another hierarchy it gets to see this one.
nft_with_cgroups() {
  if [[ -n $cgroup && $(stat -f -c %T /sys/fs/cgroup 2>/dev/null) != cgroup2fs ]]; then
    unshare --mount sh -c 'mount -t cgroup2 none /sys/fs/cgroup && exec nft "$@"' nft "$@"
  else
    nft "$@"
  fi
}

nft_works() { command -v nft >/dev/null && nft list tables >/dev/null 2>&1; }

# `add` before `delete` lets one transaction replace a table that may not exist.
nft_install() {
  nft_with_cgroups -f - <<EOF
add table inet zerogravity_$scope
delete table inet zerogravity_$scope
table inet zerogravity_$scope {
  chain redirect_tls {
    type nat hook output priority -100; policy accept;
    $nft_match tcp dport 443 $nft_pass counter accept
    $nft_match tcp dport 443 counter redirect to :$port
  }
  chain reject_quic {
    type filter hook output priority 0; policy accept;
    $nft_match udp dport 443 counter reject
  }
}
EOF
}

nft_installed() { nft_works && nft list table inet "zerogravity_$scope" >/dev/null 2>&1; }

nft_remove() {
  if nft_installed; then nft delete table inet "zerogravity_$scope"; fi
}

# Sets installed_port, redirected and passed (connections so far).
nft_read() {
  local table rule
  table=$(nft_with_cgroups list table inet "zerogravity_$scope") && rule=$(grep redirect\ to <<<"$table") ||
    fail "the nft table has no redirect rule"
  installed_port=${rule##*:}
  redirected=$(sed -n 's/.*counter packets \([0-9]*\).*/\1/p' <<<"$rule")
  passed=$(sed -n 's/.*dport 443 .*counter packets \([0-9]*\).* accept$/\1/p' <<<"$table")
}

# ---- iptables

ip_tools() {
  local tool
  for tool in iptables ip6tables; do
    # A kernel without IPv6 has nothing to redirect there.
    [[ $tool == ip6tables && ! -e /proc/net/if_inet6 ]] && continue
    command -v "$tool" >/dev/null && echo "$tool"
  done
  return 0
}

iptables_works() {
  command -v iptables >/dev/null && iptables -w -t nat -S OUTPUT >/dev/null 2>&1
}

jump() { # TOOL TABLE -A|-C|-D
  "$1" -w -t "$2" "$3" OUTPUT "${iptables_match[@]}" -j "ZEROGRAVITY_$scope" 2>/dev/null
}

# Declaring a chain in iptables-restore flushes it, so that old and new rules change places in one commit.
iptables_install() {
  local tool
  for tool in $(ip_tools); do
    "$tool-restore" -w --noflush <<EOF
*nat
:ZEROGRAVITY_$scope - [0:0]
-A ZEROGRAVITY_$scope -p tcp --dport 443 $(iptables_pass "$tool") -j RETURN
-A ZEROGRAVITY_$scope -p tcp --dport 443 -j REDIRECT --to-ports $port
COMMIT
*filter
:ZEROGRAVITY_$scope - [0:0]
-A ZEROGRAVITY_$scope -p udp --dport 443 -j REJECT
COMMIT
EOF
    jump "$tool" nat -C || jump "$tool" nat -A || return 1
    jump "$tool" filter -C || jump "$tool" filter -A || return 1
  done
}

iptables_installed() {
  local tool
  for tool in $(ip_tools); do
    "$tool" -w -t nat -S "ZEROGRAVITY_$scope" >/dev/null 2>&1 && return 0
  done
  return 1
}

iptables_remove() {
  local tool table
  for tool in $(ip_tools); do
    for table in nat filter; do
      "$tool" -w -t "$table" -S "ZEROGRAVITY_$scope" >/dev/null 2>&1 || continue
      while jump "$tool" "$table" -D; do :; done
      "$tool" -w -t "$table" -F "ZEROGRAVITY_$scope"
      "$tool" -w -t "$table" -X "ZEROGRAVITY_$scope"
    done
  done
}

iptables_read() {
  local tool rules count
  redirected=0 passed=0
  for tool in $(ip_tools); do
    rules=$("$tool" -w -t nat -v -S "ZEROGRAVITY_$scope" 2>/dev/null | grep -- '--to-ports') || continue
    installed_port=${rules##* }
    count=$(sed -n 's/.* -c \([0-9]*\) .*/\1/p' <<<"$rules")
    redirected=$((redirected + ${count:-0}))
    rules=$("$tool" -w -t nat -v -S "ZEROGRAVITY_$scope" 2>/dev/null | grep -- '-j RETURN') || continue
    count=$(sed -n 's/.* -c \([0-9]*\) .*/\1/p' <<<"$rules")
    passed=$((passed + ${count:-0}))
  done
}

# ---- a redirect that lives as long as its owners

# It is held by a process of its own, so that it ends even when the owners are killed. The nft table is the property of
# that process's netlink socket: the kernel takes it away with the process, whatever becomes of that.

# Does it run, and is no zombie? Sets started, which tells it from a later process with its number.
is_alive() { # PID
  local stat fields
  started=""
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  fields=(${stat##*) })
  [[ ${fields[0]} != [ZX] ]] && started=${fields[19]}
}

# Looks five times a second, and starts no process for that.
wait_for_first_end() { # PID…
  local each begun=() i started never
  exec {never}<> <(:)
  for each in "$@"; do is_alive "$each" && begun+=("$started") || return 0; done
  while :; do
    i=0
    for each in "$@"; do
      is_alive "$each" && [[ $started == "${begun[i++]}" ]] || return 0
    done
    read -r -t 0.2 -u "$never" || true
  done
}

owned_rules() {
  echo "table inet zerogravity_$scope { flags owner; }"
  echo "add chain inet zerogravity_$scope redirect_tls { type nat hook output priority -100; policy accept; }"
  echo "add chain inet zerogravity_$scope reject_quic { type filter hook output priority 0; policy accept; }"
  echo "add rule inet zerogravity_$scope redirect_tls $nft_match tcp dport 443 ${nft_pass:?} counter accept"
  echo "add rule inet zerogravity_$scope redirect_tls $nft_match tcp dport 443 counter redirect to :$port"
  echo "add rule inet zerogravity_$scope reject_quic $nft_match udp dport 443 counter reject"
}

# What the holder does. By its name it is found again.
hold_redirect() { # own|remove-after
  local owners
  IFS=, read -ra owners <<<"$while_pids"
  if [[ $1 == own ]]; then
    { owned_rules; wait_for_first_end "${owners[@]}"; } | nft_with_cgroups -i
  else
    wait_for_first_end "${owners[@]}"
    "${backend}_remove"
  fi
}

holder_name() { echo "zerogravity-redirect-$scope"; }

# The process group of the holder in this network namespace, if there is one: the shell, who waits, and nft.
find_holder() {
  local each name
  for each in /proc/[0-9]*; do
    IFS= read -r -d '' name 2>/dev/null <"$each/cmdline" || continue
    [[ $name == "$(holder_name)" && $each/ns/net -ef /proc/self/ns/net ]] || continue
    ps -o pgid= -p "${each#/proc/}" | tr -d ' ' || true
    return 0
  done
}

end_holder() {
  local holder i
  holder=$(find_holder)
  [[ -n $holder ]] || return 0
  kill -KILL -- "-$holder" 2>/dev/null || true
  for ((i = 0; i < 50; i++)); do
    nft_works && nft list table inet "zerogravity_$scope" 2>/dev/null | grep -q 'flags owner' || return 0
    sleep 0.1
  done
  fail "process $holder still holds the redirect of $scope_text"
}

start_holder() { # own|remove-after
  export -f hold_redirect owned_rules wait_for_first_end is_alive nft_with_cgroups nft_remove nft_installed nft_works \
    iptables_remove ip_tools jump
  # The match of iptables is an array, which no environment has.
  scope=$scope nft_match=${nft_match:-} port=$port while_pids=$while_pids backend=$backend cgroup=$cgroup \
    setsid bash -c 'exec -a "$0" bash -c "$1" "$0" "${@:2}"' "$(holder_name)" \
    'how=$1 && shift && iptables_match=("$@") && hold_redirect "$how"' "$1" "${iptables_match[@]}" \
    </dev/null >/dev/null 2>&1 &
  disown
}

held_by_kernel() {
  local i
  for ((i = 0; i < 30; i++)); do
    nft list table inet "zerogravity_$scope" 2>/dev/null | grep -q 'redirect to' && return
    sleep 0.1
  done
  return 1
}

install_held() {
  local each started
  for each in ${while_pids//,/ }; do is_alive "$each" || fail "--while-pid: there is no process $each"; done
  end_holder
  if [[ $backend == nft ]]; then
    nft_remove
    start_holder own
    held_by_kernel && return
    end_holder  # a kernel before Linux 5.12, or an nft that cannot say it
  fi
  "${backend}_install" || return
  start_holder remove-after
}

# ---- actions

choose_backend() {
  if [[ -z $backend ]]; then
    if nft_works; then backend=nft; else backend=iptables; fi
  fi
  "${backend}_works" || fail "$backend cannot be used here: install nftables (or iptables) and run with CAP_NET_ADMIN"
}

install_redirect() {
  find_scope
  if [[ -n $cgroup ]]; then
    [[ -n $pid || -d $cgroup_root$cgroup ]] || fail "there is no cgroup $cgroup below $cgroup_root"
    leave_to_service
    refuse_own_service
    make_own_cgroup
  elif [[ -z $uid ]]; then
    create_user
    find_scope
  else
    refuse_own_service
  fi
  choose_backend
  if [[ -n $while_pids ]]; then
    install_held || fail "the $backend rules could not be installed"
  else
    end_holder
    "${backend}_install" || fail "the $backend rules could not be installed"
  fi
  if [[ $backend == nft ]]; then iptables_remove; else nft_remove; fi
  echo "TCP 443 of $scope_text now goes to port $port, its UDP 443 is rejected ($backend)."
  [[ -z $while_pids ]] || echo "That ends with the first of these processes: ${while_pids//,/ }."
}

remove_redirect() {
  find_scope
  if [[ -z $cgroup && -z $uid ]]; then
    echo "There is no user $user, hence no redirect."
    return
  fi
  leave_to_service
  end_holder
  nft_remove
  iptables_remove
  if nft_installed || iptables_installed; then fail "rules for $scope_text are still there"; fi
  if [[ -n $cgroup ]]; then leave_own_cgroup; fi
  echo "No redirect for $scope_text."
  if [[ $purge_user == yes ]]; then
    purge_created_user
  fi
}

listens() { # PORT
  local hex
  hex=$(printf '%04X' "$1")
  grep -qsE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6
}

service_answer() { curl --silent --fail --noproxy '*' --max-time 3 "http://$api/v1/usage" 2>/dev/null; }

# The number of a member; it need not be a whole JSON parser to read our own counters.
counter_in() { # NAME, JSON on stdin
  sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\([0-9][0-9]*\).*/\1/p" | head -n 1
}

say_what_arrives() {
  local answer connections seen parsed
  if ! listens "$installed_port"; then
    echo "NOT intercepting: nothing listens on port $installed_port, so the connections are refused."
    return
  fi
  if redirected_to_itself "$installed_port"; then
    echo "NOT intercepting: the interceptor runs as $user itself, so its own connections come back to it. Run it as another user."
    return
  fi
  echo "Something listens on port $installed_port; $redirected connections were redirected since the rules are there."
  ((${passed:-0} == 0)) || echo "$passed more were those of \`zerogravity run\`, which has them in its own ledger."
  if ! answer=$(service_answer); then
    echo "The service's API at $api does not answer, or not without its key (zerogravity usage has it), so it is unknown what became of them."
    return
  fi
  answer=$(tr -d '\n' <<<"$answer" | sed 's/.*"interception"//')
  connections=$(counter_in connections <<<"$answer")
  seen=$(counter_in exchanges_seen <<<"$answer")
  parsed=$(counter_in exchanges_parsed <<<"$answer")
  echo "The service has counted ${connections:-no} connections, ${seen:-0} exchanges seen, ${parsed:-0} parsed."
  if ((${parsed:-0} > 0)); then
    echo "Traffic is really being intercepted."
  elif ((redirected == 0)); then
    echo "No traffic yet: no connection to port 443 was made."
  else
    echo "NOT intercepting: connections arrive, but no exchange was understood (does the client trust the CA?)."
  fi
}

show_status() {
  find_scope
  [[ -n $cgroup$uid ]] || { echo "Not installed: there is no user $user." && return 1; }
  nft_works || iptables_works || fail "neither nft nor iptables can be used here"
  installed_port="" redirected=0 passed=0
  local holder
  if nft_installed; then
    nft_read
  elif iptables_installed; then
    iptables_read
  elif redirected_by_service; then
    echo "Installed: a running service redirects TCP 443 of $scope_text to itself (ebpf)."
    return
  else
    echo "Not installed: no redirect for $scope_text."
    if [[ -n $cgroup && ${cgroup##*/} =~ ^zerogravity-[0-9]+$ && -d $cgroup_root$cgroup ]]; then
      echo "A service that was killed has left behind its cgroup, which does no harm; remove takes it away."
    fi
    return 1
  fi
  echo "Installed: TCP 443 of $scope_text goes to port $installed_port."
  holder=$(find_holder)
  [[ -z $holder ]] || echo "It lives as long as its owners (held by process $holder)."
  if [[ -n $cgroup && ! -d $cgroup_root$cgroup ]]; then
    echo "NOT intercepting: the cgroup is gone. Remove the redirect, or install it again for a new one."
    return
  fi
  say_what_arrives
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
  install | remove | status) parse_arguments "$@" ;;
  *) usage >&2 && exit 2 ;;
esac
[[ $EUID -eq 0 ]] || fail "needs root: redirect rules belong to the whole machine (try sudo)"
case $action in
  install) install_redirect ;;
  remove) remove_redirect ;;
  status) show_status ;;
esac
