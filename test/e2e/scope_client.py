"""Clients of a redirected cgroup. `crowd N`: N connections at once, made before stdin says anything; says how many the
interceptor has closed soon afterwards. `inside`: one to a server of its own, in a network namespace where only that is."""

import selectors
import socket
import sys
import time

if sys.argv[1] == "inside":
    listener = socket.create_server(("127.0.0.1", 443))
    client = socket.create_connection(("127.0.0.1", 443), 5)
    peer = listener.accept()[0]
    peer.sendall(b"from inside")
    print(client.recv(64).decode())
    sys.exit()

selector = selectors.DefaultSelector()
for _ in range(int(sys.argv[2])):
    selector.register(socket.create_connection(("127.0.0.2", 443), 5), selectors.EVENT_READ)
print("connected", flush=True)
sys.stdin.readline()
closed = 0
deadline = time.monotonic() + 3
while (left := deadline - time.monotonic()) > 0:
    for key, _ in selector.select(left):
        selector.unregister(key.fileobj)
        closed += 1
print("closed", closed)
