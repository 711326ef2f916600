#!/usr/bin/env bash
# Byte for byte: what the client gets through the interceptor is what the origin sent.
source "$(dirname "$0")/lib.sh"

begin bytes
start_usual_origin
start_usual_service

limit=100 run_both bytes "$python" "$here/bytes_client.py"
check "what the origin sent was complete, and cut only where it was asked to be" \
  test "$(grep -cE 'truncated|reset' "$work/bytes.direct")" = 1
check "every token of these exchanges is in the ledger, once" usage_agrees_with "$work/bytes.told"
metric_is() { api /metrics | grep -E "^$1 $2\$"; }
check "the tap gave up on two connections: one was no HTTP, one had too long a head" \
  eventually metric_is zerogravity_tap_detached_total 2
check "half a stream arrives although the other half never comes" intercepted "$python" "$here/at_once_client.py"
summary
