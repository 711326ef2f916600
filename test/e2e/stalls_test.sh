#!/usr/bin/env bash
# A peer that stalls in a phase is ended by that phase's limit. Each case sets one limit to a second and leaves the others
# at their defaults.
source "$(dirname "$0")/lib.sh"

begin stalls
start_usual_origin
in_ns nft -f - <<EOF
table ip black_hole {
  chain input {
    type filter hook input priority 0; policy accept;
    ip daddr 127.0.0.9 tcp dport 443 drop
  }
}
EOF
redirect_client

stall() { # LIMIT SENTENCE
  write_config <<EOF
[limits]
$1 = "1s"
EOF
  start_service
  check "$1: $2" intercepted "$python" "$here/stall_client.py" "$1"
  kill_service
}

stall client_hello "a client that never says hello, or half of it, is let go"
stall downstream_handshake "a client that stops in the handshake is let go"
stall upstream_connect "an origin that never accepts is a 504 in JSON"
stall upstream_handshake "an origin that never answers the handshake is a 504 in JSON"
stall request_idle "a connection without requests is closed"
stall request_stall "a request that stops half way is ended"
stall first_response_byte "an origin that never answers is a 504 in JSON"
stall stream_idle "a stream that stops is ended"
stall tunnel_idle "a spliced connection where nothing moves is ended"
stall half_close "where the client has ended and the origin does not, the connection is ended"

# The second client waits in the backlog; it is served as soon as the first has gone, and not before.
write_config <<EOF
[limits]
connections = 1
EOF
start_service
check "limits.connections: a client above the limit waits for one below it to go" \
  intercepted "$python" "$here/crowd_client.py"
kill_service
summary
