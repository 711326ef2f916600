#!/usr/bin/env bash
# Who gets in, with which default: every sentence of docs/threat-model.md, tried as another user, as a web page in a real
# browser, through a rebound name, from another network namespace, and over a Unix socket. The sentences there name those here.
source "$(dirname "$0")/lib.sh"

browser=$(command -v chromium-headless-shell || command -v chromium) || skip "needs chromium-headless-shell"
[[ -x ${ZG_LANGUAGE_SERVER:?} ]] || skip "the language server simulator is not built"
begin door
far=zg-far-$$  # the network namespace of somebody else
at_end() {
  ip netns pids "$far" 2>/dev/null | xargs --no-run-if-empty kill -KILL 2>/dev/null || true
  ip netns delete "$far" 2>/dev/null || true
}
ip netns add "$far"
ip -n "$ns" link add near type veth peer name far netns "$far"
ip -n "$ns" address add 192.0.2.1/24 dev near
ip -n "$far" address add 192.0.2.2/24 dev far
ip -n "$ns" link set near up
ip -n "$far" link set far up
ip -n "$far" link set lo up
echo "127.0.0.1 rebound.example" >>"/etc/netns/$ns/hosts"
echo "127.0.0.9 evil.example friend.example" >>"/etc/netns/$ns/hosts"
start_usual_origin
redirect_client

url=http://127.0.0.1:8741
socket=$work/service/api.sock
everywhere='api.listen=["127.0.0.1:8741", "192.0.2.1:8741", "unix:'$socket'"]'
json='Content-Type: application/json'
turn='{"text":"run it [[ls:waiting=1]]"}'
raised='{"text":"run it [[ls:waiting=1]]","permissions":"allow"}'
own() { in_ns "$ZG_BIN" "${@:1:1}" --config "$work/config.toml" "${@:2}"; }
ask() { in_ns curl --silent --show-error --max-time 20 --noproxy '*' -o "$work/answer" -w '%{http_code}' "$@"; }
stranger() { in_ns setpriv --reuid zgother --regid zgother --clear-groups "$@"; }
ask_as_stranger() { stranger curl --silent --show-error --max-time 20 --noproxy '*' -o "$work/stranger" -w '%{http_code}' "$@"; }
ask_from_afar() { ip netns exec "$far" curl --silent --show-error --max-time 20 --noproxy '*' -o "$work/answer" -w '%{http_code}' "$@"; }
gets() { # STATUS COMMAND…: the status of an answer
  local wanted=$1 got
  shift
  got=$("$@") || true
  [[ $got == "$wanted" ]] || { echo "got $got instead of $wanted"; cat "$work/answer" "$work/stranger" 2>/dev/null; return 1; }
}
says() { grep -q -- "$1" "$work/answer" || { cat "$work/answer"; return 1; }; }
cascades() { api /v1/cascades | "$python" -c 'import json, sys; print(len(json.load(sys.stdin)["data"]))'; }
no_cascade_since() { local now; now=$(cascades); [[ $now == "$1" ]] || { echo "$1 cascades before, $now now"; return 1; }; }
touch "$work/stranger" "$work/answer"
chmod 666 "$work/stranger"

# ---- the key

first_start() { grep -q "(a key for other users and machines was made, $work/service/state/api-key; it is printed by: zerogravity key show)" "$work/service.log"; }
start_driving "" "$everywhere"
check "the first start makes a key and says once how to see it" first_start
check "... in a file that its user alone can read" test "$(stat -c '%a %U' "$work/service/state/api-key")" = "600 root"
key=$(own key show)
bearer="Authorization: Bearer $key"
unset key  # api() of the others is to come without it
check "... which zerogravity key show prints" test "${#bearer}" -gt 80
key_denied() { grep -q "$work/service/state/api-key: Permission denied" <(stranger "$ZG_BIN" key show --config "$work/config.toml" 2>&1); }
chmod a+r "$work/config.toml"
check "... and not to another user" key_denied

