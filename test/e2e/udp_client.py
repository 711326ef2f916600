"""One datagram to port 443 of the origin's address, where nothing answers. `refused`: the kernel must say so at once,
as a rejected packet does; `unanswered`: the datagram must get as far as a socket that stays silent."""

import socket
import sys

expected = sys.argv[1]
address = ("127.0.0.2", 443)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5 if expected == "refused" else 0.3)
try:
    client.connect(address)
    client.send(b"quic")
    client.recv(1)
    outcome = "answered"
except (ConnectionRefusedError, PermissionError):
    outcome = "refused"
except TimeoutError:
    outcome = "unanswered"
print(outcome)
sys.exit(outcome != expected)
