#!/usr/bin/env bash
# Who is intercepted and what is not: other users, other hosts, other protocols, and the interceptor itself.
source "$(dirname "$0")/lib.sh"

begin isolation
start_usual_origin
start_python echo plain_echo.py
start_usual_service

look() { "$1" "$python" "$here/isolation_client.py" "${@:2}"; }
as_redirected_trusting_the_origin() { as zgclient "$work/origin/origin-ca.pem" "$@"; }
mode_is() { [[ $(stat -c %a "$2") == "$1" ]] || { stat "$2" && return 1; }; }

check "the redirected user sees a certificate of our CA" look intercepted issuer api.openai.com ours
check "it names the host" look intercepted leaf
check "another user sees the origin's own certificate" look directly issuer api.openai.com origin
check "a host that is not configured is passed through, certificate and all" \
  look as_redirected_trusting_the_origin issuer "$other_host" origin
check "without SNI the leaf has the names of the origin's certificate" look intercepted no_server_name
check "a ClientHello may come byte by byte" look intercepted split_hello
check "what is not TLS is passed through" look intercepted not_tls
check "a client that would like HTTP/2 gets HTTP/1.1" \
  intercepted curl --silent --show-error --fail --http2 --output /dev/null https://api.openai.com/
check "the bundle holds a CA that is constrained to the configured hosts" look intercepted constrained_ca
check "the bundle is readable for everyone" mode_is 644 "$work/service/bundle.pem"
check "no other user can read a key of the service" \
  fails as zgother /dev/null bash -c "cat $work/service/state/*key* || cat $work/service/state/*/*key*"
check "the service refuses a connection to itself (IPv4)" look directly refused_by_itself 127.0.0.1
check "the service refuses a connection to itself (IPv6)" look directly refused_by_itself ::1
check "such a connection is not looped" holds 'u["interception"]["connections"] < 30'
check "the log says why" grep -qiE 'itself|loop|own address' "$work/service.log"
check "no host was passed by for lack of trust" holds 'u["interception"]["bypassed_hosts"] == []'
check "the service still lives" kill -0 "$service_pid"
in_ns "$redirect" remove --user zgclient >/dev/null
check "once the redirect is removed the user sees the origin's own certificate" \
  look as_redirected_trusting_the_origin issuer api.openai.com origin
summary