# ---- who asks

check "the service's user needs no key on loopback" gets 200 ask $url/v1/usage
routes=(GET:/v1/usage GET:/v1/usage/exchanges GET:/v1/models GET:/v1/cascades GET:/metrics GET:/readyz GET:/nothing
  POST:/v1/cascades POST:/v1/chat/completions POST:/v1/responses POST:/v1/cascades/x/cancel POST:/v1/cascades/x/interactions)
each_route() { # STATUS COMMAND…
  local status=$1 route
  shift
  for route in "${routes[@]}"; do
    gets "$status" "$@" -X "${route%%:*}" -H "$json" "$url${route#*:}" || { echo "of $route"; return 1; }
  done
}
before=$(cascades)
check "another user gets nothing without the key" each_route 401 ask_as_stranger
check "... and is told what to do" grep -q 'zerogravity key show' "$work/stranger"
check "... nor with another one" each_route 401 ask_as_stranger -H 'Authorization: Bearer zg-0123456789abcdef0123456789abcdef'
check "... only that the service is there" gets 200 ask_as_stranger $url/healthz
check "... and with the key gets in" gets 200 ask_as_stranger -H "$bearer" $url/v1/usage
sly() { stranger "$python" - <<'PY'
import socket, struct, time
words = b'{"text":"hello"}'
head = b"POST /v1/cascades HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(words)
for reset in (False, True):
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", 8741)) as to:
            to.sendall(head + words)
            if reset:
                to.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
time.sleep(0.5)
PY
}
check "another user whose socket is closed already, and is root's to the kernel" sly
check "... does nothing" no_cascade_since "$before"
usage_of_stranger() { stranger "$ZG_BIN" usage --config "$work/config.toml" 2>&1 || true; }
check "another user's command is told what to do" grep -q 'zerogravity key show' <(usage_of_stranger)

# ---- other networks

check "another network namespace does not get in without the key" gets 401 ask_from_afar http://192.0.2.1:8741/v1/usage
check "... be it root of its own" test "$(ip netns exec "$far" id -u)" = 0
check "... and does with it, by any name" \
  gets 200 ask_from_afar --resolve gateway.example:8741:192.0.2.1 -H "$bearer" http://gateway.example:8741/v1/usage
check "... nor does this machine by an address that others can reach, too" gets 401 ask http://192.0.2.1:8741/v1/usage
check "that others can reach it, and without TLS, is in the log" grep -q 'can be reached from other machines' "$work/service.log"

# ---- the Unix socket

by_path=(--unix-socket "$socket")
check "the Unix socket is for the service's user" test "$(stat -c '%a %U' "$socket")" = "600 root"
check "... who needs no key" gets 200 ask "${by_path[@]}" http://any.name/v1/usage
check "... in HTTP/2 as well" gets 200 ask "${by_path[@]}" --http2-prior-knowledge http://any.name/v1/usage
check "... as zerogravity usage by that path" own usage --url "unix:$socket"
chmod 755 "$work/service"
check "another user cannot connect to it" fails ask_as_stranger "${by_path[@]}" http://any.name/healthz
chmod 666 "$socket"
check "... and where the file lets them, still needs the key" gets 401 ask_as_stranger "${by_path[@]}" http://any.name/v1/usage
check "... and has it" gets 200 ask_as_stranger -H "$bearer" "${by_path[@]}" http://any.name/v1/usage
check "a web page gets in there as little" gets 403 ask "${by_path[@]}" -H 'Origin: https://evil.example' http://any.name/v1/usage

# ---- web pages, in words

