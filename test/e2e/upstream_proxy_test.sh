#!/usr/bin/env bash
# A service that reaches its origins through a proxy, as a company's network may ask for.
source "$(dirname "$0")/lib.sh"

begin proxy
start_usual_origin
proxy_journal=$work/proxy.journal
start_python corporate_proxy corporate_proxy.py 3128 "$proxy_journal"
# A service with such a key; further ones follow.
serve_with() {
  write_config </dev/null
  local key
  for key in "$@"; do sed -i "s|^\[mitm\]|[mitm]\n$key|" "$work/config.toml"; done
  start_service
  : >"$proxy_journal"
}
asked() { grep -cE -- "$1" "$proxy_journal" || true; }
asks() { [[ $(asked "$2") == "$1" ]] || { cat "$proxy_journal" && return 1; }; }

serve_with 'upstream_proxy = "http://user:secret@127.0.0.1:3128"'
redirect_client
check "a call comes through" call_model first
check "by the proxy, which resolves the name" asks 1 '^200 api.openai.com:443$'
check "and is accounted" eventually row "r['response_id'] == 'chatcmpl-first'"
check "what is on this machine, and no provider, is reached directly" as zgclient "$work/origin/origin-ca.pem" \
  curl --silent --show-error --fail --output /dev/null --resolve "$other_host:443:127.0.0.2" "https://$other_host/"
check "without the proxy" asks 0 "$other_host"
check "what is elsewhere goes through the proxy unopened" as zgclient "$work/origin/origin-ca.pem" \
  curl --silent --show-error --fail --output /dev/null --resolve "$other_host:443:[fd00::2]" "https://$other_host/"
check "by its name" asks 1 "^200 $other_host:443\$"
shown_nowhere() { ! grep -rq "user:secret\|dXNlcjpzZWNyZXQ" "$work/service.log" && ! in_ns "$ZG_BIN" check-config --config "$work/config.toml" | grep -q secret; }
check "the password is shown nowhere" shown_nowhere
check "the doctor knows of it" grep -q 'through http://127.0.0.1:3128, as mitm.upstream_proxy says' \
  <(in_ns "$ZG_BIN" --config "$work/config.toml" doctor 2>&1)
kill_service

serve_with 'upstream_proxy = "http://user:secret@127.0.0.1:3128"' 'no_proxy = [".openai.com", "fd00::/8"]'
check "an exempt name is reached directly" call_model second
check "and an exempt network" as zgclient "$work/origin/origin-ca.pem" \
  curl --silent --show-error --fail --output /dev/null --resolve "$other_host:443:[fd00::2]" "https://$other_host/"
check "without the proxy's knowledge" asks 0 .
kill_service

refusal() { intercepted curl --silent --show-error --max-time 20 -d '{}' https://api.openai.com/v1/chat/completions | grep -E -- "$1"; }
serve_with 'upstream_proxy = "http://user:wrong@127.0.0.1:3128"'
check "a proxy that refuses is named to the client, with what it said" refusal 'http://127.0.0.1:3128: it answered 407.*user:password@'
check "and to the log" eventually grep -q 'answered 407' "$work/service.log"
kill_service
serve_with 'upstream_proxy = "http://127.0.0.1:1"'
check "a proxy out of reach as well" refusal 'http://127.0.0.1:1 cannot be reached'
kill_service
refused_in_words() { ! in_ns "$ZG_BIN" check-config --set "mitm.upstream_proxy=$1" >"$work/said" 2>&1 && grep -q "$2" "$work/said" && ! grep -q secret "$work/said"; }
check "one of another kind is refused in words" refused_in_words socks5://user:secret@127.0.0.1:1 'only http:// proxies'
check "and so is what is no URL" refused_in_words http://user:secret@ 'expected http://'
summary
