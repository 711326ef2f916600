#!/usr/bin/env bash
# Interception does not switch itself off, and what it cannot read is said.
source "$(dirname "$0")/lib.sh"

begin interception
start_usual_origin
# A second CA, for origins that the simulator cannot be.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/second.key" -subj "/CN=second" \
  -days 2 -out "$work/second.pem" 2>/dev/null
cat "$work/second.pem" >>"$work/origin/origin-ca.pem"
write_config <<EOF
[limits]
bypass_after = 3
bypass_for = "1m"
process_blind = "100ms"
EOF
service_rights=("${sees_programs[@]}")
start_service
redirect_client

rows() { usage_value 'u["interception"]["exchanges_seen"]'; }
nothing_bypassed() { holds 'u["interception"]["bypassed_hosts"] == []'; }
not_read() { holds "any(g['host'].endswith('$1') and g['why'] == '$2' for g in u['unread'])"; }
logged_times() { [[ $(grep -c -- "$2" "$work/service.log") == "$1" ]]; }
hello() { intercepted "$python" "$here/hello_client.py" "$@"; }

# ---- what is no refusal
check "clients that trust us and leave without a request" hello silent api.openai.com 5
check "clients that are killed in the middle of their handshake" hello killed api.openai.com 5
check "… bypass nothing" nothing_bypassed
check "… and the next call is intercepted" call_model after-silence
check "… and counted" eventually row 'r["response_id"] == "chatcmpl-after-silence"'

