#!/usr/bin/env bash
# Origins that cannot be reached or trusted, and clients that do not trust us: said in words, counted, survived.
source "$(dirname "$0")/lib.sh"

begin failures
watched=("${hosts[@]}" cloudcode-pa.googleapis.com)
start_usual_origin
start_origin impostor 127.0.0.3:443 -- "${hosts[@]}"
write_config <<EOF
[limits]
bypass_after = 3
bypass_for = "5s"
EOF
start_service
redirect_client

# `answers CODE REASON CURL-ARGUMENTS…`: a JSON error of the service's own with that status.
answers() {
  local expected=$1
  shift
  # The status code is the last line.
  intercepted curl --silent --show-error --max-time 30 --http1.1 -w '\n%{http_code}' \
    -d '{"model":"gpt-sim","messages":[]}' "$@" >"$work/answer" || return 1
  cat "$work/answer"
  [[ $(tail -n 1 "$work/answer") == "$expected" ]] &&
    head -n -1 "$work/answer" | "$python" -c 'import json, sys; assert json.load(sys.stdin)["error"]["message"]'
}
url=https://api.openai.com/v1/chat/completions

check "an origin that refuses connections is a 502 in JSON" answers 502 --resolve api.openai.com:443:127.0.0.4 "$url"
check "an origin with a certificate of an unknown CA is a 502 in JSON" answers 502 --resolve api.openai.com:443:127.0.0.3 "$url"
check "an origin with a certificate for other names is a 502 in JSON" \
  answers 502 --resolve cloudcode-pa.googleapis.com:443:127.0.0.2 https://cloudcode-pa.googleapis.com/v1internal:generateContent
check "each left a row with the error" eventually holds 'u["totals"]["errors"] == 3'
check "the row names the reason" row 'r["status"] == "error" and r["error_reason"]'
check "the service goes on" call_model after-errors
check "an origin's own error passes unchanged" \
  test "$(intercepted curl --silent -o /dev/null -w '%{http_code}' -H 'x-sim: status=429,id=f-429' -d '{"model":"gpt-sim","messages":[]}' "$url")" = 429
check "it is a row with its status and reason" eventually row 'r["http_status"] == 429 and r["error_reason"]'
call_model cut cut_after=3,events=9 >/dev/null 2>&1 || true
check "a stream that the origin cuts is an interrupted row" eventually row 'r["status"] == "interrupted"'
leave_early() { ! limit=2 call_model left stall=body; }
check "a client that leaves in the middle" leave_early
check "… is an interrupted row too" eventually row 'r["status"] == "interrupted" and r["response_id"] == "chatcmpl-left"'

# A client with a trust store of its own: it has the origin's CA but not ours. The service may not see the programs of
# others, so that it tells them apart by their ClientHello: this one's is not curl's, which trusts us.
distrusting() {
  as zgclient "$work/origin/origin-ca.pem" openssl s_client -connect api.anthropic.com:443 -servername api.anthropic.com \
    -CAfile "$work/origin/origin-ca.pem" -verify_return_error -brief </dev/null
}
rejects() { ! distrusting; }
ready_mentions() { api /readyz | grep "$1"; }
intercepted_again() { intercepted "$python" "$here/isolation_client.py" issuer api.anthropic.com ours; }
for attempt in first second third; do
  check "a client that does not trust our CA fails ($attempt attempt)" rejects
done
check "then its host is passed by: the same client gets through" eventually distrusting
check "/v1/usage names the host" holds 'any("api.anthropic.com" in str(h) for h in u["interception"]["bypassed_hosts"])'
check "/readyz names the host" ready_mentions api.anthropic.com
check "the log says it in plain words, once for the host" \
  test "$(grep -ciE 'does not trust.*api\.anthropic\.com|api\.anthropic\.com.*does not trust' "$work/service.log")" = 1
check "other hosts are intercepted as before" call_model beside-the-bypass
check "the bypass ends by itself" eventually intercepted_again
check "… and is no longer shown" eventually holds 'u["interception"]["bypassed_hosts"] == []'
summary