evil=(-H 'Origin: http://evil.example')
refused_everywhere() { # WHAT…
  local way
  for way in --http1.1 --http2-prior-knowledge --http2; do
    gets 403 ask $way "$@" $url/v1/usage && gets 403 ask $way "$@" $url/ || return 1
    gets 403 ask $way "$@" -H "$json" -d "$turn" $url/v1/cascades || return 1
    gets 403 ask $way "$@" -H "$bearer" -H "$json" -d "$turn" $url/v1/cascades || return 1
  done
}
check "a page of another origin is refused, whoever's the browser, in both versions of HTTP" refused_everywhere "${evil[@]}"
check "... in words" says 'http://evil.example.*api.cors_origins'
check "... and the page of a sandbox" refused_everywhere -H 'Origin: null'
check "... and one of another port of this machine" refused_everywhere -H 'Origin: http://localhost:3000' -H 'Sec-Fetch-Site: same-site'
check "... and what comes without an origin, but from another site" refused_everywhere -H 'Sec-Fetch-Site: cross-site'
check "... and who says two origins" gets 400 ask -H 'Origin: http://127.0.0.1:8741' "${evil[@]}" $url/v1/usage
check "... and what asks for a web socket" \
  gets 403 ask "${evil[@]}" -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
  -H 'Sec-WebSocket-Key: aaaaaaaaaaaaaaaaaaaaaa==' $url/v1/responses