# ---- one program of two
curl=$(command -v curl)
for name in trusting distrusting; do cp "$curl" "$work/$name" && chmod 755 "$work/$name"; done
distrusting() { as zgclient "$work/origin/origin-ca.pem" "$work/distrusting" --silent --show-error --max-time 20 https://api.anthropic.com/; }
trusting() { intercepted "$work/trusting" --silent --show-error --fail --max-time 20 -H "x-sim: id=$1" \
  -d '{"model":"gpt-sim","messages":[]}' https://api.anthropic.com/v1/messages; }
rejects() { ! distrusting; }
for attempt in first second third; do
  check "a program that does not trust our CA fails ($attempt attempt)" rejects
done
check "then it is passed by, and gets through" eventually distrusting
check "/v1/usage names the program and the host" \
  holds "any(h['host'] == 'api.anthropic.com' and h['program'] == '$work/distrusting' for h in u['interception']['bypassed_hosts'])"
check "/readyz names the program" bash -c "ip netns exec $ns curl -sS http://127.0.0.1:8741/readyz | grep -q '$work/distrusting'"
check "what it does there counts as not read" not_read api.anthropic.com bypassed
check "… with the program's name" \
  holds "any(g['why'] == 'bypassed' and g.get('program', '').startswith('$work/distrusting') for g in u['unread'])"
check "… as the table says" grep -q "was not read: .*$work/distrusting" <(in_ns setpriv --reuid zgservice --regid zgservice --clear-groups \
  env -i PATH="$PATH" HOME=/nonexistent "$ZG_BIN" usage --url http://127.0.0.1:8741)
check "/readyz warns of it" \
  holds "any(d['status'] == 'warning' and 'to api.anthropic.com' in d['reason'] for d in u['dependencies'])" /readyz
check "another program of the same user is intercepted as before" trusting other
check "… and counted" eventually row "r['executable'] == '$work/trusting'"
check "its failed sessions are said once, not per connection" logged_times 1 'session failed.*client rejected the certificate'

# ---- hellos of all kinds
check "a ClientHello of 40 KiB is intercepted" hello padded api.openai.com 40000
check "one whose ALPN is http/1.0 alone is intercepted" hello alpn api.openai.com http/1.0
check "one whose ALPN is unknown to the origin is intercepted" hello alpn api.openai.com foo
fails_on_length() { hello padded api.openai.com 70000 || true; }
fails_on_length >/dev/null 2>&1
check "a ClientHello over 64 KiB is said not to be read" eventually not_read :443 client_hello
offers() { intercepted openssl s_client -connect api.openai.com:443 -servername api.openai.com -tls1_2 -cipher "$1" </dev/null; }
check "a client that offers CBC with SHA-1 alone is refused" fails offers 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'
check "one that takes RSA certificates alone is intercepted" offers ECDHE-RSA-AES128-GCM-SHA256
intercepted openssl s_client -connect api.openai.com:443 -servername api.openai.com -sigalgs ed25519 </dev/null >/dev/null 2>&1 ||
  true
check "a client that our certificates cannot serve is said not to be read" eventually not_read api.openai.com tls

# ---- the leg to the origin
leaf() { # FILE EXTENSION SUBJECT
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -subj "/CN=$3" -out "$1.csr" 2>/dev/null
  printf '%s' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$work/second.pem" -CAkey "$work/second.key" -CAcreateserial \
    -days 2 -out "$1.pem" -extfile "$1.ext" 2>/dev/null
}
old_origin() { # ADDRESS CERTIFICATE OPTIONS…
  ip netns exec "$ns" openssl s_server -accept "$1:443" -cert "$2.pem" -key "$2.key" -www -quiet "${@:3}" >/dev/null 2>&1 &
  children+=("$!")
  eventually in_ns bash -c "exec 3<>/dev/tcp/$1/443"
}
status() { # ADDRESS CURL-ARGUMENTS…
  intercepted curl --silent --max-time 10 --resolve "api.openai.com:443:$1" -o /dev/null -w '%{http_code}' "${@:2}" https://api.openai.com/
}
is_status() { [[ $(status "${@:2}") == "$1" ]]; }
leaf "$work/good" 'subjectAltName=DNS:api.openai.com' good
leaf "$work/cnonly" 'basicConstraints=CA:FALSE' api.openai.com
old_origin 127.0.0.11 "$work/good" -tls1_2
old_origin 127.0.0.12 "$work/cnonly"
old_origin 127.0.0.13 "$work/good" -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA
check "a client that insists on TLS 1.3 is not served over an origin's TLS 1.2" is_status 502 127.0.0.11 --tlsv1.3
check "… one that takes both is" is_status 200 127.0.0.11
check "a certificate that has the host's name only as its common name is refused" is_status 502 127.0.0.12
check "an origin with CBC and SHA-1 alone is refused" is_status 502 127.0.0.13

# ---- what is kept for the next client
reused() { api /metrics | awk '/^zerogravity_upstreams_reused_total/{print $2}'; }
reuses() { [[ $(reused) -gt $1 ]]; }
before=$(reused)
check "a program's next connection is served by the upstream of its last one" hello calls api.openai.com 3
check "… as the metrics say" eventually reuses "$before"
if command -v nghttpx >/dev/null; then
  ip netns exec "$ns" nghttpx --conf=/dev/null --errorlog-file="$work/front.log" --no-ocsp --workers=1 \
    --frontend='127.0.0.14,443' --backend='127.0.0.2,443;;tls;sni=api.openai.com' --cacert="$work/origin/origin-ca.pem" \
    "$work/good.key" "$work/good.pem" >/dev/null 2>&1 &
  children+=("$!")
  eventually in_ns bash -c "exec 3<>/dev/tcp/127.0.0.14/443"
  check "behind a front, a call after an Upgrade that was refused works directly" \
    directly "$python" "$here/hello_client.py" upgrade api.openai.com 127.0.0.14
  check "… and so it does through the interceptor" hello upgrade api.openai.com 127.0.0.14
fi

# ---- bombs
start_python bombs bomb_origin.py 127.0.0.15 "$work/good.pem" "$work/good.key"
size=$(awk '/^ready/{print $2}' "$work/bombs.log")
bomb() { # the bytes of the answer, as they came
  intercepted curl --silent --max-time 30 --http1.1 --resolve api.openai.com:443:127.0.0.15 -d '{"model":"gpt-sim","messages":[]}' \
    -o /dev/null -w '%{size_download}' https://api.openai.com/v1/chat/completions
}
whole_bomb() { [[ $(bomb) == "$size" ]]; }
# A request that is a bomb goes to the usual origin, which is free to dislike it.
"$python" -c 'import gzip, sys; sys.stdout.buffer.write(gzip.compress(b" " * (256 << 20)))' >"$work/request.gz"
chmod 644 "$work/request.gz"
request_bomb() {
  intercepted curl --silent --max-time 30 --http1.1 -H 'content-encoding: gzip' -H 'x-sim: id=request-bomb' \
    --data-binary @"$work/request.gz" -o /dev/null https://api.openai.com/v1/chat/completions
}
call_model beside-bombs events=40,delay_ms=20 >"$work/beside" & beside=$!
for n in first second third; do check "the $n bomb arrives whole" whole_bomb; done
check "a request that is a bomb leaves" request_bomb
# Only a parent can wait.
beside_ended=0
wait "$beside" || beside_ended=$?
check "a stream beside them ends well" test "$beside_ended" = 0
check "… with all of its events" grep -q '\[DONE\]' "$work/beside"
check "… and is booked" eventually row 'r["response_id"] == "chatcmpl-beside-bombs" and r["status"] == "complete"'
check "the bombs are rows that say they were not read, and by which limit" \
  eventually row 'r["status"] == "not_read" and r["error_reason"] == "limits.decoded_ratio"'
check "/v1/usage says so" not_read api.openai.com body
check "the log says it" grep -q 'was not read to its end.*limits.decoded_ratio' "$work/service.log"
check "the service goes on" call_model after-bombs
summary
