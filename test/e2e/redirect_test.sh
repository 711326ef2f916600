#!/usr/bin/env bash
# The redirect script: exactly one user's port 443, and nothing left behind.
source "$(dirname "$0")/lib.sh"

begin redirect
start_usual_origin
start_python udp silent_udp.py
created=zgfresh$$
at_end() { userdel "$created" 2>/dev/null || true; }

run() { in_ns "$redirect" "$@"; }
rules() { in_ns nft list ruleset 2>/dev/null | sed 's/packets [0-9]* bytes [0-9]*//'; }
exits_with() {
  local expected=$1 code=0
  shift
  "$@" || code=$?
  ((code == expected))
}
installing_again_changes_nothing() {
  rules >"$work/once"
  run install --user zgclient --port 8742 --backend "$1" && rules >"$work/twice" && same "$work/once" "$work/twice"
}
port_is_replaced() {
  run install --user zgclient --port 9999 --backend "$1" || return 1
  rules | grep 9999 && ! rules | grep 8742
}

for backend in nft iptables; do
  command -v "$backend" >/dev/null || continue
  check "$backend: status says that nothing is installed" exits_with 1 run status --user zgclient
  check "$backend: install" run install --user zgclient --port 8742 --backend "$backend"
  check "$backend: status says that it is installed" run status --user zgclient
  check "$backend: installing twice is installing once" installing_again_changes_nothing "$backend"
  check "$backend: UDP 443 of the user is refused at once" intercepted "$python" "$here/udp_client.py" refused
  check "$backend: UDP 443 of another user gets through" directly "$python" "$here/udp_client.py" unanswered
  check "$backend: the user's TCP 443 goes to the port, where nobody listens" \
    exits_with 7 intercepted curl --silent --max-time 5 https://api.openai.com/
  check "$backend: the user's other ports are left alone" \
    exits_with 7 intercepted curl --silent --max-time 5 http://127.0.0.2:80/
  check "$backend: another user reaches the origin" directly curl --silent --show-error --max-time 5 https://api.openai.com/
  check "$backend: another port replaces the first" port_is_replaced "$backend"
  check "$backend: remove" run remove --user zgclient
  check "$backend: nothing of ours is left" fails grep -qi zerogravity <(rules)
  check "$backend: removing twice is no error" run remove --user zgclient
  run install --user zgclient --backend "$backend" >/dev/null && run remove --user zgclient >/dev/null
  check "$backend: the user reaches the origin again" as zgclient "$work/origin/origin-ca.pem" \
    curl --silent --show-error --max-time 5 https://api.openai.com/
done

# ---- as long as its owners live

owner() { sleep 1000 & owner_pid=$!; children+=("$owner_pid"); }
end_owner() { kill -KILL "$owner_pid"; wait "$owner_pid" 2>/dev/null || true; }
nothing_of_ours() { ! rules | grep -qi zerogravity && { ! command -v iptables >/dev/null || ! in_ns iptables-save | grep -qi zerogravity; }; }
no_holder() { ! pgrep -f '^zerogravity-redirect-' >/dev/null; }
for backend in nft iptables; do
  command -v "$backend" >/dev/null || continue
  owner
  check "$backend: a redirect that is to live as long as a process" \
    run install --user zgclient --port 8742 --backend "$backend" --while-pid "$owner_pid"
  check "$backend: is there while it lives" run status --user zgclient
  check "$backend: … and takes the user's TCP 443 to the port, where nobody listens" \
    exits_with 7 intercepted curl --silent --max-time 5 https://api.openai.com/
  end_owner
  check "$backend: and gone when it was killed" eventually nothing_of_ours
  check "$backend: the user reaches the origin again" as zgclient "$work/origin/origin-ca.pem" \
    curl --silent --show-error --max-time 5 https://api.openai.com/
  check "$backend: nobody holds it any longer" eventually no_holder
  owner
  first=$owner_pid
  owner
  run install --user zgclient --backend "$backend" --while-pid "$first,$owner_pid" >/dev/null
  end_owner
  check "$backend: of two owners the first that ends decides" eventually nothing_of_ours
  run install --user zgclient --backend "$backend" --while-pid "$first" >/dev/null
  check "$backend: another install takes its place" run install --user zgclient --port 9999 --backend "$backend" --while-pid "$first"
  check "$backend: with its port" grep -q 9999 <(rules; in_ns iptables-save 2>/dev/null)
  check "$backend: remove ends it before" run remove --user zgclient
  check "$backend: without a trace" eventually nothing_of_ours
  check "$backend: the owner is left alone" kill -0 "$first"
  check "$backend: no holder is left either" eventually no_holder
done
owner
end_owner
check "an owner that does not live is refused" exits_with 2 run install --user zgclient --while-pid "$owner_pid"
check "what is no number is refused" exits_with 2 run install --user zgclient --while-pid "1;x"
check "nothing was installed" nothing_of_ours

check "a missing user is created" run install --user "$created"
check "it has no login" grep -q nologin <(getent passwd "$created")
check "remove keeps the user" run remove --user "$created"
check "the user is still there" id "$created"
check "asked to, remove deletes the user that the script created" run remove --user "$created" --purge-user
check "the user is gone" fails id "$created"
check "a user of somebody else's is never deleted" exits_with 2 run remove --user zgclient --purge-user
check "root is refused" exits_with 2 run install --user root
check "a bad port is refused" exits_with 2 run install --user zgclient --port 70000
check "without root it says so" exits_with 2 setpriv --reuid zgclient --clear-groups bash "$redirect" status
summary