check "what is typed into the address bar is answered" gets 200 ask -H 'Sec-Fetch-Site: none' -H 'Sec-Fetch-Mode: navigate' $url/v1/usage
check "a body that a page can send unasked is refused, whoever sends it" gets 415 ask -H 'Content-Type: text/plain' -d "$turn" $url/v1/cascades
check "... and so is one without a type" gets 415 ask -H 'Content-Type:' -d "$turn" $url/v1/cascades
check "... in HTTP/2 as well" gets 415 ask --http2-prior-knowledge -H 'Content-Type: text/plain' -d "$turn" $url/v1/chat/completions
rebound() { gets 421 ask "$@" http://rebound.example:8741/v1/usage; }
check "a name that was bound to this machine is refused" rebound
check "... with the key as well" rebound -H "$bearer"
check "... in HTTP/2 as well" rebound --http2-prior-knowledge
guarded() { # STATUS CURL-ARGUMENTS…
  local head wanted=$1
  shift
  head=$(in_ns curl --silent --max-time 20 -o /dev/null -D - "$@" | tr -d '\r')
  grep -qE "^HTTP/[0-9.]+ $wanted" <<<"$head" && grep -qi '^x-content-type-options: nosniff$' <<<"$head" &&
    grep -qi '^cross-origin-resource-policy: same-origin$' <<<"$head" &&
    grep -qi "^content-security-policy: default-src 'none'; frame-ancestors 'none'$" <<<"$head" || { echo "$head"; return 1; }
}
guarded_all() {
  local way
  for way in --http1.1 --http2-prior-knowledge; do
    guarded 200 $way $url/v1/usage && guarded 404 $way $url/nothing && guarded 403 $way "${evil[@]}" $url/ &&
      guarded 421 $way http://rebound.example:8741/ && guarded 401 $way http://192.0.2.1:8741/v1/usage &&
      guarded 200 $way -H "$json" -d '{"text":"hello"}' $url/v1/cascades || return 1
  done
}
check "every answer keeps a browser from guessing its type and from showing it in a page" guarded_all

# ---- web pages, in a browser

start_python pages door_pages.py 127.0.0.9 9999
visit() { # ORIGIN TARGET LOG: what the page says of each attempt
  local old
  old=$(wc -l <"$work/pages.log")
  rm -rf "$work/profile"
  # No shell function here: $! must be what ends with its signal.
  ip netns exec "$ns" env -i PATH="$PATH" HOME="$work" timeout 60 "$browser" --no-sandbox --headless --disable-gpu --no-first-run \
    --user-data-dir="$work/profile" --remote-debugging-port=0 "$1/?target=$2" >"$work/browser.log" 2>&1 &
  local visitor=$!
  timeout 60 grep -m 1 -q '^page: done' <(tail -n "+$((old + 1))" -f --pid="$visitor" "$work/pages.log" 2>/dev/null)
  kill "$visitor" 2>/dev/null
  wait "$visitor" 2>/dev/null || true
  tail -n "+$((old + 1))" "$work/pages.log" >"$3"
  grep -q '^page: done' "$3"
}
reached() { grep -qE "^recorded: $1" "$work/tried" || { cat "$work/tried"; return 1; }; }
went() { grep -qE "^page: $1 went: $2" "$3" || { cat "$3"; return 1; }; }
failed() { grep -qE "^page: $1 failed" "$2" || { cat "$2"; return 1; }; }
check "a page tries all that browsers let it try" visit http://evil.example http://127.0.0.1:9999 "$work/tried"
check "... a form whose text is JSON" reached 'POST /v1/cascades text/plain \{"text":"run it.*"permissions":"allow"'
check "... a body without a type" reached 'POST /v1/cascades - \{"text":"run it'
check "... a form without a body" reached 'POST /v1/cascades/any/cancel'
check "... pictures, scripts and events" test "$(grep -c '^recorded: GET /v1/usage' "$work/tried")" -ge 4
before=$(cascades)
check "the same page, in the browser of the service's own user, tries them on the service" visit http://evil.example $url "$work/evil"
check "... and begins nothing" no_cascade_since "$before"
all_failed() { local way; for way in 'fetch json' 'fetch to read' image script 'event source' 'web socket'; do failed "$way" "$work/evil" || return 1; done; }
check "... and reads nothing" all_failed

# ---- permissions

check "nobody raises what is granted to steps, not even with the key" gets 403 ask -H "$bearer" -H "$json" -d "$raised" $url/v1/cascades
check "... in words" says 'language_server.permission_command.*api.permissions'
check "... nor a command" fails own cascade --allow hello
interaction() { printf '{"step":%s,"trajectory_id":"%s","kind":"%s","allow":true}' "$@"; }
check "a step of a kind that is denied is not allowed by an answer either" \
  gets 403 ask -H "$bearer" -H "$json" -d "$(interaction 2 t run_command)" $url/v1/cascades/x/interactions
stop_driving || true
check "the Unix socket has gone with the service" test ! -e "$socket"

start_driving "" "$everywhere" language_server.permission_command=report language_server.permission_file=report 'api.cors_origins=["http://friend.example"]'
bearer="Authorization: Bearer $(own key show)"
in_ns curl -sSN --max-time 30 -H "$json" -d "$turn" $url/v1/cascades >"$work/turn" &
children+=("$!")
asks() { grep -q '"type":"waiting"' "$work/turn"; }
check "where it is configured a step asks its client" eventually asks
cascade_of_turn=$("$python" -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())["id"])' "$work/turn")
step_of_turn=$("$python" -c 'import json, sys
w = next(d for d in map(json.loads, open(sys.argv[1])) if d["type"] == "waiting")
print(w["step"], w["trajectory_id"] or "t", w["kind"])' "$work/turn")
# shellcheck disable=SC2086
answer=(-H "$json" -d "$(interaction $step_of_turn)" "$url/v1/cascades/$cascade_of_turn/interactions")
check "... and another user does not answer it" gets 401 ask_as_stranger "${answer[@]}"
check "... nor does a page" gets 403 ask "${evil[@]}" "${answer[@]}"
check "... nor does who takes it for another kind" \
  gets 400 ask -H "$json" -d "$(interaction "${step_of_turn%% *}" t file)" "$url/v1/cascades/$cascade_of_turn/interactions"
check "... nor may a turn have more than that" gets 403 ask -H "$json" -d "$raised" $url/v1/cascades
ran() { grep -q '"type":"tool".*"status":"done"' "$work/turn"; }
check "until then it has not run" fails ran
check "its client does" gets 200 ask "${answer[@]}"
check "... and it runs" eventually ran
check "a request may ask for less" grep -q '"status":"canceled"' \
  <(in_ns curl -sSN --max-time 30 -H "$json" -d "${raised/allow/deny}" $url/v1/cascades)

# ---- a page that is listed

before=$(cascades)
check "a page whose origin is listed tries the same" visit http://friend.example $url "$work/friend"
check "... and reads" went 'fetch to read' '\{"' "$work/friend"
check "... and asks" went 'fetch json' '\{"type":"cascade"' "$work/friend"
check "... and opens a web socket" went 'web socket' open "$work/friend"
check "... and what it sends unasked is refused all the same" no_cascade_since $((before + 1))
stop_driving || true

start_driving "" "$everywhere" api.permissions=client
bearer="Authorization: Bearer $(own key show)"
check "where it is left to clients, raising takes the key and not only the user" gets 403 ask -H "$json" -d "$raised" $url/v1/cascades
check "... in words" says 'zerogravity key show'
check "... and works with it" grep -q '"status":"done"' <(in_ns curl -sSN --max-time 30 -H "$bearer" -H "$json" -d "$raised" $url/v1/cascades)
check "... which the command sends by itself" own cascade --allow 'run it [[ls:waiting=1]]'
stop_driving || true

# ---- the key of everybody, and who may see it

ordinary() { # LINES of [api]: a service of zgservice, which drives nothing
  rm -rf "$work/service"
  write_config </dev/null
  sed -i "s|^listen = \"127.0.0.1:8741\"|listen = [\"127.0.0.1:8741\", \"unix:$socket\"]\n$1|" "$work/config.toml"
  : >"$work/service.log"
  start_service
  chmod 755 "$work/service"
}
as_service() { in_ns setpriv --reuid zgservice --regid zgservice --clear-groups "$@"; }

ordinary 'require_key = true'
secret=$(as_service "$ZG_BIN" key show --config "$work/config.toml")
check "where the key is required the service's user needs it, too" \
  gets 401 as_service curl -s -o /dev/null -w '%{http_code}' $url/v1/usage
check "... on the Unix socket as well" gets 401 ask "${by_path[@]}" http://any.name/v1/usage
check "... and has it" gets 200 ask -H "Authorization: Bearer $secret" $url/v1/usage
check "... and the commands find it by themselves" as_service "$ZG_BIN" usage --config "$work/config.toml"
check "... also root's" own usage
check "the key is in no log" fails grep -q "$secret" "$work/service.log"
kill_service
check "after kill -9 the file of the Unix socket is still there" test -S "$socket"
touch "$work/thief.log"
ip netns exec "$ns" setpriv --reuid zgother --regid zgother --clear-groups "$python" "$here/door_listener.py" >"$work/thief.log" 2>&1 &
thief=$!
children+=("$thief")
await_line "$work/thief.log" '^ready' "$thief"
as_service timeout 10 "$ZG_BIN" usage --config "$work/config.toml" >/dev/null 2>&1 || true
asked_the_thief() { grep -q '^GET /v1/usage' "$work/thief.log"; }
check "a process of another user that has taken the service's port is asked" eventually asked_the_thief
check "... without being shown the key" fails grep -qi '^authorization' "$work/thief.log"
kill -KILL "$thief"
wait "$thief" 2>/dev/null || true

# ---- an ordinary user's service

ordinary ''
check "an ordinary user's service lets that user in" \
  gets 200 as_service curl -s -o /dev/null -w '%{http_code}' $url/v1/usage
check "... and root, who can read its key" gets 200 ask $url/v1/usage
check "... and nobody else" gets 401 ask_as_stranger $url/v1/usage
kill_service
start_service
check "a dead service's Unix socket is replaced" gets 200 ask "${by_path[@]}" http://any.name/v1/usage
second_service() { as_service timeout 20 "$ZG_BIN" serve --config "$work/config.toml" \
  --api-listen "unix:$socket" --mitm-listen 127.0.0.1:0 2>&1; }
check "... and a living one's refused" grep -q "cannot listen on unix:$socket (api.listen): another service answers there" <(second_service || true)
kill_service
chmod 644 "$work/service/state/api-key"
check "a key that others can read is refused at the start, with what to do" grep -q 'mode 0644.*chmod 600' <(second_service || true)
summary
