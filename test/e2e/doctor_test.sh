#!/usr/bin/env bash
# The doctor says what works, and means it: its exit code follows an exchange that was really intercepted.
source "$(dirname "$0")/lib.sh"

begin doctor
start_usual_origin
home=$work/home
mkdir "$home"
chown zgclient "$home"

user() {
  in_ns setpriv --reuid zgclient --regid zgclient --clear-groups \
    env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$home" LC_ALL=C.UTF-8 ASAN_OPTIONS="${ASAN_OPTIONS:-}" \
    timeout --kill-after=5 60 "$@"
}
# `examined CODE EXPRESSION COMMAND…`: of d, the diagnosis, and topic(NAME), a finding.
examined() {
  local expected=$1 expression=$2 code=0
  shift 2
  "$@" --json >"$work/diagnosis.json" || code=$?
  "$python" -c '
import json, sys
d = json.load(open(sys.argv[1]))
topic = lambda name: next(f for f in d["findings"] if f["topic"] == name)
if not eval(sys.argv[2]) or sys.argv[3] != sys.argv[4]:
    sys.exit(f"not so: {sys.argv[2]}, exit code {sys.argv[4]}\n" + json.dumps(d, indent=1))' \
    "$work/diagnosis.json" "$expression" "$expected" "$code"
}
doctor() { user "$ZG_BIN" doctor "$@"; }

check "an ordinary user's run works, shown by an exchange that was intercepted" \
  examined 0 'd["way"] == "run" and d["works"] and topic("exchange")["state"] == "ok" and "zerogravity CA" in topic("exchange")["detail"]' doctor
check "nothing of it is in the user's ledger" fails test -e "$home/.local/state/zerogravity/usage.db"
check "nothing of it is left in the temporary folder" fails compgen -G '/tmp/zerogravity-doctor.*'
check "a run leaves no CA behind" examined 0 'topic("ca")["state"] == "absent"' doctor
check "it lists nothing that a run of an ordinary user does not need" \
  examined 0 'not [f for f in d["findings"] if f["topic"].startswith(("scope user", "scope cgroup", "service", "port ", "redirect", "trust of O"))]' doctor
mkdir "$work/bin"
install -m 755 "$ZG_BIN" "$work/bin/zerogravity"
check "an installed program names no file of the source tree" \
  examined 0 'not [f for f in d["findings"] if "scripts/" in str(f["next"]) or "build/" in str(f["next"])]' user "$work/bin/zerogravity" doctor
echo "state_dir = \"$work/bin/state\"" >"$work/bin/config.toml"
as_root_installed() {
  in_ns env -i PATH="$PATH" HOME=/nonexistent timeout 60 "$work/bin/zerogravity" --config "$work/bin/config.toml" doctor "$@"
}
check "… nor to root" examined 0 'not [f for f in d["findings"] if "scripts/" in str(f["next"]) or "build/" in str(f["next"])]' as_root_installed
check "every finding that is broken says what to do" \
  examined 0 'all(f["next"] for f in d["findings"] if f["state"] == "broken")' doctor
without_namespaces() {
  user unshare --user --map-current-user --keep-caps bash -c '
    echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps -all --inh-caps -all "$@"' - "$ZG_BIN" doctor "$@"
}
check "without user namespaces it says so, what to set, and that the proxy works" \
  examined 0 '"user namespace" in topic("scope run")["detail"] and "max_user_namespaces" in topic("scope run")["next"] and topic("exchange")["state"] == "ok"' \
  without_namespaces
chmod 000 "$home/.local/state/zerogravity"
check "a state directory that cannot be read is an exchange that does not work" \
  examined 1 'not d["works"] and topic("exchange")["state"] == "broken"' doctor
check "in words as well" grep -q '^Interception does not work (run)' <(doctor)
chmod 700 "$home/.local/state/zerogravity"

start_usual_service
root_doctor_text() { in_ns env -i PATH="$PATH" HOME=/nonexistent timeout 60 "$ZG_BIN" --config "$work/config.toml" doctor || true; }
root_doctor() { in_ns env -i PATH="$PATH" HOME=/nonexistent timeout 60 "$ZG_BIN" --config "$work/config.toml" doctor "$@"; }
check "as root, the service and its redirect work: a user's exchange was intercepted" \
  examined 0 'd["way"] == "service" and topic("redirect")["state"] == "ok" and topic("exchange")["state"] == "ok"' root_doctor
check "it says what to type where programs started from here trust nobody" \
  examined 0 'topic("trust of Node")["next"] == "eval \"$(zerogravity ca env)\""' root_doctor
check "what the service depends on is listed, too" \
  examined 0 'topic("service, ledger")["state"] == "ok" and "expires" in topic("service, ca")["detail"]' root_doctor
in_ns "$redirect" remove --user zgclient >/dev/null
check "without the redirect nothing works, and it says how to install it" \
  examined 1 'topic("redirect")["state"] == "broken" and "install" in topic("redirect")["next"]' root_doctor
kill_service
rm -rf "$work/service"
start_driving ""
in_ns env HOME=/root "$ZG_BIN" --config "$work/config.toml" cascade hello >"$work/turn.log" 2>&1
check "the language server that the service drives is listed with the kind of its stream" \
  examined 1 '"stream: " in topic("service, language_server")["detail"]' root_doctor
check "a token that all users can read is told, with what hides it" \
  examined 1 'topic("language server token")["state"] == "absent" and "hidepid" in topic("language server token")["next"]' root_doctor
attached() { in_ns env HOME=/root timeout 20 "$ZG_BIN" --config "$work/config.toml" attach; }
check "attach finds the demonstration's server" grep -q "$(basename "$ZG_LANGUAGE_SERVER") (process $(server_pid)" <(attached)
stop_driving
in_ns "$python" -c '
import socket
s = socket.create_server(("127.0.0.1", 8741))
print("ready", flush=True)
while True:
    peer, _ = s.accept()
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\nConnection: close\r\n\r\n{\"dependencies\":[5,{\"name\":7}]}        ")
    peer.close()' >"$work/impostor.log" 2>&1 &
children+=("$!")
await_line "$work/impostor.log" '^ready' "$!"
check "a stranger in the place of the service ends no examination" grep -q 'Interception' <(root_doctor_text)
summary
