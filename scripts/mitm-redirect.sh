#!/usr/bin/env bash
# Sends the TLS connections of one user, and of nobody else, to the interceptor.
#
# For that uid only: TCP port 443 (IPv4 and IPv6) is redirected to a local port, and UDP port 443 is rejected so that
# QUIC clients fall back to TCP at once. Acts on the network namespace it is run in. The service itself must run as
# another user, or its own upstream connections would come back to it.
set -euo pipefail

readonly default_user=antigravity-ls
readonly default_port=8742
readonly created_by="zerogravity redirect user"

usage() {
  cat <<EOF
usage: ${0##*/} install|remove|status [--user NAME] [--port N] [--backend nft|iptables] [--api ADDR:PORT] [--purge-user]

  install   redirect the user's TCP 443 to the port; installing again replaces what is there in one step
  remove    take the rules away again; the user stays, since it may own files
            (--purge-user deletes it too, but only if this script created it)
  status    say what is there and whether traffic really arrives; exit code 0 installed, 1 not installed, 2 error

  --user    whose connections ($default_user; created as a system user if missing)
  --port    where the interceptor listens ($default_port)
  --backend nft if it works here, iptables otherwise
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
  user=$default_user port=$default_port backend="" api=127.0.0.1:8741 purge_user=no
  while [[ $# -gt 0 ]]; do
    case $1 in
      --purge-user) purge_user=yes && shift && continue ;;
      --user | --port | --backend | --api) [[ $# -ge 2 ]] || fail "$1 needs a value" ;;
      *) fail "unknown argument $1 (see --help)" ;;
    esac
    case $1 in
      --user) user=$2 ;;
      --port) port=$2 ;;
      --backend) backend=$2 ;;
      --api) api=$2 ;;
    esac
    shift 2
  done
  is_port "$port" || fail "--port must be 1 to 65535, got '$port'"
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

# ---- nft

nft_works() { command -v nft >/dev/null && nft list tables >/dev/null 2>&1; }

# `add` before `delete` lets one transaction replace a table that may not exist.
nft_install() {
  nft -f - <<EOF
add table inet zerogravity_$uid
delete table inet zerogravity_$uid
table inet zerogravity_$uid {
  chain redirect_tls {
    type nat hook output priority -100; policy accept;
    meta skuid $uid tcp dport 443 counter redirect to :$port
  }
  chain reject_quic {
    type filter hook output priority 0; policy accept;
    meta skuid $uid udp dport 443 counter reject
  }
}
EOF
}

nft_installed() { nft_works && nft list table inet "zerogravity_$uid" >/dev/null 2>&1; }

nft_remove() {
  if nft_installed; then nft delete table inet "zerogravity_$uid"; fi
}

# Sets installed_port and redirected (connections so far).
nft_read() {
  local rule
  rule=$(nft list table inet "zerogravity_$uid" | grep redirect\ to) || fail "the nft table has no redirect rule"
  installed_port=${rule##*:}
  redirected=$(sed -n 's/.*counter packets \([0-9]*\).*/\1/p' <<<"$rule")
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
  "$1" -w -t "$2" "$3" OUTPUT -m owner --uid-owner "$uid" -j "ZEROGRAVITY_$uid" 2>/dev/null
}

# Declaring a chain in iptables-restore flushes it, so that old and new rules change places in one commit.
iptables_install() {
  local tool
  for tool in $(ip_tools); do
    "$tool-restore" -w --noflush <<EOF
*nat
:ZEROGRAVITY_$uid - [0:0]
-A ZEROGRAVITY_$uid -p tcp --dport 443 -j REDIRECT --to-ports $port
COMMIT
*filter
:ZEROGRAVITY_$uid - [0:0]
-A ZEROGRAVITY_$uid -p udp --dport 443 -j REJECT
COMMIT
EOF
    jump "$tool" nat -C || jump "$tool" nat -A || return 1
    jump "$tool" filter -C || jump "$tool" filter -A || return 1
  done
}

iptables_installed() {
  local tool
  for tool in $(ip_tools); do
    "$tool" -w -t nat -S "ZEROGRAVITY_$uid" >/dev/null 2>&1 && return 0
  done
  return 1
}

iptables_remove() {
  local tool table
  for tool in $(ip_tools); do
    for table in nat filter; do
      "$tool" -w -t "$table" -S "ZEROGRAVITY_$uid" >/dev/null 2>&1 || continue
      while jump "$tool" "$table" -D; do :; done
      "$tool" -w -t "$table" -F "ZEROGRAVITY_$uid"
      "$tool" -w -t "$table" -X "ZEROGRAVITY_$uid"
    done
  done
}

iptables_read() {
  local tool rules count
  redirected=0
  for tool in $(ip_tools); do
    rules=$("$tool" -w -t nat -v -S "ZEROGRAVITY_$uid" 2>/dev/null | grep -- '--to-ports') || continue
    installed_port=${rules##* }
    count=$(sed -n 's/.* -c \([0-9]*\) .*/\1/p' <<<"$rules")
    redirected=$((redirected + ${count:-0}))
  done
}

# ---- actions

choose_backend() {
  if [[ -z $backend ]]; then
    if nft_works; then backend=nft; else backend=iptables; fi
  fi
  "${backend}_works" || fail "$backend cannot be used here: install nftables (or iptables) and run with CAP_NET_ADMIN"
}

install_redirect() {
  find_user
  [[ -n $uid ]] || create_user
  choose_backend
  "${backend}_install" || fail "the $backend rules could not be installed"
  if [[ $backend == nft ]]; then iptables_remove; else nft_remove; fi
  echo "TCP 443 of the user $user (uid $uid) now goes to port $port, its UDP 443 is rejected ($backend)."
}

remove_redirect() {
  find_user
  if [[ -z $uid ]]; then
    echo "There is no user $user, hence no redirect."
    return
  fi
  nft_remove
  iptables_remove
  if nft_installed || iptables_installed; then fail "rules for uid $uid are still there"; fi
  echo "No redirect for the user $user (uid $uid)."
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
    echo "NOT intercepting: nothing listens on port $installed_port, so the user's connections are refused."
    return
  fi
  echo "Something listens on port $installed_port; $redirected connections were redirected since the rules are there."
  if ! answer=$(service_answer); then
    echo "The service's API at $api does not answer, so it is unknown what became of them."
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
    echo "No traffic yet: the user has made no connection to port 443."
  else
    echo "NOT intercepting: connections arrive, but no exchange was understood (does the client trust the CA?)."
  fi
}

show_status() {
  find_user
  [[ -n $uid ]] || { echo "Not installed: there is no user $user." && return 1; }
  nft_works || iptables_works || fail "neither nft nor iptables can be used here"
  installed_port="" redirected=0
  if nft_installed; then
    nft_read
  elif iptables_installed; then
    iptables_read
  else
    echo "Not installed: no redirect for the user $user (uid $uid)."
    return 1
  fi
  echo "Installed: TCP 443 of the user $user (uid $uid) goes to port $installed_port."
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
